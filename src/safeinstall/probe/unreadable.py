"""Collects the files that could not be read while a command was assessed, for the rule SI404.

Damaged data in an environment must not switch off the guard: a fault in reading becomes a finding
(SI404), and the rules are asked with what is known. The notes are global to the process, because
the readers are called far below the code that judges; :func:`begin` is called for each command.
"""

from __future__ import annotations

from safeinstall.errors import NO_FAULT_OF_DATA, described
from safeinstall.model import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")
    Other = TypeVar("Other")

_noted: dict[Unreadable, None] = {}


def begin() -> None:
    """Forget what was noted for another command."""
    _noted.clear()


def note(kind: str, path: str, why: str = "") -> None:
    """Note a file that cannot be read. ``kind``: one that rule SI404 knows, or a description."""
    _noted[Unreadable(kind, path, why)] = None


def noted() -> tuple[Unreadable, ...]:
    """The notes for this command, without duplicates."""
    return tuple(_noted)


def attempt(what: str, path: str, work: Callable[[], T], otherwise: Other) -> T | Other:
    """``work()``; where it fails, ``otherwise``, and a note that ``what`` is not known.

    Our own errors, and those of a missing or damaged module of our installation, are passed on:
    they are not caused by the environment.
    """
    try:
        return work()
    except NO_FAULT_OF_DATA:
        raise
    except Exception as error:
        note(what, path, described(error))
        return otherwise
