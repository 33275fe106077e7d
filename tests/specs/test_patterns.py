"""Patterns mean what they mean to the module fnmatch."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import example, given
from hypothesis import strategies as st

from safeinstall.specs.patterns import matches


@given(st.text("ab-]!", max_size=8), st.text("ab-]![*?", max_size=8))
@example("/srv/prod-x", "*/prod-*")
@example("a]", "[]a]]")
@example("!", "[!a]")
@example("b", "[a-b-c]")
@example("", "**")
def test_as_in_fnmatch(text: str, pattern: str) -> None:
    assert matches(text, pattern) == fnmatchcase(text, pattern)


def test_a_hostile_pattern_ends() -> None:
    assert not matches("a" * 1000, "*a" * 400 + "b")
