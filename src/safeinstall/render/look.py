"""How text is to look on a stream: width, colours, signs. For the slow commands."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, cast

from safeinstall.output.shown import page
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
"""A colour for each of the owners that people tell apart."""


class Look(Value):
    """How text is to look. Without ``signs`` it is ASCII."""

    width: int = 80
    height: int = 0  # of a terminal; 0 where there is none
    colour: bool = False
    signs: bool = True

    @property
    def arrow(self) -> str:
        """Between before and after."""
        return "→" if self.signs else "->"

    @property
    def nothing(self) -> str:
        """What stands for "not there"."""
        return "∅" if self.signs else "-"

    @property
    def more(self) -> str:
        """What stands for something left out."""
        return "…" if self.signs else ".."

    @property
    def dot(self) -> str:
        """Between things on a line."""
        return "·" if self.signs else "-"


def look(environ: Mapping[str, str], out: TextIO) -> Look:
    """What ``out`` can show: 80 columns where it is no terminal; NO_COLOR beats FORCE_COLOR.

    What its encoding lacks is escaped from now on.
    """
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")
    terminal = out.isatty()
    size = shutil.get_terminal_size() if terminal else None
    colour = bool(environ.get("FORCE_COLOR")) or (terminal and environ.get("TERM") != "dumb")
    return Look(
        width=size.columns if size else 80,
        height=size.lines if size else 0,
        colour=colour and not environ.get("NO_COLOR"),
        signs=_can_show(_SIGNS, out.encoding),
    )


def console(look: Look, out: TextIO) -> Console:
    """A rich console that writes as ``look`` says, and decides nothing by itself."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:  # rich's own ends the process, and takes stdout away
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
    """rich fills lines up with spaces, which a copied text should not have; and nothing goes out
    on which a terminal would act but rich's colours.
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
