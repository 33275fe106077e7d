"""Everything that can go wrong in a way the user can act on. Each error carries its exit code."""

from __future__ import annotations


class SafeinstallError(Exception):
    """The root. ``str(error)`` is shown to the user, so it says the place and the next step."""

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
    """Another operation holds the environment."""

    exit_code = 75  # EX_TEMPFAIL


class Blocked(SafeinstallError):  # noqa: N818 - not an error of ours: the guard has done its work
    """The verdict was block, and nobody overrode it."""

    exit_code = 77  # EX_NOPERM


class PolicyError(SafeinstallError):
    """A policy file is invalid; the message has file, line and reason."""

    exit_code = 78  # EX_CONFIG


class ToolNotFound(SafeinstallError):  # noqa: N818 - reads as the shells' "command not found"
    """The real tool is nowhere on PATH; the exit status is the shells' own."""

    exit_code = 127


class NotAskedError(LookupError):
    """A bug of ours: a fact is asked for the first time when the tool has been started. The rule
    that asks for it fails alone, and the user is told (SI404).
    """


NO_FAULT_OF_DATA = (SafeinstallError, ImportError, SyntaxError)
"""What speaks to the user, and what a missing or damaged module of our own installation raises.
Where any other fault in the evidence about an environment is noted and weighed, these are passed
on.
"""
