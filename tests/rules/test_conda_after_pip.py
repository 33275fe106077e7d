"""SI201: what is harm and what is not, plan by plan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.model import (
    Command,
    Environment,
    Facts,
    Finding,
    Inventory,
    Package,
    Plan,
    PlannedPackage,
    Resident,
    Spec,
)
from safeinstall.probe.conda_requirements import by_depends
from safeinstall.rules import conda_after_pip, registry
from safeinstall.rules.shared.plan_harm import brings

SITE = "lib/python3.11/site-packages"
INSTALL = Command(("conda", "install", "x"), "conda", verb="install", mutates=True)


def facts(command: Command = INSTALL, owner: str = "pip") -> Facts:
    packages = (
        Package("python", "3.11.7", "conda"),
        Package("torch", "2.1.2", owner),
    )
    environment = Environment("/e/nlp", "conda", name="nlp", python="3.11")
    return Facts(command, "/conda", environment, Inventory(packages))


def dist(name: str, version: str, **code: str) -> dict[str, str]:
    """The files of a distribution, with their sums."""
    info = f"{SITE}/{name}-{version}.dist-info"
    module = {f"{SITE}/{name}/{path}.py": digest for path, digest in code.items()}
    return {f"{info}/METADATA": "meta", f"{info}/RECORD": f"of {id(code)}", **module}


def resident(name: str, version: str, requires: tuple[str, ...] = (), **code: str) -> Resident:
    files = dist(name, version, **code)
    return Resident(name, version, "pip", requires, tuple(files), tuple(files.values()))


def conda(name: str, version: str, files: dict[str, str] | None = None) -> PlannedPackage:
    if files is None:
        return PlannedPackage(name, version)
    return PlannedPackage(name, version, "0", "c", tuple(files), tuple(files.values()))


def judged(
    others: list[Resident],
    link: tuple[PlannedPackage, ...] = (),
    unlink: tuple[PlannedPackage, ...] = (),
    met: Facts | None = None,
) -> Finding | None:
    plan = Plan(link, unlink, tuple(others))
    return next(registry.look_at_plan(met or facts(), plan), None)


def rows(finding: Finding | None) -> list[str]:
    assert finding is not None
    assert finding.level == "block"
    return [" | ".join(filter(None, map(str.strip, r.split("  ")))) for r in finding.evidence[1:]]


TORCH = resident("torch", "2.1.2", ("typing-extensions>=4.10", "numpy"), core="a")


def moving(other: Resident, name: str, old: str, new: str | None) -> Finding | None:
    """conda replaces a package of its own, or takes it away."""
    link = (conda(name, new, dist(name, new, m="2")),) if new else ()
    return judged([other], link, (conda(name, old, dist(name, old, m="1")),))


def test_nothing_to_do_is_no_finding() -> None:
    assert judged([TORCH]) is None


def test_what_touches_nothing_is_told_in_one_line() -> None:
    finding = judged([TORCH], (conda("joblib", "1.3", dist("joblib", "1.3", m="1")),))
    assert finding is not None
    assert (finding.level, finding.evidence) == ("warn", ())
    assert "\n" not in finding.message


def test_it_is_told_once_but_what_cannot_be_read_each_time() -> None:
    link = (conda("joblib", "1.3", dist("joblib", "1.3", m="1")),)
    for told in ((), ("SI205",), ("SI201",)):
        met = facts().replace(told=frozenset(told))
        finding = judged([TORCH], link, met=met)
        assert finding is not None
        assert finding.again == ("SI201" in told)
        finding = judged([TORCH, BLIND], link, met=met)
        assert finding is not None
        assert not finding.again


def test_a_requirement_that_is_no_longer_met() -> None:
    finding = moving(TORCH, "typing_extensions", "4.12.2", "4.5.0")
    (row,) = rows(finding)
    columns = ["typing-extensions", "conda 4.12.2", "replace it by 4.5.0"]
    assert row.split(" | ") == [*columns, "torch needs typing-extensions>=4.10"]
    assert finding is not None
    assert finding.packages == ("typing-extensions",)


def test_a_requirement_that_stays_met() -> None:
    finding = moving(TORCH, "typing_extensions", "4.12.2", "4.11.0")
    assert finding is not None
    assert finding.level == "warn"


def test_a_requirement_that_was_not_met_before() -> None:
    finding = moving(TORCH, "typing_extensions", "4.5.0", "4.6.0")
    assert finding is not None
    assert finding.level == "warn"


def test_a_requirement_that_is_taken_away() -> None:
    assert rows(moving(TORCH, "numpy", "1.26.4", None)) == [
        "numpy | conda 1.26.4 | remove it | torch needs numpy"
    ]


@pytest.mark.parametrize(
    ("requirement", "level"),
    [
        ("numpy<2 ; python_version >= '3.11'", "block"),
        ("numpy<2 ; python_version < '3.11'", "warn"),
        ("numpy<2 ; python_full_version >= '3.11.7'", "block"),
        ("numpy<2 ; python_full_version >= '3.11.8'", "warn"),
        ("numpy<2 ; extra == 'all'", "warn"),
        ("numpy<2 ; sys_platform == 'win32'", "warn"),
        ("NumPy[test] (<2)", "block"),
        ("numpy @ https://example.org/numpy.whl", "warn"),
        ("no requirement at all !", "warn"),
    ],
)
def test_markers_are_those_of_the_environment(requirement: str, level: str) -> None:
    other = resident("own", "1", (requirement,))
    finding = moving(other, "numpy", "1.26.4", "2.0.2")
    assert finding is not None
    assert finding.level == level


USES = resident("uses", "1", ("filelock>=3 ; extra == 'x-y'", "uses[x_y] ; extra == 'all'"))


@pytest.mark.parametrize(
    ("requirement", "harm"),
    [
        ("uses[x.y]", True),
        ("uses[all]>=1", True),
        ("Uses[all] ; python_version >= '3.8'", True),
        ("uses", False),
        ("uses[other]", False),
        ("uses[all] ; python_version < '3.8'", False),
        ("uses[all] ; extra == 'more'", False),
    ],
)
def test_extras_count_where_others_ask_for_them(requirement: str, harm: bool) -> None:
    top = resident("top", "1", (requirement,))
    gone = conda("filelock", "3.13.1", dist("filelock", "3.13.1", m="1"))
    finding = judged([top, USES], (), (gone,))
    assert finding is not None
    assert finding.level == ("block" if harm else "warn")
    if harm:
        assert rows(finding) == ["filelock | conda 3.13.1 | remove it | uses needs filelock>=3"]


def test_python_moves() -> None:
    finding = judged([TORCH], (conda("python", "3.12.1"),), (conda("python", "3.11.7"),))
    assert rows(finding) == ["python | conda 3.11.7 | move to 3.12.1 | torch stays behind"]
    patch = judged([TORCH], (conda("python", "3.11.8", {}),), (conda("python", "3.11.7", {}),))
    assert patch is not None
    assert patch.level == "warn"
    assert rows(judged([TORCH], (), (conda("python", "3.11.7", {}),)))


def test_files_are_written_over_whatever_the_package_is_called() -> None:
    pytorch = conda("pytorch", "2.0.1", dist("torch", "2.0.1", core="b"))
    assert rows(judged([TORCH], (pytorch,))) == [
        "torch | pip 2.1.2 | put pytorch 2.0.1 over it | torch"
    ]
    stray = conda("other", "1", {f"{SITE}/torch/core.py": "b"})
    assert rows(judged([TORCH], (stray,))) == [
        "torch | pip 2.1.2 | write other 1 over its torch/core.py | torch"
    ]


def test_who_needs_what_is_written_over_is_hurt_too() -> None:
    typing = resident("typing-extensions", "4.12.2")
    link = (conda("typing_extensions", "4.5.0", dist("typing_extensions", "4.5.0")),)
    (row,) = rows(judged([TORCH, typing], link))
    assert row.endswith("typing-extensions, torch needs typing-extensions>=4.10")


def test_the_same_content_is_no_harm() -> None:
    shared = conda("namespace", "1", {f"{SITE}/torch/core.py": "a"})
    again = conda("torch", "2.1.2", dist("torch", "2.1.2", core="a"))
    for package in (shared, again):
        finding = judged([TORCH], (package,))
        assert finding is not None
        assert finding.level == "warn", package


def test_the_same_version_as_a_whole_is_a_change_of_hands() -> None:
    other = conda("torch", "2.1.2", dist("torch", "2.1.2", core="b", more="c"))
    finding = judged([TORCH], (other,))
    assert finding is not None
    assert finding.level == "warn"
    alike = conda("torch", "2.1.2", dist("torch", "2.1.2", core="a"))
    for note in ("direct_url.json", "uv_cache.json"):
        files = (*TORCH.files, f"{SITE}/torch-2.1.2.dist-info/{note}")
        local = TORCH.replace(files=files, sums=(*TORCH.sums, "u"))
        assert rows(judged([local], (other,)))
        assert rows(judged([local], (alike,))) == [
            "torch | pip 2.1.2 | put torch 2.1.2 over it | torch"
        ]
    two = resident("torch", "2.1.2", core="a", native="a")
    assert rows(judged([two], (other,))) == [
        "torch | pip 2.1.2 | write torch 2.1.2 over its torch/core.py | torch"
    ]
    newer = conda("torch", "2.1.3", dist("torch", "2.1.3", core="b"))
    assert rows(judged([TORCH], (newer,)))


def test_two_metadata_directories_for_one_name_are_harm() -> None:
    spelt = {
        path.replace("torch-", "Torch-"): digest for path, digest in dist("torch", "2.1.2").items()
    }
    assert rows(judged([TORCH], (conda("pytorch", "2.1.2", spelt),)))


def test_files_are_taken_away_with_a_package_that_pip_had_replaced() -> None:
    stale = conda("libtorch", "2.0.1", {f"{SITE}/torch/core.py": ""})
    assert rows(judged([TORCH], (), (stale,))) == [
        "torch | pip 2.1.2 | take away its torch/core.py with libtorch 2.0.1 | torch"
    ]
    back = conda("libtorch", "2.0.2", {f"{SITE}/torch/core.py": "a"})
    same = judged([TORCH], (back,), (stale,))
    assert same is not None
    assert same.level == "warn"


def test_what_pip_put_again_where_conda_had_it_goes_with_condas() -> None:
    """Of the same version, in the same places: conda takes it away as its own."""
    old = conda("torch", "2.1.2", dist("torch", "2.1.2", core="b"))
    new = conda("torch", "2.1.3", dist("torch", "2.1.3", core="c"))
    needs = resident("vision", "1", ("torch==2.1.2",))
    for link in ((new,), ()):
        finding = judged([TORCH], link, (old,))
        assert finding is not None
        assert finding.level == "warn"
        assert rows(judged([TORCH, needs], link, (old,)))  # as of any of conda's
    more = resident("torch", "2.1.2", core="a", native="a")
    assert rows(judged([more], (new,), (old,)))
    later = resident("torch", "2.1.4", core="a")
    assert rows(judged([later], (new,), (old,)))


def test_names_count_where_files_are_not_known() -> None:
    assert rows(judged([TORCH], (conda("pytorch", "2.0.1"),)))
    finding = judged([TORCH], (conda("joblib", "1"),))
    assert finding is not None
    assert finding.level == "warn"
    assert brings(conda("py-opencv", "4.8")) == {"opencv-python": "4.8"}


def needing(*depends: str) -> PlannedPackage:
    """A package that is not unpacked yet, with its dependencies as the channel has them."""
    requires = tuple(f"{name}{wants}" for name, wants in by_depends(depends))
    return conda("thing", "1").replace(requires=requires, depends=depends)


@pytest.mark.parametrize(
    ("package", "found"),
    [
        (conda("graphviz", "9"), {}),  # a C program: PyPI's is a module
        (conda("python-graphviz", "0.20"), {"graphviz": "0.20"}),
        (conda("redis-py", "5"), {"redis": "5"}),
        (needing("libc >=2"), {}),
        (needing(), {}),
        (needing("python >=3.8,<4", "six"), {"thing": "1"}),
        (needing("python >=3.11,<3.12.0a0", "numpy >=1.21,<2.0a0"), {"thing": "1"}),
        (needing("python_abi 3.11.* *_cp311"), {"thing": "1"}),
        (needing("conda-forge::python[version='>=3.9']"), {"thing": "1"}),
        (conda("thing", "1"), {"thing": "1"}),
    ],
)
def test_what_a_name_stands_for(package: PlannedPackage, found: dict[str, str]) -> None:
    assert brings(package) == found


@pytest.mark.parametrize(
    "command",
    [
        INSTALL.replace(verb="rename"),
        INSTALL.replace(verb="env remove"),
        INSTALL.replace(verb="remove", flags=frozenset(("--all",))),
        INSTALL.replace(mutates=False),
        INSTALL.replace(tool="pip"),
    ],
    ids=lambda command: f"{command.tool} {command.verb}",
)
def test_whole_environments_and_other_tools_are_not_its_business(command: Command) -> None:
    assert conda_after_pip.look(facts(command)) is None
    link = (conda("pytorch", "2.0.1"),)
    assert judged([TORCH], link, met=facts(command)) is None


def test_what_comes_cannot_work_with_what_pip_has_put_there() -> None:
    numpy = resident("numpy", "2.1.3", core="a")
    old, new, same = (
        conda("pytorch", version, dist("torch", version, m=version)).replace(requires=(needs,))
        for version, needs in (("2.0", "numpy<3"), ("2.1", "numpy>=1.21,<2"), ("2.2", "numpy<2"))
    )
    finding = judged([numpy], (new,))
    (row,) = rows(finding)
    assert row == "numpy | pip 2.1.3 | build on it | pytorch needs numpy<2,>=1.21"
    assert finding is not None
    assert "in versions that do not fit" in finding.message
    assert rows(judged([numpy], (new,), (old,)))
    for link, unlink in (((old,), ()), ((same,), (new,)), ((old,), (new,))):
        mild = judged([numpy], link, unlink)
        assert mild is not None
        assert mild.level == "warn"


def test_without_a_plan_nobody_knows() -> None:
    finding = conda_after_pip.look(facts())
    assert finding is not None
    assert finding.level == "block"
    assert "cannot be found out" in finding.message
    assert conda_after_pip.look(facts().replace(plan_is_seen=True)) is None
    assert conda_after_pip.look(facts(owner="conda")) is None


def test_the_way_out_names_what_was_asked_for() -> None:
    specs = (Spec("python=3.12", name="python", version="=3.12"), Spec("six", name="six"))
    finding = conda_after_pip.look(facts(INSTALL.replace(specs=specs)))
    assert finding is not None
    assert finding.fixes == (
        "safeinstall rebuild -p /e/nlp --add python=3.12 --add six",
        "conda run -p /e/nlp python -m pip install six",
    )


def test_a_long_table_ends_in_a_number() -> None:
    others = [resident(f"p{number}", "1", core="a") for number in range(14)]
    link = tuple(conda(f"p{number}", "2") for number in range(14))
    finding = judged(others, link)
    assert finding is not None
    assert len(finding.evidence) == 12
    assert finding.evidence[-1] == "and 4 more"
    assert len(finding.packages) == 14


paths = st.sampled_from([f"{SITE}/{name}.py" for name in "abcdef"])
contents = st.dictionaries(paths, st.sampled_from(["1", "2"]))


@given(own=contents, coming=contents, going=st.sets(paths))
def test_harm_to_files_is_exactly_a_change_of_content(
    own: dict[str, str], coming: dict[str, str], going: set[str]
) -> None:
    other = Resident("r", "1", "pip", (), tuple(own), tuple(own.values()))
    link = (conda("new", "1", coming),)
    unlink = (conda("old", "1", dict.fromkeys(going, "")),)
    after = {path: digest for path, digest in own.items() if path not in going} | coming
    changed = any(after.get(path) != digest for path, digest in own.items())
    finding = judged([other], link, unlink)
    assert finding is not None
    assert (finding.level == "block") == changed


def test_what_has_been_written_over_already_is_not_harmed_again() -> None:
    """conda came over pip's torch before: its own moves on, pip's has nothing more to lose."""
    core = f"{SITE}/torch/core.py"
    old = conda("torch", "2.0.0", dist("torch", "2.0.0", core="b"))
    new = conda("torch", "2.0.1", dist("torch", "2.0.1", core="c"))
    lost = TORCH.replace(lost=(core,))
    finding = judged([lost], (new,), (old,))
    assert finding is not None
    assert finding.level == "warn"
    assert rows(judged([TORCH], (new,), (old,)))
    assert rows(judged([lost], (new,)))  # a second metadata directory
    assert rows(judged([lost], (), (old,)))  # the code goes, whosever it is


BLIND = resident("blind", "1").replace(requires=None, unread="/e/nlp/blind/METADATA")


def test_whose_needs_are_not_known_may_need_whatever_goes() -> None:
    finding = moving(BLIND, "numpy", "1.26.4", None)
    assert rows(finding) == ["numpy | conda 1.26.4 | remove it | blind may need it"]
    assert finding is not None
    assert "conda may break what pip owns" in finding.message
    assert "What blind needs cannot be read in /e/nlp/blind/METADATA." in finding.message
    assert rows(moving(BLIND, "numpy", "1.26.4", "2.0")) == [
        "numpy | conda 1.26.4 | replace it by 2.0 | blind may need it"
    ]


def test_where_nothing_goes_no_more_is_said_than_is_known() -> None:
    for finding in (
        judged([BLIND], (conda("joblib", "1.3", dist("joblib", "1.3", m="1")),)),
        moving(BLIND, "numpy", "1.26.4", "1.26.4"),  # another build
    ):
        assert finding is not None
        assert finding.level == "warn"
        assert "or need is touched" not in finding.message
        assert "/e/nlp/blind/METADATA" in finding.message


@pytest.mark.parametrize("known", [True, False])
def test_what_comes_and_is_not_unpacked_is_named(known: bool) -> None:
    package = conda("scipy", "1.9", dist("scipy", "1.9", m="1"))
    finding = judged([TORCH], (package.replace(requires=() if known else None),))
    assert finding is not None
    assert ("What scipy needs could not be looked at." in finding.message) is not known
