"""The errors that are shown to the user. Each class has the exit code of the process."""

from __future__ import annotations


class SafeinstallError(Exception):
    """The base class. ``str(error)`` is shown to the user: it names the place and the next step."""

    exit_code = 70  # EX_SOFTWARE


class UsageError(SafeinstallError):
    """The guard itself was called in a way it does not understand."""

    exit_code = 64  # EX_USAGE


class RcFileError(SafeinstallError):
    """A shell's startup file cannot be read or written."""

    exit_code = 73  # EX_CANTCREAT


class OutputError(SafeinstallError):
    """A file that was asked for cannot be written."""

    exit_code = 73  # EX_CANTCREAT


class JournalError(SafeinstallError):
    """The journal cannot be read or written."""

    exit_code = 74  # EX_IOERR


class EnvironmentBusy(SafeinstallError):  # noqa: N818 - the state's name, as the message says it
    """Another operation holds the lock of the environment."""

    exit_code = 75  # EX_TEMPFAIL


class Blocked(SafeinstallError):  # noqa: N818 - not an error of ours: the guard has done its work
    """The verdict was "block", and no override reason was given."""

    exit_code = 77  # EX_NOPERM


class PolicyError(SafeinstallError):
    """A policy file is invalid; the message has file, line and reason."""

    exit_code = 78  # EX_CONFIG


class ToolNotFound(SafeinstallError):  # noqa: N818 - reads as the shells' "command not found"
    """The real tool is not on PATH; the exit status is the one that shells use."""

    exit_code = 127


def described(error: Exception) -> str:
    """The type and the text of an error that is not one of ours: ``ValueError: no such key``."""
    return f"{type(error).__name__}: {error}"


class NotAskedError(LookupError):
    """A bug of ours: a fact is asked for the first time after the facts were sealed. The rule that
    asks for it fails alone, and the user is told (SI404).
    """


NO_FAULT_OF_DATA = (SafeinstallError, ImportError, SyntaxError)
"""Errors that are not caused by unreadable data in an environment: our own errors, and those of a
missing or damaged module of our installation. Code that turns any other error into a finding
(SI404) passes these on.
"""
