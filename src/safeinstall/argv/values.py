"""The common part of the results of all parsers in this package."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    # By a subcommand and the words after an unknown option of it: is the first word certain to be
    # the option's value?
    IsValue = Callable[[str, Sequence[str]], bool]


class Refused(Exception):  # noqa: N818 - not an error in safeinstall: the tool refuses the line
    """The tool would report an error in the line and exit."""


class Explained(Exception):  # noqa: N818 - not an error: the tool prints and exits
    """``--help`` or ``--version``: the tool would print and exit."""


class Values:
    """Values by destination; a switch that is on has the value "1".

    Without ``is_value``, a line is parsed exactly by the option table, as by the tool of that
    release. With ``is_value``, the tool may be of another release: options that are not in the
    table are skipped, and any value of an option is accepted.

    It cannot be known whether an unknown option takes the next word as its value. That word is
    parsed as an argument: one package too many does little harm, but a missing one might hide a
    change. Only where a subcommand or a program is expected, ``is_value`` decides.
    """

    def __init__(self, is_value: IsValue | None = None) -> None:
        self.values: dict[str, list[str]] = {}
        self.is_value = is_value
        self.passed: list[str] = []  # the skipped words

    def passes(self, word: str, left: list[str], path: str = "") -> bool:
        """Skip an unknown option, and its value, which is removed from ``left``. False without
        ``is_value``: then an unknown option is an error.
        """
        if self.is_value is None:
            return False
        self.passed.append(word)
        argument = left and left[0][:1] != "-" and "=" not in word
        if argument and self.is_value(path, left):
            self.passed.append(left.pop(0))
        return True

    def value(self, dest: str) -> str | None:
        """The last value of a destination."""
        values = self.values.get(dest)
        return values[-1] if values else None

    def list(self, dest: str) -> list[str]:
        """Every value of a destination, in order."""
        return self.values.get(dest, [])

    def on(self, dest: str) -> bool:
        """Is the switch on, by the last word that sets it?"""
        return self.value(dest) == "1"
