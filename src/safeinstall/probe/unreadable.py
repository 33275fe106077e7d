"""What could not be read while one command was looked into, noted by whoever met it.

Data in an environment is never the reason why the guard steps aside: a fault while reading is a
finding of its own (SI404), and the rules are asked with what is known. The notes are kept for the
process, as the readers lie deep below those who judge; :func:`begin` is called for each command.
"""

from __future__ import annotations

from safeinstall.errors import NO_FAULT_OF_DATA
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
    """Something is damaged, and the command is judged without it. Kinds are those of the rule."""
    _noted[Unreadable(kind, path, why)] = None


def noted() -> tuple[Unreadable, ...]:
    """Everything that was noted for this command, each once."""
    return tuple(_noted)


def attempt(what: str, path: str, work: Callable[[], T], otherwise: Other) -> T | Other:
    """``work()``; where it fails, ``otherwise``, and a note that ``what`` is not known.

    Errors that speak to the user are passed on, and so is what is wrong with our own installation
    (a module that is missing or damaged): that is no fault of the environment's.
    """
    try:
        return work()
    except NO_FAULT_OF_DATA:
        raise
    except Exception as error:
        note(what, path, f"{type(error).__name__}: {error}")
        return otherwise
