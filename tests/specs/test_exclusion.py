"""Constraints that exclude each other, held against packaging."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from safeinstall.specs.exclusion import excludes

releases = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(
    lambda parts: ".".join(map(str, parts))
)
clauses = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), releases),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), releases),
    releases.filter(lambda release: "." in release).map("~={}".format),
)
constraints = st.lists(clauses, max_size=2).map(",".join)
SOME = [f"{a}.{b}.{c}.{d}" for a in range(5) for b in range(5) for c in range(5) for d in (0, 1)]


@settings(max_examples=300)
@given(constraints, constraints)
@example("~=1.2.1", "==1.*")
@example("==1.*", "==1.2.*")
def test_what_excludes_has_nothing_in_common(first: str, second: str) -> None:
    if excludes(first, second):
        both = SpecifierSet(f"{first},{second}")
        assert not any(version in both for version in SOME)


@pytest.mark.parametrize(
    ("first", "second", "certain"),
    [
        ("==1.26.*", "<1.25", True),
        ("==1.26.*", "<1.26.4", False),
        ("==1.26.*", ">=1.20", False),
        ("==1.26.*", "==1.25.3", True),
        ("==1.26.*", "==1.26.4", False),
        ("==1.26", "==1.26.0", False),
        ("==1.26.*", "==1.25.*", True),
        ("==1.26.*", "~=1.25.0", True),
        ("==1.26.*", ">=2,<3", True),
        ("==1.26.4", "!=1.26.4", True),
        ("==1.26.0", "==1.26+cu118", False),
        ("", "==1", False),
        (">=2", "<1", False),  # not looked at
    ],
)
def test_excludes(first: str, second: str, certain: bool) -> None:
    assert excludes(first, second) is certain
    assert excludes(second, first) is certain
