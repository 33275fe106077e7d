"""From a command to its place: the real tool, and the environment that it would change."""

from __future__ import annotations

import os

from safeinstall.errors import ToolNotFound
from safeinstall.files import is_below, same
from safeinstall.model import CONDA_LIKE
from safeinstall.probe.interpreter import prefix_of
from safeinstall.probe.project import named
from safeinstall.probe.tool import interpreter_of, which
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command
    from safeinstall.probe import conda
    from safeinstall.settings import Session


def locate(word: str, environ: Mapping[str, str], cwd: str) -> str:
    """The real program that ``word`` would start. Raises :class:`ToolNotFound`."""
    found = which(word, environ, cwd)
    if found is None:
        raise ToolNotFound(f"{word}: command not found")
    return found


class Place(Value):
    """The environment a command is about, before anybody has looked into it."""

    command: Command  # for "conda run" the command inside
    executable: str
    prefix: str
    root_prefix: str
    environ: Mapping[str, str]  # as the command will see it
    cwd: str


def find(command: Command, executable: str, session: Session) -> Place:
    """Which environment the command would change; for ``conda run`` the one it runs in."""
    environ, cwd = session.environ, session.cwd
    root = _known_root(environ, cwd)
    if command.tool in CONDA_LIKE:
        from safeinstall.probe import conda

        root = conda.root_prefix_of(executable, command.target, environ, cwd) or root
        known = conda_installation(session)
        prefix = known.replace(root_prefix=root).target_prefix(command.target)
    elif command.tool == "uv":
        from safeinstall.probe import uv

        prefix = uv.target_prefix(command.target, environ, cwd) or ""
    else:
        from safeinstall.probe import pip

        prefix = pip.target_prefix(command, executable, environ, cwd) or _beside(executable)
    if command.inner is not None:
        inside = activated(prefix, environ)
        found = locate(command.inner.words[0], inside, cwd)
        return find(_placed(command.inner, command), found, session.replace(environ=inside))
    return Place(named(command, cwd), executable, prefix, root, environ, cwd)


def _placed(inner: Command, outer: Command) -> Command:
    """The command inside, with where it stands in the whole line."""
    if outer.text:
        place = {"text": outer.text, "behind": outer.behind, "roams": outer.roams}
        return inner.replace(before=outer.before, **place)
    own = len(inner.behind) + 1 if inner.text else len(inner.words)
    return inner.replace(before=(*outer.before, *outer.words[: len(outer.words) - own]))


def activated(prefix: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables as an activation of ``prefix`` leaves them, as far as tools are found by it."""
    path = os.path.join(prefix, "bin") + os.pathsep + environ.get("PATH", os.defpath)
    inside = {**environ, "PATH": path, "CONDA_PREFIX": prefix}
    inside.pop("VIRTUAL_ENV", None)
    return inside


def active_prefix(environ: Mapping[str, str]) -> str | None:
    """The environment activated last, whether conda's or a venv's; ``None`` where there is none.

    Both variables may be set: then the one whose programs come first on PATH is the inner one.
    """
    found = [environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if environ.get(name)]
    if len(found) < 2:
        return found[0] if found else None
    for directory in environ.get("PATH", "").split(os.pathsep):
        for prefix in found:
            if directory and same(directory, os.path.join(prefix, "bin")):
                return prefix
    return found[0]


def conda_installation(session: Session) -> conda.Installation:
    """The conda that this session knows; its root prefix is ``""`` where it knows none."""
    from safeinstall.probe import conda

    settings, environ, cwd = session.settings, session.environ, session.cwd
    root = _known_root(environ, cwd)
    return conda.Installation(root, environ, settings.home, cwd, settings.cache_dir)


def _known_root(environ: Mapping[str, str], cwd: str) -> str:
    executable = environ.get("CONDA_EXE") or which("conda", environ, cwd) or ""
    interpreter = interpreter_of(executable, environ, cwd) if executable else None
    root = prefix_of(interpreter, environ) if interpreter else None
    return root or environ.get("MAMBA_ROOT_PREFIX", "")


def _beside(executable: str) -> str:
    """The prefix of a tool whose interpreter cannot be found out: where it is installed."""
    return os.path.dirname(os.path.dirname(executable))


def is_system(prefix: str) -> bool:
    """Does this prefix belong to the operating system or to a version manager, not to a project?"""
    places = ("/usr", "/usr/local", "/opt/local", "/opt/homebrew", "/Library", "/System", "/")
    return prefix in places or is_below(prefix, "/usr") or "/.pyenv/versions/" in prefix + "/"
