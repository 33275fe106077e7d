"""SI302 to SI305: channels, indexes, denied packages, sources that move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from safeinstall.errors import PolicyError
from safeinstall.model import Channels, Sources
from safeinstall.policy import layer
from safeinstall.rules import channel, denied_package, index, moving_source
from safeinstall.specs import addresses
from tests.rules.facts import facts_of

# ---- SI302 channel -----------------------------------------------------------------------------


def channels(*names: str, **more: Any) -> Channels:
    return Channels(names=names, groups=(("defaults", addresses.DEFAULTS),), **more)


@pytest.mark.parametrize(
    ("line", "found", "level"),
    [
        ("conda install six", channels("conda-forge"), None),
        ("conda install six", channels("conda-forge", priority="disabled"), None),
        ("conda install six", channels("conda-forge", "defaults"), "block"),
        ("conda install six", channels("conda-forge", "defaults", priority="strict"), "warn"),
        ("conda install six", channels("pkgs/main", "conda-forge"), "block"),
        ("conda install conda-forge::six", channels("defaults"), "block"),
        ("conda install six", channels("conda-forge", "bioconda"), "warn"),
        ("conda install six", channels("conda-forge", "bioconda", priority="strict"), None),
        ("conda install six", channels("defaults"), None),  # main and r are one for us
        ("conda remove six", channels("conda-forge", "defaults"), None),
        ("conda install https://example.org/c/noarch/six-1-0.conda", channels("a", "b"), None),
        ("pip install six", channels("conda-forge", "defaults"), None),
    ],
)
def test_channels_that_do_not_fit(line: str, found: Channels, level: str | None) -> None:
    finding = channel.look(facts_of(line, channels=found))
    assert (finding and finding.level) == level


@pytest.mark.parametrize(
    ("line", "found", "strange"),
    [
        ("conda install six", channels("conda-forge"), ""),
        ("conda install six", channels("https://conda.anaconda.org/conda-forge/"), ""),
        ("conda install six", channels("https://conda.anaconda.org/t/tk-1/conda-forge"), ""),
        ("conda install six", channels("conda-forge", alias="https://mirror.example/c"), ""),
        ("conda install six", channels("https://mirror.example/c/conda-forge"), "mirror.example"),
        ("conda install six", channels("conda-forge", "bioconda"), "bioconda"),
        ("conda install six", channels("conda-forge/label/dev"), "conda-forge/label/dev"),
        ("conda install bioconda::six", channels("conda-forge"), "bioconda"),
        ("conda install https://evil.example/c/noarch/six-1-0.conda", channels(), "evil.example"),
        ("mamba create -n x six", channels("defaults"), "defaults"),
    ],
)
def test_channels_that_are_not_allowed(line: str, found: Channels, strange: str) -> None:
    sources = Sources(channels=("conda-forge",))
    finding = channel.look(facts_of(line, channels=found, sources=sources))
    assert bool(finding) == bool(strange)
    if finding:
        assert finding.level == "block"
        assert strange in finding.message


def test_defaults_that_stand_for_a_mirror() -> None:
    groups = (("defaults", ("https://conda.anaconda.org/conda-forge",)),)
    mirror = Channels(names=("defaults",), groups=groups)
    sources = Sources(channels=("conda-forge",))
    assert channel.look(facts_of("conda install six", channels=mirror, sources=sources)) is None


def test_the_fix_holds_the_command_to_what_is_allowed() -> None:
    sources = Sources(channels=("conda-forge",))
    finding = channel.look(
        facts_of("conda install six", channels=channels("evil"), sources=sources)
    )
    assert finding is not None
    assert finding.fixes == ("conda install six --override-channels -c conda-forge",)


RC = "/home/ann/.condarc"
FILE = {"e.yml": "name: x\nchannels: [defaults, conda-forge]\ndependencies: [six]\n"}


@pytest.mark.parametrize(
    ("line", "configured", "origins", "places", "fixes"),
    [
        (
            "conda install six",
            ("conda-forge", "defaults"),
            (("conda-forge", RC), ("defaults", RC), ("defaults", "/etc/conda/.condarc")),
            [f"defaults  from {RC}", "defaults  from /etc/conda/.condarc"],
            [
                "conda install six --override-channels -c conda-forge",
                f"conda config --file {RC} --remove channels defaults",
                "conda config --file /etc/conda/.condarc --remove channels defaults",
            ],
        ),
        (
            "conda install -c defaults six",
            ("conda-forge",),
            (("conda-forge", RC),),
            ["defaults  from the command"],
            ["conda install six --override-channels -c conda-forge"],
        ),
        (
            "conda install --channel=https://repo.anaconda.com/pkgs/main -c conda-forge six",
            (),
            (),
            ["https://repo.anaconda.com/pkgs/main  from the command"],
            ["conda install -c conda-forge six --override-channels"],
        ),
        (
            "conda install -c conda-forge six",
            ("https://repo.anaconda.com/pkgs/main/",),
            (("https://repo.anaconda.com/pkgs/main/", RC),),
            [f"https://repo.anaconda.com/pkgs/main/  from {RC}"],
            [
                "conda install -c conda-forge six --override-channels",
                f"conda config --file {RC} --remove channels https://repo.anaconda.com/pkgs/main/",
            ],
        ),
        (
            "conda install -c conda-forge six",
            ("defaults",),
            (),
            ["defaults  from conda itself"],
            ["conda install -c conda-forge six --override-channels"],
        ),
        (
            "conda install six",
            ("defaults", "conda-forge"),
            (("defaults", "CONDA_CHANNELS"), ("conda-forge", RC)),
            ["defaults  from CONDA_CHANNELS"],
            ["conda install six --override-channels -c conda-forge", "unset CONDA_CHANNELS"],
        ),
        ("conda install defaults::six", ("conda-forge",), (), ["defaults  from the spec"], []),
        ("conda env create -f e.yml", (), (), ["defaults  from e.yml"], []),
    ],
)
def test_where_defaults_come_from_and_what_takes_them_out(
    line: str,
    configured: tuple[str, ...],
    origins: tuple[tuple[str, str], ...],
    places: list[str],
    fixes: list[str],
) -> None:
    met = facts_of(line, files=FILE)
    found = channels(*dict.fromkeys((*met.command.channels, *configured)), origins=origins)
    finding = channel.look(met.replace(channels=found))
    assert finding is not None
    assert list(finding.evidence[2:]) == places
    assert list(finding.fixes) == fixes


@pytest.mark.parametrize(
    ("line", "configured", "denied", "fixes"),
    [
        ("conda install six", ("conda-forge",), "", []),
        (
            "conda install six",
            ("defaults", "bioconda"),
            "defaults",
            ["{} --override-channels -c bioconda"],
        ),
        ("conda install -c evil six", ("conda-forge",), "evil", ["conda install six"]),
        ("conda install -c evil six", ("defaults",), "evil, defaults", []),
        ("conda install -c bioconda six", ("defaults",), "defaults", ["{} --override-channels"]),
        ("conda install six", ("https://me.example/evil-2/linux-64",), "evil-2", []),
        ("conda install evil::six", ("conda-forge",), "evil", []),
        ("conda env create -n x -f e.yml", (), "defaults", []),
    ],
)
def test_channels_that_are_denied(
    line: str, configured: tuple[str, ...], denied: str, fixes: list[str]
) -> None:
    sources = Sources(deny_channels=("defaults", "evil", "https://me.example/evil-*"))
    met = facts_of(line, files=FILE, sources=sources)
    found = channels(*dict.fromkeys((*met.command.channels, *configured)), priority="strict")
    finding = channel.look(met.replace(channels=found))
    assert bool(finding) == bool(denied)
    if finding:
        assert finding.level == "block"
        assert denied in finding.message
        assert list(finding.fixes) == [fix.format(line) for fix in fixes]


SPELLINGS = (
    "evil/label/main",
    "EVIL",
    "http://conda.anaconda.org/evil",
    "https://CONDA.anaconda.org/evil",
    "https://conda.anaconda.org:443/evil",
    "https://anaconda.org/evil",
    "conda-forge/../evil",
    "https://conda.anaconda.org/x/%2E%2e/evil/linux-64",
)


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_denied_channel_in_any_spelling(name: str) -> None:
    sources = Sources(deny_channels=("evil",))
    facts = facts_of(f"conda install -c {name} six", channels=channels(name), sources=sources)
    found = channel.look(facts)
    assert found is not None, name


def test_an_allowed_address_is_a_place_and_a_name_is_what_conda_takes_it_for() -> None:
    place = Sources(channels=("https://conda.anaconda.org/conda-forge",))
    name = Sources(channels=("conda-forge",))
    for used, by_place in (
        (channels("conda-forge"), True),
        (channels("conda-forge", alias="https://evil.example"), False),
        (channels("conda-forge", custom=(("conda-forge", "https://evil.example/x"),)), False),
    ):
        met = facts_of("conda install six", channels=used)
        assert (channel.look(met.replace(sources=place)) is None) == by_place
        assert channel.look(met.replace(sources=name)) is None


@pytest.mark.parametrize(
    ("priority", "asked", "blocks"),
    [
        ("flexible", "strict", True),
        ("disabled", "flexible", True),
        ("strict", "strict", False),
        ("strict", "flexible", False),
        ("flexible", "flexible", False),
    ],
)
def test_a_channel_priority_that_is_too_loose(priority: str, asked: str, *, blocks: bool) -> None:
    sources = Sources(channel_priority=asked)
    used = channels("conda-forge", "bioconda", priority=priority)
    finding = channel.look(facts_of("conda install six", channels=used, sources=sources))
    assert bool(finding and finding.level == "block") == blocks
    if blocks and finding:
        assert finding.fixes == (f"conda config --set channel_priority {asked}",)


# ---- SI303 index -------------------------------------------------------------------------------

ACME = Sources(indexes=("https://pypi.acme.example/simple/",))


@pytest.mark.parametrize(
    ("line", "strange"),
    [
        ("pip install six", "https://pypi.org/simple"),
        ("pip install -i https://PYPI.acme.example/simple six", ""),
        ("pip install -i https://me:secret@pypi.acme.example/simple/ six", ""),
        (
            "pip install --extra-index-url https://pypi.acme.example/simple six",
            "https://pypi.org/simple",
        ),
        ("pip install -i https://evil.example/simple six", "https://evil.example/simple"),
        ("pip install --no-index six", ""),
        ("pip install -i https://pypi.acme.example/simple/../evil six", "acme.example/evil"),
        ("pip install -i https://pypi.acme.example/simple/%2e%2E/evil six", "acme.example/evil"),
        ("pip install -i https://pypi.acme.example/evil.zip six", "evil.zip"),
        ("pip install ./six-1.0-py3-none-any.whl", ""),
        ("pip install -e ./project", "https://pypi.org/simple"),
        ("pip install .", "https://pypi.org/simple"),
        ("uv pip install -e .", "https://pypi.org/simple"),
        ("pip install -i https://pypi.acme.example/simple -e .", ""),
        ("pip install --no-index --no-build-isolation -e .", ""),
        ("pip install https://evil.example/six-1.0-py3-none-any.whl", "evil.example"),
        ("pip install https://pypi.acme.example/files/six-1.0-py3-none-any.whl", ""),
        ("uv pip install --default-index https://evil.example/simple six", "evil.example"),
        ("uv pip install --index https://pypi.acme.example/simple six", "https://pypi.org/simple"),
        ("uv pip install --default-index https://pypi.acme.example/simple six", ""),
        ("pip uninstall -y six", ""),
        ("conda install six", ""),
    ],
)
def test_indexes(line: str, strange: str) -> None:
    finding = index.look(facts_of(line, sources=ACME))
    assert bool(finding) == bool(strange)
    if finding:
        assert strange in finding.message
        assert "secret" not in str(finding)


def test_no_index_rule_without_a_list() -> None:
    assert index.look(facts_of("pip install -i https://evil.example/simple six")) is None


def test_the_index_of_a_requirements_file() -> None:
    files = {"r.txt": "-i https://pypi.acme.example/simple\nsix\n"}
    met = facts_of("pip install -r r.txt", files=files, sources=ACME)
    assert index.look(met) is None
    held = {"c.txt": "-i https://evil.example/simple\n", "n.txt": "-c c.txt\n"}
    for line in ("-i https://pypi.acme.example/simple -c c.txt six", "-r n.txt six"):
        for tool in ("pip", "uv pip"):
            met = facts_of(f"{tool} install {line}", files=held, sources=ACME)
            finding = index.look(met)
            if tool == "pip" or "-r" in line:
                assert finding is not None
                assert "evil.example" in finding.message
            else:
                assert finding is None  # uv asks the first one in place of PyPI, and no other
    met = facts_of("pip install -i https://evil.example/simple -r r.txt", files=files, sources=ACME)
    assert index.look(met) is None  # the file's replaces it
    met = facts_of("pip install six", sources=ACME)
    finding = index.look(met)
    assert finding is not None
    fix = "python -m pip install --index-url https://pypi.acme.example/simple six"
    assert finding.fixes[0].endswith(fix)


# ---- SI304 denied-package ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "deny", "denied"),
    [
        ("pip install tensorflow==2.8", "tensorflow<2.9", True),
        ("pip install tensorflow==2.8.*", "tensorflow<2.9", True),
        ("pip install tensorflow<2.9", "tensorflow<2.9", True),
        ("pip install tensorflow<=2.9", "tensorflow<2.9", False),
        ("pip install tensorflow", "tensorflow<2.9", False),
        ("pip install tensorflow>=2", "tensorflow<2.9", False),
        ("pip install tensorflow==2.9", "tensorflow<2.9", False),
        ("pip install tensorflow", "tensorflow>=2.9", True),
        ("pip install tensorflow", "tensorflow", True),
        ("pip install TensorFlow==2.8", "tensorflow<2.9", True),
        ("pip install ruamel.yaml", "ruamel_yaml", True),
        ("pip install six", "tensorflow", False),
        ("pip install ./tensorflow-2.8-cp311-cp311-linux_x86_64.whl", "tensorflow<2.9", True),
        ("conda install tensorflow=2.8", "tensorflow<2.9", True),
        ("conda install tensorflow=2.8.0=py311_0", "tensorflow<2.9", True),
        ("conda install tensorflow=2", "tensorflow<2.9", False),
        ("conda install tensorflow", "tensorflow<2.9", False),
        ("conda install tensorflow>=2.1,<2.5", "tensorflow<2.9", True),
        ("conda install tensorflow=2.8|2.7", "tensorflow<2.9", True),
        ("conda install tensorflow=2.8|2.10", "tensorflow<2.9", True),  # either may be taken
        ("conda install tensorflow=2.9|2.10", "tensorflow<2.9", False),
        ("conda install tensorflow=2.7,<2.9", "tensorflow<2.9", True),
        ("conda install tensorflow[version='2.8|2.7']", "tensorflow<2.9", True),
        ("conda install tensorflow=2.10[version='2.8']", "tensorflow<2.9", True),  # as conda does
        ("conda install tensorflow=*", "tensorflow<2.9", False),  # as without a version
        ("conda install tensorflow=*", "tensorflow>=2.9", True),
        ("conda install tensorflow=2.*.1", "tensorflow<2.9", True),
        ("conda install tensorflow=2.*.1", "six<2", False),
        ("pip install tensorflow=2.8", "tensorflow<2.9", False),  # no requirement: pip says so
        ("conda remove tensorflow", "tensorflow", False),
        ("pip uninstall -y tensorflow", "tensorflow", False),
    ],
)
def test_denied(line: str, deny: str, denied: bool) -> None:
    finding = denied_package.look(facts_of(line, sources=Sources(deny=(deny,))))
    assert bool(finding) == denied


@pytest.mark.parametrize("entry", ["tensorflow<<2", "<2", "six==", "a b"])
def test_an_entry_that_is_no_requirement(tmp_path: Path, entry: str) -> None:
    """Said when the policy is read, with its place, whatever is asked for."""
    place = tmp_path / "safeinstall.toml"
    place.write_text(f'schema = 1\n[packages]\ndeny = ["six<1.2",\n  "{entry}"]\n')
    with pytest.raises(PolicyError, match=f":4:3: deny: '{entry}' is no requirement"):
        layer.read(str(place))


releases = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(
    lambda parts: ".".join(map(str, parts))
)
clauses = st.tuples(st.sampled_from(["==", ">=", "<=", ">", "<", "!="]), releases).map("".join)
PLAIN = [f"{a}.{b}.{c}" for a in range(5) for b in range(5) for c in range(5)]
# with what may come between two of them: below 0.0.3 the newest need not be 0.0.2
ALL = [Version(release + more) for release in PLAIN for more in ("", ".999999")]


@given(clauses, st.lists(clauses, max_size=2).map(",".join))
@example("==0.0.2", "<0.0.3")
def test_the_newest_that_is_admitted_decides(deny: str, wanted: str) -> None:
    admitted = [version for version in ALL if version in SpecifierSet(wanted)]
    met = facts_of(f"pip install x{wanted}", sources=Sources(deny=(f"x{deny}",)))
    finding = denied_package.look(met)
    if admitted and not any(c in deny + wanted for c in "!"):
        assert bool(finding) == (max(admitted) in SpecifierSet(deny))


def test_what_cannot_be_read_on_a_denied_name() -> None:
    sources = Sources(deny=("tensorflow<2.9", "six<1"))
    met = facts_of("conda install six=1.16 tensorflow=2.*.1", sources=sources)
    finding = denied_package.look(met)
    assert finding is not None
    assert "cannot be told" in finding.message
    assert finding.evidence == ("tensorflow=2.*.1  may be denied by 'tensorflow<2.9'",)
    met = facts_of("conda install six=0.9 tensorflow=2.*.1", sources=sources)
    finding = denied_package.look(met)
    assert finding is not None
    assert finding.message.startswith("The policy denies six=0.9. ")
    met = facts_of("conda install six=1.*.1", sources=Sources(deny=("six",)))
    finding = denied_package.look(met)
    assert finding is not None
    assert finding.message == "The policy denies six=1.*.1."


# ---- SI305 moving-source -----------------------------------------------------------------------

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("line", "moving"),
    [
        ("pip install git+https://example.org/a/b.git", True),
        ("pip install git+https://example.org/a/b.git@main", True),
        ("pip install git+https://example.org/a/b.git@v1.0#egg=b", True),
        (f"pip install git+https://example.org/a/b.git@{COMMIT}", False),
        (f"pip install git+https://example.org/a/b.git@{COMMIT[:8]}#egg=b", False),
        ("pip install git+ssh://git@example.org/a/b.git", True),
        (f"pip install git+ssh://git@example.org/a/b.git@{COMMIT}", False),
        ("pip install svn+https://example.org/a@1234", False),
        ("pip install -e .", False),
        ("pip install -e .[dev] --no-deps", False),
        ("pip install ./packages/core", False),
        ("pip install -e ../other", True),
        ("pip install -e packages/../../other", True),
        ("pip install /srv/share/project", True),
        ("pip install file:///srv/share/project", True),
        ("pip install -e git+https://example.org/a/b.git@main#egg=b", True),
        (f"pip install -e git+https://example.org/a/b.git@{COMMIT}#egg=b", False),
        ("pip install ./dist/x-1.0-py3-none-any.whl", True),
        ("pip install https://example.org/x-1.0-py3-none-any.whl", False),
        ("pip install six", False),
        ("conda install ./x-1.0-0.conda", True),
        ("conda install six", False),
        ("pip uninstall -y x", False),
    ],
)
def test_moving(line: str, moving: bool) -> None:
    finding = moving_source.look(facts_of(line))
    assert bool(finding) == moving
    assert finding is None or finding.level == "block"


def test_how_to_find_the_commit() -> None:
    finding = moving_source.look(facts_of("pip install git+https://example.org/a/b.git@main"))
    assert finding is not None
    assert finding.fixes == ("git ls-remote https://example.org/a/b.git main  # the commit",)
    assert "@<commit>" in finding.message
