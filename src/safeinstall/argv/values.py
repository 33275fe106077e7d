"""What every engine hands back, whichever parser it imitates."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    # Behind an unknown option of the subcommand: can the first of the words only be its value?
    IsValue = Callable[[str, Sequence[str]], bool]


class Refused(Exception):  # noqa: N818 - not an error of ours: the tool would refuse the line
    """The tool would say what is wrong with the line, and leave."""


class Explained(Exception):  # noqa: N818 - nor this
    """``--help`` or ``--version``: the tool would print and leave."""


class Values:
    """Values by destination; a switch that is on has the value "1".

    Without ``is_value`` a line is read as the table has it, which is exactly as the tool does.
    With it the tool may be of another release than the table: options that the table has not are
    passed over, and any value of an option will do. Whether such an option takes the next word
    cannot be known. It is read as if it did not: a package too many does little harm, a package
    too few might hide some. Only where a subcommand or a program is due does ``is_value`` say
    whether that word is one.
    """

    def __init__(self, is_value: IsValue | None = None) -> None:
        self.values: dict[str, list[str]] = {}
        self.is_value = is_value
        self.passed: list[str] = []  # what was passed over

    def passes(self, word: str, left: list[str], path: str = "") -> bool:
        """Pass over an option that the table has not, and its value, which is taken from what is
        left. False where the table is the tool's: then it is an error.
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
        """Is the switch on? What was set last counts."""
        return self.value(dest) == "1"
