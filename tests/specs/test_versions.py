"""Comparing releases without packaging, held against packaging."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from safeinstall.specs.versions import is_same, is_version, meets, satisfies

releases = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
clauses = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), releases).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), releases, st.just(".*")).map("".join),
    releases.filter(lambda release: "." in release).map("~={}".format),
)


locals_ = st.sampled_from(
    ["cu118", "CU118", "cu118.0", "cu118_01", "cu118-1", "cu118.1", "1", "01"]
)
public = st.builds("{}{}".format, st.sampled_from(["", "", "1!", "v"]), releases)
spelled = st.one_of(
    public,
    st.builds("{}+{}".format, public, locals_),
    st.builds("{}{}".format, public, st.sampled_from(["rc1", "RC1", ".post1", ".DEV1"])),
    st.sampled_from(["1.0", "1.0.0", "01.0", "1.0+cu118", "1.0.0+cu118", "1.0+CU118", "1.0+01"]),
)
any_clauses = st.one_of(
    clauses,
    st.builds("{}{}".format, st.sampled_from(["==", "!=", "===", "=== "]), spelled),
    st.builds("{}{}".format, st.sampled_from([">=", "<=", ">", "<"]), spelled),
)


@given(releases, st.lists(clauses, max_size=3))
def test_as_packaging_says(version: str, parts: list[str]) -> None:
    constraint = ", ".join(parts)
    assert satisfies(version, constraint) == SpecifierSet(constraint).contains(version)


@settings(max_examples=2000)
@given(spelled, st.lists(any_clauses, min_size=1, max_size=2))
@example("1.0.0+cu118", ["==1.0+cu118"])
@example("1.0+cu118", ["===1.0+cu118"])
@example("1.0+cu118", ["===1.0+CU118"])
@example("1.26.0+cu118", ["==1.26.0+CU118"])
@example("1.0+cu118", ["==1.0+cu118.*"])
@example("01.0", ["===01.0"])
@example("1.0+01", ["===1.0+01"])
@example("1.0", ["===1.0.0"])
def test_what_is_said_is_what_packaging_says(version: str, parts: list[str]) -> None:
    constraint = ",".join(parts)
    try:
        known = SpecifierSet(constraint).contains(Version(version), prereleases=True)
    except InvalidSpecifier:
        return
    assert satisfies(version, constraint) in (None, known)
    assert meets(version, constraint) == known


@given(spelled, spelled)
def test_two_spellings_of_one_version(first: str, second: str) -> None:
    assert is_same(first, second) == (Version(first) == Version(second))


def test_what_takes_more_than_numbers() -> None:
    assert satisfies("2.0rc1", ">=1") is None
    assert satisfies("24.0", "~=24.0.0") is True
    assert satisfies("1.0", "===1.0") is True
    assert satisfies("01.0", "===01.0") is None
    assert satisfies("2.0.1+cu118", "==2.0.1") is True
    assert satisfies("2.0.1+cu118", "==2.0.1+cu118") is True
    assert satisfies("2.0.1+cu118", "==2.0.1.0+CU118") is True
    assert satisfies("2.0.1", "==2.0.1+cu118") is False
    assert satisfies("2.0.1", "!=2.0.1+cu118") is True
    assert satisfies("2.0.1+cu117", "==2.0.1+cu118") is False
    assert satisfies("2.0.1+cu118", "==2.0.1+cu-") is None
    assert satisfies("2.0.1+", "==2") is None
    assert satisfies("1!2.0", "==2.0") is None
    assert satisfies("1.26.4", "=1.26") is None  # conda's
    assert satisfies("1.2", "1.2") is None
    assert is_same("2023c", "2023c")  # conda's
    assert not is_same("2023c", "2023")


WORDS = ("a", "b", "c", "rc", "pre", "alpha", "post", "rev", "r", "dev", "v", "final", "x", "é")
PIECES = ("0", "1", "2024", "01", *".-_+!", ".", ".", "cu118", "g1a2b", *WORDS)


def valid(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


@settings(max_examples=2000)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@example("1.-a")
@example("0._r")
@example("0.-rc")
@example("1!v2")
def test_what_is_called_a_version_is_one(text: str) -> None:
    if is_version(text):
        assert valid(text)


SUFFIXES = [f"{a}{word}{b}" for word in WORDS[:10] for a in ("", ".", "-") for b in ("1", "_2")]


@settings(max_examples=500)
@given(
    st.sampled_from(["", "1!", "v", "!"]),
    releases,
    st.lists(st.sampled_from(SUFFIXES), max_size=3).map("".join),
    st.sampled_from(["", "rc", ".dev", "-post", "_x"]),
    st.sampled_from(["", "+cu118", "+g1a2b.3", "+", "+.", "+é"]),
)
def test_near_misses(before: str, release: str, suffixes: str, last: str, local: str) -> None:
    text = f"{before}{release}{suffixes}{last}{local}"
    assert is_version(text) == valid(text)


@pytest.mark.parametrize("text", ["1.0-1", "1.0rc.", " 1.0"])
def test_unusual_spellings_are_not_known(text: str) -> None:
    assert valid(text)
    assert not is_version(text)
