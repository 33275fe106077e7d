"""The directories and file names of an environment's journal.

A directory holds one sequence of lines: ``journal.jsonl``, to which records are appended, and the
closed files before it, which became too large: ``journal-000001.jsonl`` and so on.
"""

from __future__ import annotations

import os
import time

from safeinstall.canonical import digest
from safeinstall.settings import ENVIRONMENT_DIRECTORY
from safeinstall.value import Value

FILE = "journal.jsonl"
ASIDE = ("damaged-", "diverged-", "origin-")
"""How the names of directories begin whose records do not belong to the sequence any more: files
with too much damage, a chain that differs from the other copy, and the journal of the environment
that this one was copied from."""

_CLOSED = "journal-"
_FORMER = ".former-"
_DIGITS = 6


class Place(Value):
    """The directory of one copy of a journal."""

    root: str
    """The prefix, for the primary: it is never created, so that a removed environment stays
    removed. ``""`` for the mirror, whose directories are created as needed."""
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


def rebuild_mark(prefix: str, state_dir: str) -> str:
    """A file that is there while the environment is being made anew, or after that was killed."""
    return os.path.join(mirror(prefix, state_dir).directory, "rebuild")


def mirrors(state_dir: str) -> str:
    """The directory with one directory for each environment's mirror."""
    return os.path.join(state_dir, "journals")


def is_aside(path: str) -> bool:
    """Is this journal file in one of the directories of :data:`ASIDE`?"""
    return os.path.basename(os.path.dirname(path)).startswith(ASIDE)


def is_origin(path: str) -> bool:
    """Is this journal file one that a copied environment has brought along?"""
    return os.path.basename(os.path.dirname(path)).startswith("origin-")


def former(directory: str) -> str:
    """A new name for a mirror's directory, when another environment has moved to its prefix."""
    return f"{directory}{_FORMER}{time.time_ns()}"


def formers(directory: str) -> list[str]:
    """The directories that :func:`former` has named for this mirror's directory."""
    above, name = os.path.split(directory)
    try:
        names = os.listdir(above)
    except OSError:
        return []
    return [os.path.join(above, n) for n in sorted(names) if n.startswith(name + _FORMER)]


def is_former(directory: str) -> bool:
    """Has the directory a name from :func:`former`?"""
    return _FORMER in os.path.basename(directory)


def is_there(directory: str) -> bool:
    """Has this directory a journal file, or a closed one? Raises OSError."""
    return os.path.lexists(os.path.join(directory, FILE)) or bool(closed(directory))


def closed(directory: str) -> list[str]:
    """The closed files of a journal, the newest first. Raises OSError."""
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    return [os.path.join(directory, name) for name in sorted(filter(_number, names), reverse=True)]


def next_closed(directory: str) -> str:
    """The name, without a directory, for the next file to be closed. Raises OSError."""
    last = next(iter(closed(directory)), "")
    return f"{_CLOSED}{_number(os.path.basename(last)) + 1:0{_DIGITS}}.jsonl"


def _number(name: str) -> int:
    """The number in a closed file's name; 0 for any other name."""
    digits = name.removeprefix(_CLOSED).removesuffix(".jsonl")
    whole = name == f"{_CLOSED}{digits}.jsonl" and len(digits) == _DIGITS
    return int(digits) if whole and digits.isascii() and digits.isdecimal() else 0
