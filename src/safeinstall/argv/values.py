"""What every engine hands back, whichever parser it imitates."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - not an error of ours: the tool would refuse the line
    """The tool would say what is wrong with the line, and leave."""


class Explained(Exception):  # noqa: N818 - nor this
    """``--help`` or ``--version``: the tool would print and leave."""


class Values:
    """Values by destination; a switch that is on has the value "1"."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}

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
