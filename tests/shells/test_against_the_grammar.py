"""The functions may ask the guard for nothing, but never keep a change from it.

What changes an environment is decided by the real grammars in :mod:`safeinstall.argv`; the
functions must say "guard" to every such line. Thousands of lines go through one shell.
"""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lines import NAMES, Words, lines, mutates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.shells.conftest import Lab


def asked(lab: Lab, cases: Sequence[Words]) -> list[bool]:
    """For each line: would the function ask the guard?"""
    script = lab.root / "cases"
    calls = (" ".join(map(shlex.quote, words)) for words in cases)
    text = "".join(f"__safeinstall_guards {call}\necho $?\n" for call in calls)
    script.write_bytes(os.fsencode(f"{lab.load}\n__safeinstall_learn\n{text}"))
    done = subprocess.run(
        lab.command(str(script)), env=lab.environ(), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    answers = done.stdout.split()
    assert len(answers) == len(cases)
    return [answer == "0" for answer in answers]


def missed(lab: Lab, cases: Sequence[Words]) -> list[str]:
    """The changes that would pass unseen."""
    changing = [words for words in cases if words[0] in NAMES and mutates(words)]
    answers = asked(lab, changing)
    return [shlex.join(words) for words, ask in zip(changing, answers, strict=True) if not ask]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases=st.lists(lines, min_size=200, max_size=400))
def test_no_change_passes_unseen(lab: Lab, cases: list[Words]) -> None:
    assert missed(lab, cases) == []


DATA = os.path.join(os.path.dirname(__file__), "..", "argv", "data", "conda.json.gz")
CHANGING = {
    *("install", "update", "upgrade", "remove", "uninstall", "create", "rename"),
    *("env create", "env update", "env remove"),
}


def test_what_a_real_conda_read_as_a_change(lab: Lab) -> None:
    """The recorded answers of conda's own parser, a second opinion beside our grammar's."""
    with gzip.open(DATA) as stream:
        recorded = json.load(stream)["cases"]
    cases = [
        ("conda", *words)
        for words, answer in recorded
        if answer["end"] == "read"
        and " ".join(answer["path"]) in CHANGING
        and not answer["values"].get("dry_run")
    ]
    assert len(cases) > 500
    assert [words for words, ask in zip(cases, asked(lab, cases), strict=True) if not ask] == []


@pytest.mark.parametrize("word", ["\udcff", "a\nb", "", " ", "*", "\\", "'", '"', "$x", "`x`", "é"])
def test_odd_words_do_not_disturb(lab: Lab, word: str) -> None:
    cases = [
        ("pip", word, "install", "x"),
        ("python", "-X", word, "-m", "pip", "install", word),
        ("conda", "install", word),
        ("conda", "run", "-n", word, "pip", "install", "x"),
        ("uv", word, "pip", "install", word),
    ]
    assert asked(lab, cases) == [True] * len(cases)
