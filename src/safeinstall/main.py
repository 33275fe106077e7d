"""Where everything starts, and the only error handler.

The commands in ``cli.fast.COMMANDS`` (``run``, ``init``, …) are called by every guarded command,
every new shell or every TAB, so they run without typer.
"""

from __future__ import annotations

import errno
import gc
import os
import sys

from safeinstall import settings, site_packages
from safeinstall.cli import fast
from safeinstall.errors import Blocked, JournalError, SafeinstallError, described
from safeinstall.output import stderr

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # EIO: the terminal is gone


def main() -> int:
    """The console script. Returns the exit status."""
    stderr.take_over()
    _have_streams()
    try:
        status = _serve()
        sys.stdout.flush()
    except OSError as error:
        return _cannot_write(error)
    return status


def _have_streams() -> None:
    """Replace streams that the shell has closed (``>&-``), which are ``None``, by /dev/null."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - never closed


def _serve() -> int:
    name, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    try:
        if name in fast.COMMANDS:
            if fast.asked_for_help(name, arguments):
                return 0
            gc.disable()  # collections would cost 2 ms, and almost everything lives until the end
            return fast.COMMANDS[name](arguments, os.environ)
        return _cold()
    except SafeinstallError as error:
        if not isinstance(error, Blocked):
            stderr.note(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # a bug of ours is shown as one line
        if _is_no_bug(error) or name == "run":  # for "run", unguarded.py starts the tool
            raise
        if os.environ.get(settings.DEBUG):
            raise
        stderr.note(f"internal error ({described(error)}); please report it")
        return SafeinstallError.exit_code


def _is_no_bug(error: Exception) -> bool:
    """Is it a closed pipe, a terminal that is gone, or a full disk?"""
    full = isinstance(error, OSError) and error.errno in _NO_ROOM
    return full or isinstance(error, BrokenPipeError)


def _cannot_write(error: OSError) -> int:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes the rest of stdout at exit
    if isinstance(error, BrokenPipeError):
        return 141
    stderr.note(f"cannot write: {error.strerror or error}")
    return JournalError.exit_code


def _cold() -> int:
    site_packages.enable()
    from safeinstall.cli.app import run_app

    return run_app()
