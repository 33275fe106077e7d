"""A question on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from safeinstall.errors import UsageError
from safeinstall.guard import attended

if TYPE_CHECKING:
    from collections.abc import Mapping


def agreed(question: str, environ: Mapping[str, str]) -> bool:
    """Is the answer yes? Raises UsageError where nobody is there to ask."""
    if not can_ask(environ):
        raise UsageError("nobody is there to ask; give --yes to go on without a question")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def can_ask(environ: Mapping[str, str]) -> bool:
    """Is somebody there who can answer?"""
    return sys.stdin.isatty() and not attended.by_nobody(environ)
