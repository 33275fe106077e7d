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
    from safeinstall import shown  # most commands have nothing to say

    try:
        sys.stderr.write(shown.page(text if text.endswith("\n") else text + "\n"))
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def note(text: object) -> None:
    """Write one line that begins with our name, whatever stands in the text."""
    from safeinstall import shown

    say(f"safeinstall: {shown.one_line(str(text))}")


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
