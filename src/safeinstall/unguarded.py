"""If safeinstall itself fails, the command runs unguarded, and one line on stderr says so.

This must work in a half-removed installation, too, so no other module of safeinstall is imported.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)  # reset to the default for the tool


def instead(error: Exception) -> int:
    """Called when :func:`safeinstall.main.main` fails: runs the tool of a ``run`` command, or
    reports the error. Returns the exit status; raises the error where SAFEINSTALL_DEBUG is set.
    """
    words = sys.argv[1:]
    if words[:1] and words[0].startswith("--stderr="):
        return 1  # the caller (a shell function, the plugin, the guest) handles the failure
    if words[:1] == ["run"] and "--" in words[:-1] and not has_run():
        run(words[words.index("--") + 1 :], os.environ, error)
    if os.environ.get("SAFEINSTALL_DEBUG"):
        raise error
    _say(f"safeinstall: {describe(error)}. Reinstall safeinstall, or report this.")
    return 70


def has_run() -> bool:
    """Was the tool started? Then nothing may start it a second time."""
    process = sys.modules.get("safeinstall.rails.process")
    return bool(getattr(getattr(process, "attention", None), "started", False))


def run(words: Sequence[str], environ: Mapping[str, str], error: Exception) -> NoReturn:
    """Say that the command runs unguarded, and become the tool."""
    _say(
        f"safeinstall: {describe(error)}, so {words[0]} runs unguarded. "
        "Reinstall safeinstall, or report this."
    )
    process = sys.modules.get("safeinstall.rails.process")
    if attention := getattr(process, "attention", None):  # signals may be blocked already
        attention.release()
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(words[0], list(words), dict(environ))  # noqa: S606 - no shell is meant
    except OSError as problem:
        _say(f"safeinstall: {words[0]}: {problem.strerror}")
        sys.exit(127 if isinstance(problem, FileNotFoundError) else 126)


def describe(error: Exception) -> str:
    """The error in one line, without control characters."""
    text = " ".join(f"internal error ({type(error).__name__}: {error})".split())
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _say(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # closed
        return
