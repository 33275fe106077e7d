"""A question on the terminal."""

from __future__ import annotations

import sys

from safeinstall.errors import UsageError


def agreed(question: str) -> bool:
    """Is the answer yes? Raises UsageError where nobody is there to ask."""
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to ask; give --yes to go on without a question")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
