"""In an environment that we have frozen, conda refuses: what it would do is done by a rebuild."""

from __future__ import annotations

import pytest

from safeinstall.model import Environment
from safeinstall.rules.shared.remedies import conda_in

FROZEN = Environment("/e/nlp", "conda", name="nlp", by_name=True, frozen=True, frozen_by_us=True)


@pytest.mark.parametrize(
    ("verb", "words", "line"),
    [
        ("install", ["numpy=2", "six"], "safeinstall rebuild -n nlp --add numpy=2 --add six"),
        ("install", ["-c", "pytorch", "x"], "safeinstall rebuild -n nlp --add x --channel pytorch"),
        ("install", ["--force-reinstall", "six"], "safeinstall rebuild -n nlp"),
        ("remove", ["six"], "safeinstall rebuild -n nlp --remove six"),
        ("update", ["six"], "safeinstall rebuild -n nlp --update"),
        ("env remove", [], "conda env remove -n nlp"),
    ],
)
def test_what_conda_would_do(verb: str, words: list[str], line: str) -> None:
    assert conda_in(FROZEN, verb, words) == line


def test_a_mark_of_somebody_else_stays_theirs() -> None:
    theirs = FROZEN.replace(frozen_by_us=False)
    assert conda_in(theirs, "install", ["six"]) == "conda install -n nlp six"
