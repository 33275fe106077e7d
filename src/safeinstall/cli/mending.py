"""Runs the commands that a problem offers, as if they had been pasted into a guarded shell."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from safeinstall.files.resources import MAIN
from safeinstall.output import stderr
from safeinstall.output.quoting import without_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_YES = {"CONDA_ALWAYS_YES": "true", "PIP_YES": "1", "PIP_NO_INPUT": "1"}
_GUARD = (sys.executable, "-I", "-S", MAIN, "run", "--")


def run(lines: Iterable[str], environ: Mapping[str, str], *, yes: bool) -> None:
    """Run each line to its end, or to its first command that fails. The tools write to stderr, and
    ask there; with ``yes`` they do not.
    """
    for line in dict.fromkeys(lines):
        stderr.note(f"running {line}")
        for variables, words in _commands(without_note(line)[0]):
            more = {**environ, **(_YES if yes else {}), **variables}
            if _status([*_GUARD, *words], more):
                break


def _status(words: list[str], environ: Mapping[str, str]) -> int:
    return subprocess.run(words, env=environ, stdout=sys.stderr, check=False).returncode


def _commands(line: str) -> Iterator[tuple[dict[str, str], list[str]]]:
    """The commands of a line that are joined by ``&&``, each with its variables."""
    words = shlex.split(line)
    while words:
        at = words.index("&&") if "&&" in words else len(words)
        command, words = words[:at], words[at + 1 :]
        variables = {}
        while command and "=" in command[0] and not command[0].startswith("-"):
            name, _, value = command.pop(0).partition("=")
            variables[name] = value
        yield variables, command
