"""Every environment variable and path of our own, in one place; nothing is read on import.

Directories follow the XDG base directory specification, on macOS too, as most command-line
tools do.
"""

from __future__ import annotations

import os

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SWITCH = "SAFEINSTALL"
"""``off`` (or ``0``, ``no``, ``false``) switches the guard off."""

REASON = "SAFEINSTALL_REASON"
"""The override reason for a blocked command; kept in the journal."""

POLICY = "SAFEINSTALL_POLICY"
"""A policy file to use in place of the user's."""

LOCK_TIMEOUT = "SAFEINSTALL_LOCK_TIMEOUT"
"""Seconds to wait for another operation in the same environment; 60 by default."""

ASK_TIMEOUT = "SAFEINSTALL_ASK_TIMEOUT"
"""Seconds to wait for the first key of an override reason; 120 by default, 0: nobody is asked."""

PAGER = "SAFEINSTALL_PAGER"
"""The pager for output that does not fit the terminal; used in place of PAGER."""

DEBUG = "SAFEINSTALL_DEBUG"
"""Any value: show the traceback of an internal error."""

OPERATION = "SAFEINSTALL_OPERATION"
"""Set for the tool we start, ``OP PREFIX``: a guarded command inside it must not wait for the lock
that its own outer operation holds.
"""

UNGUARDED = {SWITCH: "off", OPERATION: "-"}
"""For the tools that we start for a rebuild, and whose part we keep in the record ourselves."""

DOOR = "SAFEINSTALL_DOOR"
"""Set for a tool that takes this process's place: the number of the process, which a door lets
through.
"""

PLAN = "SAFEINSTALL_PLAN"
"""Set for the conda we start: the request file for our conda plugin."""

LISTEN = "SAFEINSTALL_LISTEN"
"""Set for the tool we start: what our guest module notes in its process, and the directory for the
notes.
"""

SYSTEM_DIRECTORY = "/etc/safeinstall"
PROJECT_POLICY = "safeinstall.toml"
PYPROJECT = "pyproject.toml"
"""Its table ``[tool.safeinstall]`` is a policy of the project, too."""
ENVIRONMENT_DIRECTORY = ".safeinstall"
PROTECTION = f"{ENVIRONMENT_DIRECTORY}/protection.json"
"""What "safeinstall protect" has laid in an environment."""

CONDA_OWNS = "etc/safeinstall/conda-owns.txt"
"""The constraints file of a protected environment. Whoever runs pip there reads it, so it is not
in our own directory, which is private.
"""


class Settings(Value):
    """The values of our environment variables, and the directories of our files."""

    home: str
    config_dir: str
    state_dir: str
    cache_dir: str
    enabled: bool = True
    reason: str = ""
    policy_file: str = ""
    lock_timeout: float = 60.0
    ask_timeout: float = 120.0
    outer_operation: str = ""
    outer_prefix: str = ""

    @property
    def system_policy(self) -> str:
        """The machine's policy file."""
        return f"{SYSTEM_DIRECTORY}/policy.toml"

    @property
    def system_policies(self) -> str:
        """The directory with more files of the machine's policy."""
        return f"{SYSTEM_DIRECTORY}/policy.d"

    @property
    def user_policy(self) -> str:
        """The user's own policy file."""
        return self.policy_file or os.path.join(self.config_dir, "policy.toml")


class Session(Value):
    """Where a command runs: our settings, its environment variables, its working directory."""

    settings: Settings
    environ: Mapping[str, str]
    cwd: str
    by_function: bool = True  # has the command come by our shell function, which has safeinstall?


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in force under ``environ``. Values that make no sense count as not set."""
    home = environ.get("HOME") or os.path.expanduser("~")
    operation, _, prefix = environ.get(OPERATION, "").partition(" ")
    return Settings(
        home=home,
        config_dir=_directory(environ, "XDG_CONFIG_HOME", home, ".config"),
        state_dir=_directory(environ, "XDG_STATE_HOME", home, ".local/state"),
        cache_dir=_directory(environ, "XDG_CACHE_HOME", home, ".cache"),
        enabled=environ.get(SWITCH, "").strip().lower() not in ("off", "0", "no", "false"),
        reason=environ.get(REASON, "").strip(),
        policy_file=environ.get(POLICY, ""),
        lock_timeout=_seconds(environ.get(LOCK_TIMEOUT, ""), 60.0),
        ask_timeout=_seconds(environ.get(ASK_TIMEOUT, ""), 120.0),
        outer_operation=operation,
        outer_prefix=prefix,
    )


def _directory(environ: Mapping[str, str], variable: str, home: str, fallback: str) -> str:
    # The XDG specification: a relative path is invalid and counts as not set.
    base = environ.get(variable, "")
    return os.path.join(
        base if os.path.isabs(base) else os.path.join(home, fallback), "safeinstall"
    )


def _seconds(text: str, fallback: float) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return fallback
    return seconds if 0 <= seconds < 86400 * 365 else fallback
