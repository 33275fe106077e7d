"""A line may be read in more than one way: which of them counts?

Where the version is not known, as every release that it may be. Where the tool may be of another
release than our tables, and by the tables would refuse the line, as one that knows options of its
own: a command with an option of last week's is guarded all the same.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from safeinstall.argv.values import IsValue
    from safeinstall.model import Command


def first_change(readings: Iterable[Command]) -> Command:
    """The first reading that sees a change, else the first of all. A command inside ``run`` has
    been read by then: to read it again would double the work at every level.
    """
    seen = []
    for found in readings:
        if found.mutates or inside(found):
            return found
        seen.append(found)
    return seen[0]


def inside(command: Command) -> bool:
    """Has what ``conda run`` runs been looked at?"""
    return command.verb == "run" and (command.understood or command.inner is not None)


def or_beyond(exact: Command, read: Callable[[], Command]) -> Command:
    """A refused line read once more, as a tool of another release might. Where that shows a change
    the command mutates, though it is not understood; else it stays refused.
    """
    if exact.understood or exact.mutates or exact.inner is not None:
        return exact
    found = read()
    return found.replace(understood=False) if found.mutates else exact


# ---- the word behind an unknown option -----------------------------------------------------------


def behind(*verbs: str) -> IsValue:
    """Where a subcommand is due, a value is what is none of these, which are the ones that change
    something: ``--log-level info install x`` must not be read as ``info``.
    """
    return lambda _, left: left[0] not in verbs


def never(_: str, __: Sequence[str]) -> bool:
    """Where packages are due, nothing is taken for a value."""
    return False
