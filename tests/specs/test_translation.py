"""conda's constraints and pip's: one table, held against conda itself and against packaging."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from safeinstall.specs.translation import as_conda, as_one_for_pip, as_pip, conda_admits, in_order

# What stands behind the name in a conda spec, and what pip is to be told.
TABLE: list[tuple[str, tuple[str, ...] | None]] = [
    ("", ("",)),
    ("*", ("",)),
    ("=*", ("",)),
    ("=*=py311*", ("",)),
    ("* py311_0", ("",)),
    ("2.8", ("==2.8",)),
    ("==2.8", ("==2.8",)),
    ("===2.8", ("==2.8",)),
    ("=2.8", ("==2.8.*",)),
    ("= 2.8", ("==2.8.*",)),
    ("=2.8.*", ("==2.8.*",)),
    ("=2.8*", ("==2.8.*",)),
    ("2.8.*", ("==2.8.*",)),
    ("2.8*", ("==2.8.*",)),
    ("==2.8.*", ("==2.8.*",)),
    ("=2.8=py311_0", ("==2.8",)),
    ("==2.8=py311_0", ("==2.8",)),
    ("=2.8.*=py311_0", ("==2.8.*",)),
    ("2.8 py311_0", ("==2.8",)),
    ("=2.8 *", ("==2.8",)),
    (">=2,<3", (">=2,<3",)),
    (">=1.0 , < 2.0 py34_0", (">=1.0,<2.0",)),
    (">=1.0,<2.0=py34_0", (">=1.0,<2.0",)),
    ("!=2.8", ("!=2.8",)),
    ("!=2.8.*", ("!=2.8.*",)),
    ("~=2.8", ("~=2.8",)),
    (">=2.8.*", (">=2.8",)),
    ("=1.26,<2", ("==1.26.*,<2",)),
    ("=1.26.*,<2", ("==1.26.*,<2",)),
    ("==1.26,<2", ("==1.26,<2",)),
    ("=2.8|2.7", ("==2.8.*", "==2.7")),
    ("==2.8|2.7", ("==2.8", "==2.7")),
    ("2.8|2.7", ("==2.8", "==2.7")),
    ("=2.8|=2.7", ("==2.8.*", "==2.7.*")),
    ("=2.8|2.7=py311_0", ("==2.8.*", "==2.7")),
    ("=2.8 | 2.7", ("==2.8.*", "==2.7")),
    (">1.8,<2|==1.7", (">1.8,<2", "==1.7")),
    ("=2.0rc1", ("==2.0rc1",)),
    (">=2.0rc1", (">=2.0rc1",)),
    ("==1.2+cu118", ("==1.2+cu118",)),
    # what pip has no words for
    ("=2.*.1", None),
    ("2.*.1|2.8", None),
    (">=2,==2.8.*", None),
    ("~=2.8.*", None),
    ("~=2", None),
    (">=1.2+cu118", None),
    ("2023c", None),
    ("=1.1.1w", None),
    ("1.2_3", None),
    ("^2.8$", None),
    ("(2.8|2.7),<3", None),
    ("2.8=", None),
    ("<>2", None),
    ("==", None),
    ("2.8,", None),
]
RELEASES = ["0.9", "1.0", "1.2", "1.2.1", "1.7", "1.26", "1.26.4", "2.0", "2.7", "2.7.1", "2.8"]
RELEASES += ["2.8.1", "2.80", "3.0"]
UNFINISHED = ["1.2rc1", "1.2a1", "2.8.dev1", "1.2.post1", "2.8rc1", "2.8.post2", "3.0a1"]
LOCAL = ["1.2+cu118", "2.8+1", "2.7.1+cpu"]
BY_ORDER = [
    ">1.2",
    "<1.2",
    ">2.7,<2.8",
    ">1.2,<=1.2.post1",
    ">=1.2rc1,<1.2",
    "=1.2|>2.8",
    "<2|>2.8",
]


@pytest.mark.parametrize(("conda", "pip"), TABLE, ids=[conda for conda, _ in TABLE])
def test_condas_for_pip(conda: str, pip: tuple[str, ...] | None) -> None:
    assert as_pip(conda) == pip
    assert as_one_for_pip(conda) == (pip[0] if pip and len(pip) == 1 else None)


@pytest.mark.parametrize(
    ("pip", "conda"),
    [
        ("", ""),
        ("==1.26", "==1.26"),
        ("==1.26.*", "=1.26"),
        ("!=1.26.*", "!=1.26.*"),
        (" >= 1.24 ", ">=1.24"),
        ("<2.0.0, >=1.24", ">=1.24,<2.0.0"),
        ("<2,==1.26.*", "=1.26,<2"),
        ("!=1.25,<2,>=1.24,", ">=1.24,!=1.25,<2"),
        ("~=2.1", "~=2.1"),
        (">=2.0rc1", ">=2.0rc1"),
        ("===1.2", None),
        ("==1.2+cu118", None),
        ("!=1.2+cu118", None),
        ("~=2", None),
        ("~=2.1.*", None),
        ("=1.26", None),
        ("1.26", None),
        (">=2 ; python_version > '3'", None),
        ("@ https://example.org/x.whl", None),
    ],
)
def test_pips_for_conda(pip: str, conda: str | None) -> None:
    assert as_conda(pip) == conda


releases = st.lists(st.integers(0, 30), min_size=1, max_size=3).map(
    lambda parts: ".".join(map(str, parts))
)
clauses = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), releases).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), releases, st.just(".*")).map("".join),
    releases.filter(lambda release: "." in release).map("~={}".format),
)


@given(st.lists(clauses, max_size=3).map(", ".join), releases)
def test_there_and_back_it_means_the_same(constraint: str, version: str) -> None:
    conda = as_conda(constraint)
    assert conda is not None
    (back,) = as_pip(conda) or ()
    assert SpecifierSet(back).contains(version) == SpecifierSet(constraint).contains(version)
    assert conda_admits(version, conda) == SpecifierSet(constraint).contains(version)


@pytest.mark.parametrize(
    ("version", "conda", "admitted"),
    [
        ("1.2+cu118", "=1.2", True),
        ("1.2+cu118", ">1.2", None),  # 1.2+cu118 is older than 1.2 to conda, 1.2+1 newer
        ("1.2+cu118", "<1.2", None),
        ("1.2+cu118", "1.2", None),
        ("1.2+cu118", ">1.1,<2", True),
        ("1.2+cu118", "==1.2+cu118", True),
        ("1.2+cu118", "=1.26", False),
        ("1.2.post1", ">1.2", None),
    ],
)
def test_a_local_version_to_conda(version: str, conda: str, admitted: bool | None) -> None:
    assert conda_admits(version, conda) is admitted


def test_conda_goes_by_the_order_alone() -> None:
    assert in_order(">1.2,<2,!=1.5.*") == ">=1.2,!=1.2,<=2,!=2,!=1.5.*"
    assert in_order("") == ""
    assert SpecifierSet(in_order(">1.2")).contains("1.2.post1")
    assert SpecifierSet(in_order("<1.2"), prereleases=True).contains("1.2rc1")


SIGNS = ("=", "==", ">=", "<", "~=", "!=", "|", ",", " ", "*", ".*")
PIECES = (*SIGNS, "1.26", "2", "py_0", "rc1", "c", "+cu118", "_1", "1!2", "v")


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join))
def test_whatever_pip_is_told_it_can_read(text: str) -> None:
    for constraint in as_pip(text) or ():
        SpecifierSet(constraint)
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        assert as_conda(text) is None


@pytest.mark.real_conda
def test_conda_means_the_same() -> None:
    """Every line of the table, by conda's own ``MatchSpec``, for every release."""
    said = [(conda, pip) for conda, pip in TABLE if pip is not None]
    for (_, pip), spec, matched in zip(
        said, *_by_conda([c for c, _ in said], RELEASES), strict=True
    ):
        sets = [SpecifierSet(alternative) for alternative in pip or ()]
        assert [v for v in RELEASES if any(v in s for s in sets)] == matched, spec


@pytest.mark.real_conda
def test_conda_orders_the_same() -> None:
    """Unfinished, later and local releases, which pip's ``>`` and ``<`` treat in another way."""
    for conda, spec, matched in zip(BY_ORDER, *_by_conda(BY_ORDER, UNFINISHED), strict=True):
        sets = [SpecifierSet(in_order(a), prereleases=True) for a in as_pip(conda) or ()]
        assert [v for v in UNFINISHED if any(v in s for s in sets)] == matched, spec
    plain = [conda for conda, pip in TABLE if pip is not None]
    for conda, spec, matched in zip(plain, *_by_conda(plain, LOCAL), strict=True):
        for version in LOCAL:
            assert conda_admits(version, conda) in (None, version in matched), (version, spec)


def _by_conda(constraints: list[str], releases: list[str]) -> tuple[list[str], list[list[str]]]:
    """The specs, and the releases that each admits, by conda's own ``MatchSpec``."""
    script = (
        "import json, sys\n"
        "from conda.models.match_spec import MatchSpec\n"
        "from conda.models.version import VersionSpec\n"
        "specs, releases = json.load(sys.stdin)\n"
        "raw = [MatchSpec(spec).get_raw_value('version') or '*' for spec in specs]\n"
        "print(json.dumps([[v for v in releases if VersionSpec(r).match(v)] for r in raw]))\n"
    )
    specs = [f"x{'' if conda[:1] in '=<>!~' else ' '}{conda}".strip() for conda in constraints]
    done = subprocess.run(
        [f"{os.path.dirname(os.environ['SAFEINSTALL_TEST_CONDA'])}/python", "-c", script],
        input=json.dumps([specs, releases]),
        capture_output=True,
        text=True,
        check=True,
    )
    return specs, json.loads(done.stdout)
