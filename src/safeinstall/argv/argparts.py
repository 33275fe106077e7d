"""Parts of :mod:`safeinstall.argv.argparsing`: the rows of its table, and how many words an option
or a positional takes.
"""

from __future__ import annotations

from safeinstall.argv.values import Refused, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.argv.values import IsValue

PARSER = "A..."
REMAINDER = "..."


class Action:
    """One row of the table."""

    __slots__ = ("choices", "dest", "group", "kind", "names", "nargs", "required")

    def __init__(self, row: str) -> None:
        names, self.dest, self.kind, self.nargs, self.group, choices = row.split(" ")
        self.names = names.split(",") if names != "-" else []
        self.choices = choices.split(",") if choices != "-" else []
        self.required = not self.names and self.nargs not in ("?", "*")

    def name(self, typed: str) -> str:
        """The canonical name: the first long one; as typed if the option has a ``--no-`` form."""
        if self.kind == "booleanoptional":
            return typed
        return next((name for name in self.names if name[:2] == "--"), self.names[0])


class Found:
    """A classified option: its action (None: unknown), full name, and value in the same word."""

    __slots__ = ("action", "explicit", "name", "sep")

    def __init__(self, action: Action | None, name: str, sep: str | None, explicit: str | None):
        self.action = action
        self.name = name
        self.sep = sep
        self.explicit = explicit


class Result(Values):
    """The result of the parsers."""

    def __init__(self, is_value: IsValue | None = None) -> None:
        super().__init__(is_value)
        self.path = ""  # the subcommand's name in the table
        self.flags: list[str] = []
        self.extras: list[str] = []


def is_negative_number(word: str) -> bool:
    """Is the word a negative number (``-1``, ``-.5``)? argparse takes these for arguments."""
    whole, _, part = word[1:].partition(".")
    digits = (whole + part).isdigit()
    return digits and (word.count(".") == 0 or bool(part))


def positional_count(nargs: str, letters: str) -> int | None:
    """How many words a positional takes; None if it does not match at this place."""
    if nargs == REMAINDER:
        return len(letters)
    run = len(letters) - len(letters.lstrip("A-"))
    dashes = len(letters) - len(letters.lstrip("-"))
    if nargs == "*":
        return run
    has_argument = letters[dashes : dashes + 1] == "A"
    if nargs in ("1", "?") and has_argument:
        after = letters[dashes + 1 :]
        return dashes + 1 + len(after) - len(after.lstrip("-"))
    if nargs == "?":
        return dashes
    if not has_argument:
        return None
    return len(letters) if nargs == PARSER else run


def option_count(nargs: str, letters: str, *, explicit: bool = False) -> int:
    """How many words an option takes. Raises :class:`Refused` if there are too few."""
    run = len(letters) - len(letters.lstrip("A"))
    if nargs == "?":
        return min(run, 1)
    if nargs == "*":
        return run
    wanted = 1 if nargs == "+" else int(nargs)
    if run < wanted:
        raise Refused(f"expected {nargs} argument(s)")
    if explicit and wanted == 0:
        return 0
    return run if nargs == "+" else wanted
