"""Write to the user on stderr: stdout belongs to the tool."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def say(text: str) -> None:
    """Write a text to stderr, with unprintable characters escaped. A closed stderr is no error.

    The text may have several lines and colours; values that it quotes are made printable before.
    """
    from safeinstall.output import shown  # imported late: most commands write nothing

    try:
        sys.stderr.write(shown.page(text if text.endswith("\n") else text + "\n"))
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def note(text: object) -> None:
    """Write the text as one line that begins with ``safeinstall:``, whatever characters it has."""
    from safeinstall.output import shown

    say(f"safeinstall: {shown.one_line(str(text))}")


LENT = "--stderr="

_LONG = 5  # digits
_NARROWEST, _WIDEST = 40, 100  # columns; lines that are longer are hard to read


def take_over() -> None:
    """Tell the shell function, or our code inside a tool, which started this process that it works.

    The starting side opens a file for reading as descriptor 2, and passes the number of the real
    stderr in the first argument. Error messages of a broken Python are lost that way. This function
    seeks to the end of the file: if the starting side finds the file not read to its end, the guard
    did not get here, and it goes on without the guard.
    """
    if len(sys.argv) < 2 or not sys.argv[1].startswith(LENT):
        return
    real = int(sys.argv.pop(1)[len(LENT) :])
    os.lseek(2, 0, os.SEEK_END)
    try:
        os.dup2(real, 2)
    except OSError:  # the starting side has no stderr (2>&-)
        real = os.open(os.devnull, os.O_WRONLY)
        os.dup2(real, 2, inheritable=False)
    os.close(real)


def coloured(environ: Mapping[str, str]) -> bool:
    """Are colours wanted on stderr?"""
    return wants_colour(environ, terminal=is_terminal())


def wants_colour(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Are colours wanted on this stream? ``NO_COLOR`` overrides what forces them, ``FORCE_COLOR``
    and ``CLICOLOR_FORCE``; ``CLICOLOR=0`` and ``TERM=dumb`` are for terminals.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return terminal and environ.get("CLICOLOR") != "0" and environ.get("TERM") != "dumb"


def columns(environ: Mapping[str, str]) -> int:
    """The width of stderr: ``COLUMNS``, else that of the terminal; not below 40. 0 for none."""
    wanted = wanted_columns(environ)
    if not wanted:
        try:
            wanted = min(os.get_terminal_size(2).columns, _WIDEST)
        except (OSError, ValueError):
            return 0
    return max(wanted, _NARROWEST) if wanted else 0


def wanted_columns(environ: Mapping[str, str]) -> int:
    """The width that ``COLUMNS`` says; 0 where it says none."""
    said = environ.get("COLUMNS", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _LONG else 0


def is_terminal() -> bool:
    """Is stderr a terminal?"""
    try:
        return os.isatty(2)
    except OSError:
        return False
