"""Where everything starts, and the only error handler.

``run``, ``check`` and ``init`` are called by every guarded command or every new shell: they are
served without typer.
"""

from __future__ import annotations

import gc
import os
import sys

from safeinstall import hot, settings, site_packages
from safeinstall.errors import Blocked, SafeinstallError
from safeinstall.render import plain


def main() -> int:
    """The console script. Answers the exit status."""
    name, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    try:
        if name in hot.COMMANDS:
            gc.disable()  # it would look for cycles in what stays until the end: 2 ms
            return hot.COMMANDS[name](arguments, os.environ)
        return _cold()
    except SafeinstallError as error:
        if not isinstance(error, Blocked):
            plain.say(f"safeinstall: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads on: nothing left to flush to
        return 141
    except Exception as error:  # a bug of ours is shown as one line
        if os.environ.get(settings.DEBUG):
            raise
        plain.say(
            f"safeinstall: internal error ({type(error).__name__}: {error}); please report it"
        )
        return SafeinstallError.exit_code


def _cold() -> int:
    site_packages.enable()
    from safeinstall.cli.app import run_app

    return run_app()
