"""Comparing releases without packaging, held against packaging."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from safeinstall.rules.releases import satisfies

releases = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
clauses = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), releases).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), releases, st.just(".*")).map("".join),
    releases.filter(lambda release: "." in release).map("~={}".format),
)


@given(releases, st.lists(clauses, max_size=3))
def test_as_packaging_says(version: str, parts: list[str]) -> None:
    constraint = ", ".join(parts)
    assert satisfies(version, constraint) == SpecifierSet(constraint).contains(version)


def test_what_takes_more_than_numbers() -> None:
    assert satisfies("2.0rc1", ">=1") is None
    assert satisfies("24.0", "~=24.0.0") is True
    assert satisfies("1.0", "===1.0") is None
    assert satisfies("2.0.1+cu118", "==2.0.1") is True
    assert satisfies("2.0.1+cu118", "==2.0.1+cu118") is True
    assert satisfies("2.0.1", "==2.0.1+cu118") is False
    assert satisfies("1.26.4", "=1.26") is True
    assert satisfies("1.26.4", "=1.26.4=py311_0") is True
    assert satisfies("1.2", "1.2") is None
