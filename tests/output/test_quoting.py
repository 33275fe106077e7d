"""Quoting is a round trip through a real shell's reading of words."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.output.quoting import noted, paste, quote, without_note

NOTES = ["", "then pip, last", "with numpy<2 for conda, without six for pip"]


@given(st.lists(st.text(st.characters(exclude_characters="\0"))))
def test_a_shell_reads_the_same_words(words: list[str]) -> None:
    assert shlex.split(paste(words)) == words


@given(st.text())
def test_the_same_as_the_standard_library(word: str) -> None:
    assert quote(word) == shlex.quote(word)


@given(
    st.lists(st.text(st.characters(exclude_characters="\0")), min_size=1), st.sampled_from(NOTES)
)
def test_a_note_comes_off_as_it_was_put_on(words: list[str], note: str) -> None:
    assert without_note(noted(paste(words), note)) == (paste(words), note)


@pytest.mark.parametrize("words", [["a", "it's  # that"], ["sh", "-c", "b  # 'c'"], ["a", "#"]])
def test_what_is_quoted_is_no_note(words: list[str]) -> None:
    assert without_note(paste(words)) == (paste(words), "")


@pytest.mark.skipif(not shutil.which("zsh"), reason="needs zsh")
def test_an_interactive_zsh_takes_a_comment_for_words() -> None:
    """Why notes are shown apart."""

    def told(line: str) -> str:
        text = f"print -l -- {line}\n".encode()
        done = subprocess.run(["zsh", "-f", "-i"], input=text, capture_output=True, check=False)
        return done.stdout.decode()

    line = noted(paste(["six", "numpy<2"]), "then pip")
    assert told(without_note(line)[0]) == "six\nnumpy<2\n"
    assert "then" in told(line)
