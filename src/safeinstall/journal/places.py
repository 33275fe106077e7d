"""Where an environment's journal is kept, and what its files are called.

A directory holds one sequence of lines: ``journal.jsonl``, which is written to, and before it the
files that became too large, ``journal-000001.jsonl`` and so on.
"""

from __future__ import annotations

import os
import time

from safeinstall.canonical import digest
from safeinstall.settings import ENVIRONMENT_DIRECTORY
from safeinstall.value import Value

FILE = "journal.jsonl"
ASIDE = ("damaged-", "diverged-", "origin-")
"""What the directories begin with that hold records which are not part of the sequence any more:
of files with more damage than is searched for their end, of a chain that parted from the other
copy, and of what an environment was copied from."""

_CLOSED = "journal-"
_FORMER = ".former-"
_DIGITS = 6


class Place(Value):
    """A journal file and the directory that must be there for it to exist at all."""

    root: str
    """The prefix, for the primary: never created, so that a removed environment stays removed.
    ``""`` for the mirror, whose directories are made as needed."""
    directory: str

    @property
    def path(self) -> str:
        """The journal file."""
        return os.path.join(self.directory, FILE)


def primary(prefix: str) -> Place:
    """The journal inside the environment."""
    return Place(root=prefix, directory=os.path.join(prefix, ENVIRONMENT_DIRECTORY))


def mirror(prefix: str, state_dir: str) -> Place:
    """The journal in the user's state directory, which outlives the environment."""
    key = digest(os.fsencode(os.path.realpath(prefix)))[:32]
    return Place(root="", directory=os.path.join(mirrors(state_dir), key))


def mirrors(state_dir: str) -> str:
    """The directory with one directory for each environment's mirror."""
    return os.path.join(state_dir, "journals")


def is_aside(path: str) -> bool:
    """Is this journal file in one of the directories of :data:`ASIDE`?"""
    return os.path.basename(os.path.dirname(path)).startswith(ASIDE)


def former(directory: str) -> str:
    """Where a mirror is kept whose prefix another environment has moved to."""
    return f"{directory}{_FORMER}{time.time_ns()}"


def formers(directory: str) -> list[str]:
    """What :func:`former` has made of this mirror's directory."""
    above, name = os.path.split(directory)
    try:
        names = os.listdir(above)
    except OSError:
        return []
    return [os.path.join(above, n) for n in sorted(names) if n.startswith(name + _FORMER)]


def is_former(directory: str) -> bool:
    """Has :func:`former` made this name?"""
    return _FORMER in os.path.basename(directory)


def is_there(directory: str) -> bool:
    """Is or was there a journal in this directory? Raises OSError."""
    return os.path.lexists(os.path.join(directory, FILE)) or bool(closed(directory))


def closed(directory: str) -> list[str]:
    """The closed files of a journal, the newest first. Raises OSError."""
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    return [os.path.join(directory, name) for name in sorted(filter(_number, names), reverse=True)]


def next_closed(directory: str) -> str:
    """The name, without its directory, of the file to be closed next. Raises OSError."""
    last = next(iter(closed(directory)), "")
    return f"{_CLOSED}{_number(os.path.basename(last)) + 1:0{_DIGITS}}.jsonl"


def _number(name: str) -> int:
    """The number in a closed file's name; 0 for any other name."""
    digits = name.removeprefix(_CLOSED).removesuffix(".jsonl")
    whole = name == f"{_CLOSED}{digits}.jsonl" and len(digits) == _DIGITS
    return int(digits) if whole and digits.isascii() and digits.isdecimal() else 0
