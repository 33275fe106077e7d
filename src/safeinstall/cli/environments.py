"""What is said where a name or a path leads to no environment."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

from safeinstall.errors import UsageError
from safeinstall.files import names_in, read_text
from safeinstall.journal.read import known
from safeinstall.output.quoting import leading_to, paste
from safeinstall.output.shown import is_command, value
from safeinstall.probe.environment import describe
from safeinstall.probe.place import active_prefix, conda_installation
from safeinstall.settings import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Environment
    from safeinstall.settings import Settings

_MOST = 3  # names that are offered


def is_one(environment: Environment) -> bool:
    """Is there an environment, and no mere directory?"""
    return environment.kind in ("conda", "venv") or bool(environment.python)


def selector(prefixes: Sequence[str] | None, environ: Mapping[str, str]) -> list[str]:
    """The options that name these environments in a command for this shell; none for the active
    one. ``None`` stands for all environments.
    """
    if prefixes is None or len(prefixes) != 1:
        return ["--all"]
    return [] if prefixes[0] == active_prefix(environ) else ["-p", prefixes[0]]


def require(
    prefix: str, settings: Settings, environ: Mapping[str, str], selector: Sequence[str]
) -> None:
    """Raise UsageError where there is no environment. ``selector`` are the options that name it."""
    if not is_one(describe(prefix)):
        name = selector[1] if selector[:1] == ["-n"] else None
        raise not_there(prefix, settings, environ, name)


def not_there(
    prefix: str, settings: Settings, environ: Mapping[str, str], name: str | None = None
) -> UsageError:
    """The error for a prefix (or the name that leads to it) at which there is no environment, with
    what may have been meant: its history, if it had one, or environments with a name like it.
    """
    with_journal = {item.prefix: item.name for item in known(settings.state_dir)}
    said = f"there is no environment {f'called {value(name)}' if name else f'at {value(prefix)}'}"
    gone = [
        path for path in with_journal if path == prefix or (name and with_journal[path] == name)
    ]
    if gone:
        words = ["safeinstall", "history", "-p", gone[0]]
        can_be_pasted = is_command(paste(words))
        told = leading_to(said, "what is known of it", words) if can_be_pasted else said
        return UsageError(told)
    there = dict.fromkeys((*_existing(settings, environ), *sorted(with_journal)))
    by_name = {os.path.basename(path): path for path in reversed(there)}
    names = difflib.get_close_matches(os.path.basename(prefix), by_name, _MOST)
    meant = " or ".join(f"{value(name)} ({value(by_name[name])})" for name in names)
    return UsageError(f"{said}; did you mean {meant}?" if meant else said)


def _existing(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """The prefixes of conda's environments: in its directories, beside the active one, and those
    that it has listed.
    """
    installation = conda_installation(Session(settings, environ, os.getcwd()))
    active = active_prefix(environ)
    places = [*installation.envs_dirs(), *([os.path.dirname(active)] if active else [])]
    paths = [os.path.join(place, name) for place in places for name in sorted(names_in(place))]
    paths += read_text(os.path.join(settings.home, ".conda", "environments.txt")).splitlines()
    return [path for path in paths if os.path.isdir(os.path.join(path, "conda-meta"))]
