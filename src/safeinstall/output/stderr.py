"""The way to the user, beside the tool's output."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def say(text: str) -> None:
    """Write to stderr; what the terminal cannot show is escaped, a closed stderr is no error.

    The text is ours, of several lines and coloured perhaps: what it quotes is printable already.
    """
    from safeinstall.output import shown  # most commands have nothing to say

    try:
        sys.stderr.write(shown.page(text if text.endswith("\n") else text + "\n"))
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def note(text: object) -> None:
    """Write one line that begins with our name, whatever stands in the text."""
    from safeinstall.output import shown

    say(f"safeinstall: {shown.one_line(str(text))}")


LENT = "--stderr="


def take_over() -> None:
    """Tell who has started us, a shell function or a guest of ours in a tool, that we work.

    They lend us a file that can only be read in place of stderr, and name the real one's number in
    our first word. What a broken Python would say goes nowhere that way, and a file that has not
    been read to its end tells them that we never got here: then they go on without us.
    """
    if len(sys.argv) < 2 or not sys.argv[1].startswith(LENT):
        return
    real = int(sys.argv.pop(1)[len(LENT) :])
    os.lseek(2, 0, os.SEEK_END)
    try:
        os.dup2(real, 2)
    except OSError:  # they have none (2>&-)
        real = os.open(os.devnull, os.O_WRONLY)
        os.dup2(real, 2, inheritable=False)
    os.close(real)


def coloured(environ: Mapping[str, str]) -> bool:
    """Is stderr a terminal that wants colours? ``NO_COLOR`` beats ``FORCE_COLOR``."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return environ.get("TERM") != "dumb" and _is_terminal(2)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
