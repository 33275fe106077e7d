"""A command line as it can be pasted where the command was typed. Pure.

Where there are none of our shell functions, PATH may not lead to safeinstall, so its path is shown:
to whoever has come by a door, and in the cell of a notebook, where ``!`` gives a line to ``sh``.
Nobody can answer in a cell, so a command that asks gets the option not to.
"""

from __future__ import annotations

import os
from itertools import groupby, takewhile

from safeinstall.model import CONDA_LIKE
from safeinstall.output.quoting import noted, paste, quote, without_note
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safeinstall.model import Finding

MARK = "!"

_ASKS = {
    **dict.fromkeys(CONDA_LIKE, ("install", "create", "remove", "uninstall", "update", "upgrade")),
    "pip": ("uninstall",),
    "safeinstall": ("rebuild", "undo", "rollback"),
}
_YES = ("-y", "--yes")


class Where(Value):
    """Where a command is pasted."""

    # The words that start those programs to which PATH does not lead
    programs: Mapping[str, Sequence[str]] = {}
    cell: bool = False  # the cell of a notebook


SHELL = Where()
"""A shell in which everything can be started by its name."""


def finding(found: Finding, where: Where) -> Finding:
    """The finding, with each command that it offers as it can be pasted there."""
    if where == SHELL:
        return found
    fixes = lines(found.fixes, where)
    afterwards = line(found.afterwards, where) if found.afterwards else ""
    return found.replace(fixes=fixes, afterwards=afterwards)


def lines(texts: Iterable[str], where: Where) -> tuple[str, ...]:
    """The command lines, each with its note."""
    return tuple(texts) if where == SHELL else tuple(line(text, where) for text in texts)


def line(text: str, where: Where) -> str:
    """The command line, with its note."""
    import shlex  # only where a command is shown

    mark = MARK if where.cell else ""
    whole, note = without_note(text)
    try:
        words = shlex.split(whole)
    except ValueError:  # a quotation is open
        return mark + text
    parts = (list(part) for between, part in groupby(words, "&&".__eq__) if not between)
    return noted(mark + " && ".join(command(part, where) for part in parts), note)


def command(words: list[str], where: Where) -> str:
    """One command, that may have variables in front of it, without the mark."""
    variables = list(takewhile(_assigns, words))
    typed = words[len(variables) :]
    first, *rest = (_answered(typed) if where.cell else typed) or [""]
    set_before = (
        f"{name}={quote(value)}" for name, _, value in (v.partition("=") for v in variables)
    )
    return " ".join([*set_before, paste([*where.programs.get(first, [first]), *rest])])


def _assigns(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _answered(words: list[str]) -> list[str]:
    """The words of a command, with ``-y`` behind the verb if it would ask before it goes on."""
    for at, verb in enumerate(words[1:], 1):
        tool = os.path.basename(words[at - 1]).rstrip("0123456789.")
        if verb in _ASKS.get(tool, ()):
            is_uv = words[at - 2 : at - 1] == ["uv"]  # "uv pip" never asks
            asks = not is_uv and not any(word in words for word in _YES)
            return [*words[: at + 1], _YES[0], *words[at + 1 :]] if asks else words
    return words
