"""What an entry of ``deny`` covers, and the constraint that keeps pip from it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from safeinstall.specs import deny_list
from safeinstall.specs.deny_list import NOWHERE, PERHAPS, SURELY
from safeinstall.specs.translation import as_pip

ALL = [Version(f"{a}.{b}.{c}") for a in range(4) for b in range(4) for c in range(4)]
ALL += [Version(str(a)) for a in range(4)] + [Version("1.2+cu118")]


@pytest.mark.parametrize(
    ("specifier", "others"),
    [
        ("", f"=={NOWHERE}"),
        ("<2.9", ">=2.9"),
        ("<=1.2", ">=1.2,!=1.2"),
        (">=2", "<2"),
        (">2", "<=2"),
        ("==1.2", "!=1.2"),
        ("==1.*", "!=1.*"),
        ("!=1.2", "==1.2"),
        ("==2.0rc1", "!=2.0rc1"),
        ("~=1.26.0", "!=1.26.*"),
        (">=1,<2", "!=1.*"),
        (">=1.26,<1.26.2", "!=1.26.0.*,!=1.26.1.*"),
        (">=1.1,<=1.2", "!=1.1.*,!=1.2"),
        (">=1,<2.1", "!=1.*,!=2.0.*"),
        # for these PEP 440 has no words
        (">=1.2.1,<3", ""),
        ("~=1.26.1", ""),
        (">1,<2", ""),
        (">=1,<2,!=1.5", ""),
        ("<2.0rc1", ""),
        (">=2,<1", ""),
        (">=1,<1000", ""),
        ("===1.2", ""),
    ],
)
def test_all_that_is_not_denied(specifier: str, others: str) -> None:
    assert deny_list.others(specifier) == others
    if specifier and others:
        left, denied = SpecifierSet(others), SpecifierSet(specifier)
        assert all((version in left) != (version in denied) for version in ALL)


clauses = st.tuples(
    st.sampled_from(["==", ">=", "<=", ">", "<", "!=", "~="]),
    st.lists(st.integers(0, 3), min_size=2, max_size=3).map(lambda n: ".".join(map(str, n))),
).map("".join)


@given(st.lists(clauses, max_size=3).map(",".join))
@example("<=0.1,~=0.0.0")
@example(">=0.0,<=0.0,<0.1")
def test_a_release_is_either_denied_or_left(specifier: str) -> None:
    left = deny_list.others(specifier)
    if left:
        kept, denied = SpecifierSet(left), SpecifierSet(specifier)
        assert all((version in kept) != (version in denied) for version in ALL)


def test_constraints() -> None:
    deny = ("six", "Py_YAML<6", "pyyaml==6.0.1", "tornado>=1.2.1,<3", "numpy>=2", "h5py<3")
    assert deny_list.constraints(deny, {}) == {
        "six": f"=={NOWHERE}",
        "py-yaml": ">=6",
        "pyyaml": "!=6.0.1",
        "numpy": "<2",
        "h5py": ">=3",
    }
    # what is there and denied is left alone: it would be in the way of everything that needs it
    there = {"six": "1.16.0", "numpy": "1.26.4", "h5py": "2.10"}
    held = deny_list.constraints(deny, there)
    assert held == {"py-yaml": ">=6", "pyyaml": "!=6.0.1", "numpy": "<2"}


@pytest.mark.parametrize(
    ("entry", "version", "verdict"),
    [
        ("x", "anything", SURELY),
        ("X", "1", SURELY),
        ("y", "1", ""),
        ("x<2", "1.9", SURELY),
        ("x<2", "2", ""),
        ("x<2", "2.0rc1", ""),
        ("x>=2.0a1", "2.0rc1", SURELY),
        ("x<3", "1.1.1w", SURELY),  # conda's, of openssl
        ("x<=1.1.1", "1.1.1w", ""),
        ("x==2023c", "2023c", ""),
        ("r-mass<7", "7.3_60", ""),  # conda's, of R packages; the name is another one
        ("x<7", "7.3_60", ""),
        ("x<8", "7.3_60", SURELY),
        ("x<3", "2023c", ""),
        ("x<3", "r43h8ffba2a_0", PERHAPS),
        ("x<3", "7" * 5000, PERHAPS),
        ("x", "7" * 5000, SURELY),
    ],
)
def test_a_release(entry: str, version: str, verdict: str) -> None:
    assert deny_list.of_release(entry, "x", version) == verdict


@pytest.mark.parametrize(
    ("entry", "conda", "verdict"),
    [
        ("x==1.2.post1", ">1.2,<=1.2.post1", SURELY),
        ("x==1.2rc1", ">=1.2rc1,<1.2", SURELY),
        ("x==1.2rc1", "=1.1|>=1.2rc1,<1.2", SURELY),
        ("x>=2.0rc1", "<2", ""),  # a release, if there is one; conda's plan is looked at, too
        ("x<2", "<2", SURELY),
        ("x>=2.0rc1", "<=2.0rc1", SURELY),
        ("x==1.2.post1", ">1.2", ""),
    ],
)
def test_what_only_conda_finds(entry: str, conda: str, verdict: str) -> None:
    assert deny_list.of_request(entry, "x", as_pip(conda)) == verdict
