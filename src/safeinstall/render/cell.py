"""A shell's command line as a line for the cell of a notebook. Pure.

``!`` gives it to ``sh``, which has no shell functions, and often not the PATH of a terminal. Nobody
can answer in a cell, so a command that asks gets the option not to.
"""

from __future__ import annotations

import os
from itertools import groupby, takewhile

from safeinstall.model import CONDA_LIKE
from safeinstall.output.quoting import noted, paste, quote, without_note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Finding

    Programs = Mapping[str, Sequence[str]]

MARK = "!"

_ASKS = {
    **dict.fromkeys(CONDA_LIKE, ("install", "create", "remove", "uninstall", "update", "upgrade")),
    "pip": ("uninstall",),
    "safeinstall": ("rebuild", "undo", "rollback"),
}
_YES = ("-y", "--yes")


def finding(found: Finding, programs: Programs) -> Finding:
    """The finding, with each command that it offers as a line for a cell."""
    return found.replace(fixes=tuple(line(fix, programs) for fix in found.fixes))


def line(text: str, programs: Programs) -> str:
    """The command line, with its note. ``programs`` has the words that start those programs to
    which PATH does not lead.
    """
    import shlex  # only where a command is shown

    whole, note = without_note(text)
    try:
        words = shlex.split(whole)
    except ValueError:  # a quotation is open
        return MARK + text
    parts = (list(part) for between, part in groupby(words, "&&".__eq__) if not between)
    return noted(MARK + " && ".join(command(part, programs) for part in parts), note)


def command(words: list[str], programs: Programs) -> str:
    """One command, that may have variables in front of it, without the mark."""
    variables = list(takewhile(_assigns, words))
    first, *rest = _answered(words[len(variables) :]) or [""]
    set_before = (
        f"{name}={quote(value)}" for name, _, value in (v.partition("=") for v in variables)
    )
    return " ".join([*set_before, paste([*programs.get(first, [first]), *rest])])


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
