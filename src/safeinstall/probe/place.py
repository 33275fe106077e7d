"""Finds the real tool for a command, and the environment that the command would change."""

from __future__ import annotations

import os

from safeinstall.errors import ToolNotFound
from safeinstall.files import is_below, same
from safeinstall.model import CONDA_LIKE, Target
from safeinstall.probe.interpreter import prefix_of
from safeinstall.probe.project import named
from safeinstall.probe.tool import interpreter_of, which
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safeinstall.model import Command, Environment
    from safeinstall.probe import conda
    from safeinstall.settings import Session


def locate(word: str, environ: Mapping[str, str], cwd: str) -> str:
    """The real program that ``word`` would start. Raises :class:`ToolNotFound`."""
    found = which(word, environ, cwd)
    if found is None:
        raise ToolNotFound(f"{word}: command not found")
    return found


class Place(Value):
    """A command with its tool and its target prefix, found without looking into the prefix."""

    command: Command  # for "conda run" the command inside
    executable: str
    prefix: str
    root_prefix: str
    environ: Mapping[str, str]  # as the command will get it; "conda run" changes it
    cwd: str


def find(command: Command, executable: str, session: Session) -> Place:
    """The environment that the command would change; for ``conda run``, the one that the command
    inside would change. Raises :class:`ToolNotFound` for the tool of a command inside.
    """
    environ, cwd = session.environ, session.cwd
    root = ""
    if command.tool in CONDA_LIKE:
        known = installation_of(command, executable, session)
        root = known.root_prefix
        prefix = known.target_prefix(command.target)
        if command.verb == "clean":
            from safeinstall.probe import soft_links

            # It is about every environment; the first that it would break keeps the record
            prefix = next(iter(soft_links.at_stake(command, executable, known)), prefix)
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
    root = root or _known_root(environ, cwd)
    return Place(named(command, cwd), executable, prefix, root, environ, cwd)


def _placed(inner: Command, outer: Command) -> Command:
    """The inner command, with the words before and behind it in the outer command line."""
    if outer.text:
        place = {"text": outer.text, "behind": outer.behind, "roams": outer.roams}
        return inner.replace(before=outer.before, **place)
    own = len(inner.behind) + 1 if inner.text else len(inner.words)
    return inner.replace(before=(*outer.before, *outer.words[: len(outer.words) - own]))


def activated(prefix: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment variables after activating ``prefix``, as far as they decide which tool is
    found.
    """
    path = os.path.join(prefix, "bin") + os.pathsep + environ.get("PATH", os.defpath)
    inside = {**environ, "PATH": path, "CONDA_PREFIX": prefix}
    inside.pop("VIRTUAL_ENV", None)
    return inside


def active_prefix(environ: Mapping[str, str]) -> str | None:
    """The prefix of the environment activated last, conda or venv; ``None`` where there is none.

    If both variables are set, the environment whose programs come first on PATH was activated last.
    """
    found = [environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if environ.get(name)]
    if len(found) < 2:
        return found[0] if found else None
    for directory in environ.get("PATH", "").split(os.pathsep):
        for prefix in found:
            if directory and same(directory, os.path.join(prefix, "bin")):
                return prefix
    return found[0]


def python_prefix(environ: Mapping[str, str], cwd: str) -> str:
    """The prefix of the environment whose Python the word ``python`` starts; ``""`` for none."""
    found = which("python", environ, cwd)
    interpreter = interpreter_of(found, environ, cwd) if found else None
    return (interpreter and prefix_of(interpreter, environ)) or ""


def conda_installation(session: Session) -> conda.Installation:
    """The conda of CONDA_EXE or on PATH, else the mamba or micromamba that is known. The root
    prefix is ``""`` where there is none of these.
    """
    from safeinstall.probe import conda

    settings, environ, cwd = session.settings, session.environ, session.cwd
    of_conda = _root_of_conda(environ, cwd)
    root = of_conda or _root_of_mamba(environ, cwd)
    mamba = bool(root) and not of_conda
    return conda.Installation(root, environ, settings.home, cwd, settings.cache_dir, mamba=mamba)


def conda_word(session: Session) -> str:
    """The word that starts conda here; where no conda is known, the mamba or micromamba that is."""
    environ, cwd = session.environ, session.cwd
    if environ.get("CONDA_EXE") or which("conda", environ, cwd):
        return "conda"
    own = os.path.basename(environ.get("MAMBA_EXE", ""))  # a function has its name
    there = (name for name in CONDA_LIKE[1:] if name == own or which(name, environ, cwd))
    return next(there, "conda")


def with_name(
    environment: Environment, conda_known: Callable[[], conda.Installation]
) -> Environment:
    """The environment, with ``by_name`` also where the directories in condarc's ``envs_dirs`` make
    conda find it. Which conda that is, is looked up only where it decides.
    """
    if environment.by_name or environment.kind not in ("conda", "missing"):
        return environment
    found = conda_known().target_prefix(Target(name=environment.name))
    return environment.replace(by_name=same(found, environment.prefix))


def installation_of(command: Command, executable: str, session: Session) -> conda.Installation:
    """The installation that this conda, mamba or micromamba belongs to."""
    from safeinstall.probe import conda

    known = conda_installation(session)
    environ, cwd = session.environ, session.cwd
    root = conda.root_prefix_of(executable, command.target, environ, cwd)
    mamba = command.tool != CONDA_LIKE[0] and interpreter_of(executable, environ, cwd) is None
    settings = conda.settings_of(command, environ) if mamba else {}
    return known.replace(root_prefix=root or known.root_prefix, mamba=mamba, **settings)


def _known_root(environ: Mapping[str, str], cwd: str) -> str:
    return _root_of_conda(environ, cwd) or _root_of_mamba(environ, cwd)


def _root_of_conda(environ: Mapping[str, str], cwd: str) -> str:
    executable = environ.get("CONDA_EXE") or which("conda", environ, cwd) or ""
    interpreter = interpreter_of(executable, environ, cwd) if executable else None
    # PYTHONHOME is for the command that was typed, and would be no home for conda
    root = prefix_of(interpreter, {}) if interpreter else None
    return root or _around(executable)


def _root_of_mamba(environ: Mapping[str, str], cwd: str) -> str:
    from safeinstall.probe import conda

    executable = environ.get("MAMBA_EXE", "")
    if not executable and not environ.get("MAMBA_ROOT_PREFIX"):
        there = (which(name, environ, cwd) for name in CONDA_LIKE[1:])
        executable = next(filter(None, there), "")
    return conda.mamba_root(executable, Target(), environ, cwd)


def _around(executable: str) -> str:
    """The environment in which the program lies, if it is conda's; else ``""``."""
    prefix = _beside(os.path.realpath(executable)) if executable else ""
    return prefix if prefix and os.path.isdir(os.path.join(prefix, "conda-meta")) else ""


def _beside(executable: str) -> str:
    """The prefix that a tool is installed in, for a tool whose interpreter is unknown."""
    return os.path.dirname(os.path.dirname(executable))


def is_system(prefix: str) -> bool:
    """Does the prefix belong to the operating system or to a version manager (pyenv)?"""
    places = ("/usr", "/usr/local", "/opt/local", "/opt/homebrew", "/Library", "/System", "/")
    return prefix in places or is_below(prefix, "/usr") or "/.pyenv/versions/" in prefix + "/"
