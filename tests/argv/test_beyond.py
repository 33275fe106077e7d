"""Commands with options that our tables have not: guarded all the same.

Where the tool may be of another release than the tables, a line that they refuse is read once
more. What that finds mutates, and is not understood.
"""

from __future__ import annotations

import shlex

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from safeinstall.argv import Context, conda_options, parse, pip_options
from safeinstall.model import Command
from tests.argv.test_parse import EMPTY, understand
from tests.argv.test_pip_property import EXAMPLES

TABLES = {"pip": pip_options.VERSIONS[-1], "conda": conda_options.VERSION}
FUTURE = EMPTY.replace(versions={"pip": "99.1", "conda": "99.1", "conda-python": "3.13"})

# line, verb, packages
CHANGES = [
    ("pip install --brand-new -U numpy", "install", "numpy"),
    ("pip install --new=1 numpy", "install", "numpy"),
    ("pip install --new value numpy", "install", "value numpy"),
    ("pip install numpy --new value", "install", "numpy value"),
    ("pip install --new=numpy", "install", ""),
    ("pip install -UZ numpy", "install", "numpy"),
    ("pip install --user=yes numpy", "install", "numpy"),
    ("pip install --progress-bar new numpy", "install", "numpy"),
    ("pip install --retries never numpy", "install", "numpy"),
    ("pip install --use numpy", "install", "numpy"),
    ("pip --new install numpy", "install", "numpy"),
    ("pip --new value install numpy", "install", "numpy"),
    ("pip --new list install numpy", "install", "numpy"),
    ("pip -vZ value -q install numpy", "install", "numpy"),
    ("python -m pip --new value uninstall -y numpy", "uninstall", "numpy"),
    ("conda install --new numpy", "install", "numpy"),
    ("conda install numpy --new value scipy", "install", "numpy value scipy"),
    ("conda install --json=lines numpy", "install", "numpy"),
    ("conda install --n numpy", "install", "numpy"),
    ("conda install --experimental new numpy", "install", "numpy"),
    ("conda install --new", "install", ""),
    ("conda update --new=everything", "update", ""),
    ("conda remove --new", "remove", ""),
    ("conda create -n x --platform new-64 numpy", "create", "numpy"),
    ("conda --new install numpy", "install", "numpy"),
    ("conda --new value install numpy", "install", "numpy"),
    ("conda --new info install numpy", "install", "numpy"),
    ("conda --new value --json install numpy", "install", "numpy"),
    ("conda -vZ value upgrade numpy", "update", "numpy"),
    ("conda env --new value update --new2", "env update", "environment.yml"),
    ("conda pypi --new install numpy", "pypi install", "numpy"),
    ("mamba install --new numpy", "install", "numpy"),
    ("mamba --new value uninstall numpy", "remove", "numpy"),
    ("micromamba install --new value numpy", "install", "value numpy"),
    ("micromamba install --json=lines numpy", "install", "numpy"),
    ("micromamba --new value create -n x numpy", "create", "numpy"),
    ("micromamba --new info install numpy", "install", "numpy"),
    ("micromamba update --new", "update", ""),
    ("micromamba env --new remove -n x", "env remove", ""),
    ("uv pip install --new numpy", "pip install", "numpy"),
    ("uv pip install --upgrade=eager numpy", "pip install", "numpy"),
    ("uv pip install -qZ numpy", "pip install", "numpy"),
    ("uv pip install --new=numpy", "pip install", ""),
    ("uv --new value pip install numpy", "pip install", "numpy"),
    ("uv pip --new value uninstall numpy", "pip uninstall", "numpy"),
    ("uv pip sync --new requirements.txt", "pip sync", "requirements.txt"),
]


@pytest.mark.parametrize(("line", "verb", "names"), CHANGES)
@pytest.mark.parametrize("context", [EMPTY, FUTURE], ids=["unknown", "newer"])
def test_what_a_tool_of_another_release_may_change(
    line: str, verb: str, names: str, context: Context
) -> None:
    command = parse(shlex.split(line), context)
    assert (command.mutates, command.understood, command.verb) == (True, False, verb)
    assert [spec.raw for spec in command.specs] == names.split()


@pytest.mark.parametrize("line", [line for line, _, _ in CHANGES if line[:3] in ("pip", "con")])
def test_what_the_release_of_the_tables_refuses(line: str) -> None:
    command = understand(line, versions=TABLES)
    assert (command.mutates, command.understood) == (False, False)


@pytest.mark.parametrize("version", ["20.3.4", "26.3.1", "26.4.dev0", "27.0", "100", "unheard-of"])
def test_releases_that_are_not_in_the_table_of_pip(version: str) -> None:
    assert understand("pip install --new x", versions={"pip": version}).mutates


@pytest.mark.parametrize("version", ["21.3.1", "22.0", "24.1.1", "25.3", "26.3"])
def test_releases_that_are(version: str) -> None:
    assert not understand("pip install --new x", versions={"pip": version}).mutates


@pytest.mark.parametrize("version", ["4.5.12", "23.1.0", "99.1"])
def test_any_other_conda_may_take_what_ours_refuses(version: str) -> None:
    assert understand("conda install --mkdir x", versions={"conda": version}).mutates


@pytest.mark.parametrize(
    "line",
    [
        "pip --new list",
        "pip --new",
        "pip install --new --dry-run x",
        "pip install --new --help",
        "pip install --new --python /v x",
        "pip instal --new x",
        "conda install --new -n a -p /b x",
        "conda install --new -d x",
        "conda create --new x",
        "conda new-command --new install x",
        "conda run -n x --new python train.py pip install y",
        "micromamba --new list",
        "micromamba instal --new x",
        "micromamba install --new --dry-run x",
        "micromamba run -n x --new python train.py",
        "uv --new run pip install x",
        "uv --new sync",
        "uv pip install --new --dry-run x",
        "uv pip install --new --user x",
    ],
)
def test_what_no_release_would_change(line: str) -> None:
    assert not understand(line).mutates


@pytest.mark.parametrize(
    "line",
    [
        "conda run --new -n e pip install x",
        "conda run --new value -n e pip install x",
        "conda run -n e --new python -m pip install x",
        "conda run -n e pip install --new2 x",
        "mamba run --new value -n e pip install x",
        "micromamba run --new value -n e pip install x",
        "micromamba run -n e --new uv pip install x",
    ],
)
def test_what_run_runs(line: str) -> None:
    command = understand(line)
    assert (command.mutates, command.understood) == (True, False)
    assert command.target.name == "e"
    assert command.inner is not None
    assert [spec.raw for spec in command.inner.specs] == ["x"]


def test_targets_are_kept() -> None:
    assert understand("conda install --new -n e x").target.name == "e"
    assert understand("conda install -yZ -p /e x").target.prefix == "/e"
    assert understand("pip install --new --target /e x").target.directory == "/e"
    assert understand("micromamba install --new -p /e x").target.prefix == "/e"
    assert understand("uv pip install --new v -p /e x").target.python == "/e"


def test_a_setting_that_is_not_understood_hides_nothing() -> None:
    command = understand("pip install x", environ={"PIP_USER": "perhaps"})
    assert (command.mutates, command.understood) == (True, False)
    known = understand("pip install x", environ={"PIP_USER": "perhaps"}, versions=TABLES)
    assert (known.mutates, known.understood) == (False, False)


def test_runs_inside_runs_are_read_once() -> None:
    for run in ("conda run -v=v", "conda run --new", "mamba run --new", "mamba run --dev --new"):
        command = parse([*run.split() * 60, "pip", "list"], EMPTY)
        assert not command.mutates


# ---- any line that changes something, with options that nobody knows -----------------------------

ONE_DASH = ("-Z", "-Zx")
NEW = st.sampled_from(
    [
        *([name] for name in ("--brand-new", "--brand-new=x", "--zzz=", *ONE_DASH)),
        *(["--brand-new", value] for value in ("x", "list", "info", "3", "", "a b", "./d")),
    ]
)
NAMES = st.sampled_from(["numpy", "scipy>=1", "a/b.whl", "x.tar.bz2"])
PARTS = {
    "pip install": ["-U", "-r f", "--target /t", "-e .", "--no-deps", "--log l", "-qq"],
    "pip uninstall": ["-y", "-r f", "-q"],
    "python -Im pip install": ["-U", "--user", "-c f"],
    "conda install": ["-n e", "-c c", "-yq", "--json", "--file f", "--no-deps", "-p/e"],
    "conda remove": ["-n e", "-y", "--force"],
    "conda upgrade": ["--all", "-n e", "-c c"],
    "conda create": ["-n e", "-c c", "--clone b"],
    "conda env create": ["-n e", "-f f"],
    "conda env update": ["-n e", "-f f", "--prune"],
    "conda rename": ["-n e", "-y"],
    "conda run": ["-n e", "--cwd /c", "-v"],
    "mamba install": ["-n e", "-c c", "--json"],
    "micromamba install": ["-n e", "-c c", "-y", "-r /r"],
    "micromamba create": ["-n e", "--platform p"],
    "micromamba uninstall": ["-n e", "-a"],
    "micromamba run": ["-n e", "--cwd /c"],
    "uv pip install": ["-U", "-r f", "-p 3.12", "-e ."],
    "uv pip uninstall": ["-r f", "-y"],
    "uv pip sync": ["-p 3.12"],
}
BEFORE = {
    "pip": ["-v", "--log l", "--python /v"],
    "python": ["-v", "--proxy p"],
    "conda": ["-v", "--json", "--no-plugins"],
    "mamba": ["-v", "-n e"],
    "micromamba": ["-v", "-r /r"],
    "uv": ["-q", "--directory d"],
}


@st.composite
def stretched(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """A line, and the same one with unknown options wherever an option may stand."""
    begin = draw(st.sampled_from(sorted(PARTS)))
    words = begin.split()
    launcher = 3 if words[0] == "python" else 1
    before = draw(st.lists(st.sampled_from(BEFORE[words[0]]), max_size=2))
    options = st.sampled_from(PARTS[begin])
    packages = words[-1] != "run" and "env" not in words
    after = draw(st.lists(st.one_of(options, NAMES) if packages else options, max_size=4))
    parts = [part.split() for part in (*before, *words[launcher:], *after)]
    calls = st.sampled_from([["pip", "install", "numpy"], ["python", "-m", "pip", "install", "x"]])
    call = draw(calls) if words[-1] == "run" else []
    plain = [*words[:launcher], *flat(parts), *call]
    for _ in range(draw(st.integers(1, 3))):
        parts.insert(draw(st.integers(0, len(parts))), draw(NEW))
    return plain, [*words[:launcher], *flat(parts), *call]


def flat(parts: list[list[str]]) -> list[str]:
    return [word for part in parts for word in part]


def asked(command: Command) -> set[str]:
    return {spec.raw for spec in (command.inner or command).specs}


@pytest.mark.slow
@settings(max_examples=EXAMPLES * 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=stretched())
@example(lines=(["pip", "install", "x"], ["pip", "--brand-new", "list", "install", "x"]))
def test_unknown_options_hide_nothing(lines: tuple[list[str], list[str]]) -> None:
    plain, new = lines
    before, after = parse(plain, FUTURE), parse(new, FUTURE)
    assume(before.mutates and before.understood)
    assert after.mutates
    assert not after.understood
    assert after.verb == before.verb
    assert after.target == before.target
    assert asked(before) <= asked(after)
    assert set(before.files) <= set(after.files)
    assert (after.inner is None) == (before.inner is None)
    look_behind_the_verb(after.inner or after)


def look_behind_the_verb(command: Command) -> None:
    """Where a rail puts its words, they are read as options of the verb's."""
    if command.tool not in ("pip", "uv"):
        return
    at = command.verb_at
    assert command.words[at - 1] == command.verb.split()[-1]
    railed = parse([*command.words[:at], "-c", "rail.txt", *command.words[at:]], FUTURE)
    assert command.verb.endswith("uninstall") or "rail.txt" in railed.files
    assert asked(railed) >= asked(command)


LETTERS = st.text(alphabet="-=nUZxrh", max_size=4)
ANY = st.sampled_from(
    [
        *("pip", "conda", "mamba", "micromamba", "uv", "python", "-m", "run", "env", "install"),
        *("update", "uninstall", "create", "remove", "pypi", "self", "list", "pip", "--new", "-Z"),
        *("--new=", "-n", "e", "-p", "/e", "x", "--json", "--", "-", "--dry-run", "--help", "-r"),
        *("f", "--clone", "--revision", "1", "-c", "++", "--all", "--file"),
    ]
)


@pytest.mark.slow
@settings(max_examples=EXAMPLES * 5, deadline=None)
@given(
    tool=st.sampled_from(["pip", "conda", "mamba", "micromamba", "uv"]),
    words=st.lists(st.one_of(ANY, ANY, LETTERS), max_size=8),
)
def test_whatever_is_typed_there_is_an_answer(tool: str, words: list[str]) -> None:
    """And what the tables accept is read as before, whichever release it is."""
    line = [tool, *words]
    versions = {**TABLES, "conda-python": "3.13", "mamba": "2.8"}
    exact, beyond = (
        parse(line, EMPTY.replace(versions={**versions, **changes}))
        for changes in ({}, FUTURE.versions)
    )
    assert exact.words == beyond.words == tuple(line)
    if exact.understood or exact.mutates:
        assert exact == beyond
    parse(line, EMPTY)
