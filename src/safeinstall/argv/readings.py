"""Choose between several results of parsing one line.

- If the tool's version is not known, the line is parsed as each possible release would.
- If the line has an option that is not in our tables, and the tool may be of another release, the
  line is parsed once more, tolerating unknown options: so a command with an option that was added
  last week is guarded, too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from safeinstall.argv.values import IsValue
    from safeinstall.model import Command


def first_change(readings: Iterable[Command]) -> Command:
    """The first result that changes packages, else the first of all.

    A result with the command inside ``conda run`` ends the search: parsing that command again would
    double the work at every level of nesting.
    """
    seen = []
    for found in readings:
        if found.mutates or inside(found):
            return found
        seen.append(found)
    return seen[0]


def inside(command: Command) -> bool:
    """Was the command inside ``conda run`` parsed?"""
    return command.verb == "run" and (command.understood or command.inner is not None)


def or_beyond(exact: Command, read: Callable[[], Command]) -> Command:
    """The result for a line that may be refused. A refused line is parsed once more by ``read``,
    which tolerates unknown options: if packages would change, that result is returned, with
    ``understood`` False; else ``exact``.
    """
    if exact.understood or exact.mutates or exact.inner is not None:
        return exact
    found = read()
    return found.replace(understood=False) if found.mutates else exact


# ---- the word after an unknown option ------------------------------------------------------------


def behind(*verbs: str) -> IsValue:
    """Where a subcommand is expected: a word is the option's value unless it is in ``verbs``, the
    changing subcommands. ``--log-level info install x`` must not be parsed as ``info``.
    """
    return lambda _, left: left[0] not in verbs


def never(_: str, __: Sequence[str]) -> bool:
    """Where packages are expected: no word is the option's value."""
    return False
