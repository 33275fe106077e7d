"""Going on all the same: a reason from the environment, or typed at the terminal."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Verdict
    from safeinstall.settings import Settings

QUESTION = "  Type a reason to go on all the same, or press Enter to stop: "


def reason_for(verdict: Verdict, configuration: Settings) -> str:
    """Why a blocked command shall run; ``""`` if it shall not."""
    if not verdict.overridable:
        return ""
    return configuration.reason or _ask()


def _ask() -> str:
    """Ask where somebody sits at the terminal: stdin and stderr are both that person's."""
    try:
        if not (os.isatty(0) and os.isatty(2)):
            return ""
        sys.stderr.write(QUESTION)
        sys.stderr.flush()
        return os.fsdecode(_line()).strip()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return ""
    except OSError:
        return ""


def _line() -> bytes:
    """One line from the terminal, and no byte more: the rest of the input is the tool's."""
    line = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n", b"\r"):
        line += byte
    return line
