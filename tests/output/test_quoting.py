"""Quoting is a round trip through a real shell's reading of words."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from safeinstall.output.quoting import paste, quote


@given(st.lists(st.text(st.characters(exclude_characters="\0"))))
def test_a_shell_reads_the_same_words(words: list[str]) -> None:
    assert shlex.split(paste(words)) == words


@given(st.text())
def test_the_same_as_the_standard_library(word: str) -> None:
    assert quote(word) == shlex.quote(word)
