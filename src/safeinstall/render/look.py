"""The look of text on a stream: width, colours, signs. For the commands that use rich."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, cast

from safeinstall.output.shown import page
from safeinstall.output.stderr import wanted_columns, wants_colour
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from rich.console import Console

_SIGNS = "→∅…·│─┊╌●○◆◇✗▲█"

STYLES = {
    "done": "green",
    "failed": "red",
    "blocked": "bold red",
    "interrupted": "yellow",
    "running": "cyan",
    "drift": "yellow",
    "warn": "yellow",
    "block": "red",
}
"""A colour for each status and verdict; ``allow`` has none."""

LANES = {"conda": "green", "pip": "blue", "others": "magenta"}
"""A colour for each lane of owners."""


class Look(Value):
    """Width, height and abilities of an output. Without ``signs`` the text is ASCII."""

    width: int = 80
    height: int = 0  # of a terminal; 0 where there is none
    colour: bool = False
    signs: bool = True

    @property
    def arrow(self) -> str:
        """The sign between the states before and after a change."""
        return "→" if self.signs else "->"

    @property
    def nothing(self) -> str:
        """The sign for "not installed"."""
        return "∅" if self.signs else "-"

    @property
    def more(self) -> str:
        """The sign for omitted text."""
        return "…" if self.signs else ".."

    @property
    def dot(self) -> str:
        """The sign between items on a line."""
        return "·" if self.signs else "-"


def look(environ: Mapping[str, str], out: TextIO) -> Look:
    """The look for ``out``: if it is no terminal, with as many columns as COLUMNS says, or 80.

    From now on, ``out`` escapes characters that its encoding lacks.
    """
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")
    terminal = out.isatty()
    size = shutil.get_terminal_size()
    return Look(
        width=size.columns if terminal else wanted_columns(environ) or 80,
        height=size.lines if terminal else 0,
        colour=wants_colour(environ, terminal=terminal),
        signs=_can_show(_SIGNS, out.encoding),
    )


def console(look: Look, out: TextIO) -> Console:
    """A rich console with the settings of ``look``, and without rich's own detection."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:  # rich would replace stdout and end the process
            raise BrokenPipeError

    return Plain(
        file=cast("TextIO", _Trimmed(out)),
        width=look.width,
        color_system="standard" if look.colour else None,
        force_terminal=look.colour,
        no_color=not look.colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


class _Trimmed:
    """A stream that removes the spaces with which rich fills lines, as copied text should not have
    them, and all control characters but rich's colours.
    """

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, text: str) -> int:
        return self.out.write("\n".join(line.rstrip(" ") for line in page(text).split("\n")))

    def flush(self) -> None:
        self.out.flush()


def _can_show(signs: str, encoding: str | None) -> bool:
    try:
        signs.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
