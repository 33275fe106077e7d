"""The rail for the pip that conda starts for the ``pip:`` part of an environment file.

The conda-owned packages are known only when conda has made its transaction. So our guest module in
that pip runs ``safeinstall hold`` to get its command line with the constraints
(:mod:`safeinstall.guard.hold`). The conflicts are reported when conda has ended.
"""

from __future__ import annotations

import os
import sys
import time

from safeinstall import files, redaction
from safeinstall.files import names_in, read_bytes, resources
from safeinstall.rails import pip, plan_request
from safeinstall.rails.listener import PIP_LOG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from safeinstall.model import Facts
    from safeinstall.rails.pip import PipRail
    from safeinstall.rails.process import Result
    from safeinstall.rails.rail import Rail, Report

    FactsOf = Callable[[Sequence[str], str], Facts]
    """Returns the facts about a pip command, from its words and its working directory."""

GUARD = "guard"
"""The file with the command that the guest runs; the same name stands in the guest."""

_TOLD = "told"
_HELD = "held-"  # start of the names of files that note which pip commands got constraints


def lay(
    rail: Rail,
    directory: str,
    facts_of: FactsOf,
    *,
    prefix: str,
    strict: bool,
    excused: str,
    told: Iterable[str] = (),
) -> PipInConda:
    """conda's rail, and constraints for the pip that conda starts. Raises OSError.

    With ``strict``, pip stops if ``safeinstall hold`` fails. ``excused`` is an override reason that
    was given beforehand; with such a reason pip gets no constraints. ``prefix`` is of the
    environment that conda changes; ``told`` are the codes of the rules whose findings the user has
    seen.
    """
    if not excused:
        known = (",".join(told), prefix, *redaction.words(rail.words))
        _write(os.path.join(directory, _TOLD), known)
        ask = (sys.executable, "-I", "-S", resources.MAIN, "hold", directory)
        _write(os.path.join(directory, GUARD), ("strict" if strict else "", *ask))
    return PipInConda(rail, directory, facts_of, excused)


class PipInConda:
    """The rail for a conda that starts pip. Made by :func:`lay`."""

    def __init__(self, rail: Rail, directory: str, facts_of: FactsOf, excused: str) -> None:
        self.rail = rail
        self.words = rail.words
        self.environ = rail.environ
        self.directory = directory
        self.facts_of = facts_of
        self.excused = excused

    def report(self, result: Result) -> Report:
        """The report of conda's rail, with the conflicts that pip noted.

        Where pip was stopped, the changes that conda made before it remain.
        """
        answers = tuple(plan_request.answers(self.directory))  # also that of "safeinstall hold"
        told = self.rail.report(result).replace(excused=self.excused, answers=answers)
        held = self._last_held()
        if held is None or result.exit_code is None:
            return told
        offset, cwd, *words = held
        by_pip = pip.report(os.path.join(self.directory, PIP_LOG), int(offset), result.exit_code)
        if by_pip.conflicts is None or not os.path.exists(words[0]):
            return told
        return told.replace(conflicts=by_pip.conflicts, facts=self.facts_of(words, cwd))

    def _last_held(self) -> list[str] | None:
        """The note about the last pip that got constraints: each one before it has succeeded."""
        names = [name for name in names_in(self.directory) if name.startswith(_HELD)]
        held = read_bytes(os.path.join(self.directory, max(names))) if names else None
        return os.fsdecode(held).split("\0") if held else None


def told(directory: str) -> tuple[list[str], str, list[str]]:
    """The codes of the rules whose findings the user has seen, the prefix of the environment that
    conda changes, and the words of its command.
    """
    text = os.fsdecode(read_bytes(os.path.join(directory, _TOLD)) or b"\0")
    codes, prefix, *words = text.split("\0")
    return codes.split(","), prefix, words


def note(rail: PipRail, words: Sequence[str], cwd: str, directory: str) -> None:
    """Note that a pip with these words got constraints. Raises OSError."""
    place = os.path.join(directory, f"{_HELD}{time.time_ns():020d}")
    _write(place, (str(rail.offset), cwd, *redaction.words(words)))


def _write(path: str, words: Sequence[str]) -> None:
    files.put(path, b"\0".join(map(os.fsencode, words)))
