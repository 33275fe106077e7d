"""The pip that conda starts for the ``pip:`` part of an environment file, on the rail of any pip.

What conda owns then is known only when conda's own work is done. So our guest in that pip asks, by
``safeinstall hold``, with which words it should have been started (:mod:`safeinstall.guard.hold`).
What pip found out is told when conda has ended.
"""

from __future__ import annotations

import os
import sys
import time

from safeinstall import files, redaction
from safeinstall.files import names_in, read_bytes, resources
from safeinstall.rails import pip
from safeinstall.rails.listener import PIP_LOG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safeinstall.model import Facts
    from safeinstall.rails.pip import PipRail
    from safeinstall.rails.process import Result
    from safeinstall.rails.rail import Rail, Report

    FactsOf = Callable[[Sequence[str], str], Facts]
    """The facts of a pip, by its words and the directory it was started in."""

GUARD = "guard"
"""The file that tells the guest whom to ask; as in the guest."""

_HELD = "held-"  # the files that tell us afterwards which pips were held
_MAIN = os.path.join(resources.PACKAGE, "__main__.py")


def lay(rail: Rail, directory: str, facts_of: FactsOf, *, strict: bool, excused: str) -> PipInConda:
    """conda's own rail, and pip's for what comes after it. Raises OSError.

    With ``strict`` that pip does not go on where we could not be asked. ``excused`` is the reason
    that was given beforehand for whatever pip would be held to; then it is not held.
    """
    if not excused:
        ask = (sys.executable, "-I", "-S", _MAIN, "hold", directory)
        _write(os.path.join(directory, GUARD), ("strict" if strict else "", *ask))
    return PipInConda(rail, directory, facts_of, excused)


class PipInConda:
    """conda, with what its pip is held to. Made by :func:`lay`."""

    def __init__(self, rail: Rail, directory: str, facts_of: FactsOf, excused: str) -> None:
        self.rail = rail
        self.words = rail.words
        self.environ = rail.environ
        self.directory = directory
        self.facts_of = facts_of
        self.excused = excused

    def report(self, result: Result) -> Report:
        """As conda's rail has it. Where pip was stopped, what conda did before it stays done."""
        told = self.rail.report(result).replace(excused=self.excused)
        held = self._last_held()
        if held is None or result.exit_code is None:
            return told
        offset, cwd, *words = held
        by_pip = pip.report(os.path.join(self.directory, PIP_LOG), int(offset), result.exit_code)
        if by_pip.conflicts is None or not os.path.exists(words[0]):
            return told
        return told.replace(conflicts=by_pip.conflicts, facts=self.facts_of(words, cwd))

    def _last_held(self) -> list[str] | None:
        """What was noted of the last pip that was held: each one before it has gone through."""
        names = [name for name in names_in(self.directory) if name.startswith(_HELD)]
        held = read_bytes(os.path.join(self.directory, max(names))) if names else None
        return os.fsdecode(held).split("\0") if held else None


def note(rail: PipRail, words: Sequence[str], cwd: str, directory: str) -> None:
    """Note that a pip with these words was held. Raises OSError."""
    place = os.path.join(directory, f"{_HELD}{time.time_ns():020d}")
    _write(place, (str(rail.offset), cwd, *redaction.words(words)))


def _write(path: str, words: Sequence[str]) -> None:
    files.put(path, b"\0".join(map(os.fsencode, words)))
