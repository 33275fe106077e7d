"""Is there somebody who can answer a question?

A terminal alone does not tell: coding agents and the kernels of notebooks give one to what they
start, and nobody can type into it.
"""

from __future__ import annotations

import os
import sys

from safeinstall.guard import notebook
from safeinstall.journal.actor import machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def by_nobody(environ: Mapping[str, str]) -> bool:
    """Has a coding agent, CI or a notebook started this process?"""
    return machine(environ) is not None or notebook.is_around(environ)


def shows_motion(environ: Mapping[str, str]) -> bool:
    """Does somebody look at stderr, on a terminal where a line can be written over?"""
    return sys.stderr.isatty() and environ.get("TERM") != "dumb" and not by_nobody(environ)


def at_terminal() -> bool:
    """Are stdin and stderr a terminal, and are we in its foreground process group?

    Reading from the terminal in the background would stop this process.
    """
    return os.isatty(0) and os.isatty(2) and os.tcgetpgrp(0) == os.getpgrp()
