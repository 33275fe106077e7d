"""A question on the terminal."""

from __future__ import annotations

import os
import sys

from safeinstall.errors import UsageError
from safeinstall.journal import actor


def somebody_is_there() -> bool:
    """Is there a terminal, and may somebody sit at it?"""
    return sys.stdin.isatty() and actor.answers(os.environ)


def agreed(question: str) -> bool:
    """Is the answer yes? Raises UsageError where nobody is there to ask."""
    if not somebody_is_there():
        raise UsageError("nobody is there to ask; give --yes to go on without a question")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
