"""Which environment a step changes, by what its words, its session and its PATH tell.

An environment is called ``base``, by its name, or by its path; :data:`SYSTEM` is the Python of the
image, :data:`CURRENT` whatever is active where a script is started.
"""

from __future__ import annotations

from safeinstall.lint.images import is_root
from safeinstall.lint.shell.effects import located
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.lint.nouns import Session, Stage
    from safeinstall.model import Command

BASE = "base"
SYSTEM = "the image's Python"
CURRENT = "the active environment"

_SYSTEM_DIRECTORIES = ("/usr/local/bin", "/usr/bin", "/bin", "$PATH", "${PATH}")


def called(target: str, session: Session, roots: tuple[str, ...]) -> str:
    """What the environment is called that a command names by name or path."""
    if target in (BASE, "root"):
        return BASE
    if "/" not in target and not target.startswith((".", "~")):
        return target
    path = located(target.rstrip("/"), session)
    if is_root(path, roots):
        return BASE
    _, envs, name = path.rpartition("/envs/")
    return name if envs and "/" not in name else path


def changed_by(
    command: Command, session: Session, stage: Stage, roots: tuple[str, ...], known: set[str]
) -> str | None:
    """The environment that the command changes; ``None`` if it cannot be told. ``roots``: where
    conda is installed; ``known``: the environments that were made before.
    """
    if command.inner is not None:
        return _inside(command, session, stage, roots, known)
    if command.tool in CONDA_LIKE:
        return _of_conda(command, session, stage, roots)
    if command.target.directed or command.target.user:
        return None
    if command.target.python:
        return called(_prefix_of(command.target.python), session, roots)
    if "/" in command.words[0]:
        return called(_prefix_of(command.words[0]), session, roots)
    return by_path(session, stage, roots, known, uv=command.tool == "uv")


def _inside(
    command: Command, session: Session, stage: Stage, roots: tuple[str, ...], known: set[str]
) -> str | None:
    """Of the command inside ``conda run``: the environment that is named there."""
    inner, target = command.inner, command.target
    assert inner is not None
    name = target.name or target.prefix
    if name is None:
        name = session.active or BASE
    return changed_by(inner, session.replace(active=name), stage, roots, known)


def _of_conda(
    command: Command, session: Session, stage: Stage, roots: tuple[str, ...]
) -> str | None:
    named = command.target.name or command.target.prefix
    if named:
        return called(named, session, roots)
    if command.verb in ("env create", "env update", "create"):
        return None  # the file names it, and could not be read
    if session.active is None:
        return None
    active = session.active or session.variables.get("CONDA_PREFIX", "")
    active = active or session.variables.get("CONDA_DEFAULT_ENV", "")
    if active:
        return called(active, session, roots)
    if stage.kind == "image" or roots:
        return BASE
    return CURRENT


def by_path(
    session: Session, stage: Stage, roots: tuple[str, ...], known: set[str], *, uv: bool = False
) -> str | None:
    """The environment whose pip the word ``pip`` starts."""
    if session.active is None:
        return None
    if session.active:
        return called(session.active, session, roots)
    if uv and (venv := session.variables.get("VIRTUAL_ENV")):
        return called(venv, session, roots)
    for directory in session.variables.get("PATH", "$PATH").split(":"):
        if directory in _SYSTEM_DIRECTORIES:
            break
        prefix = directory.removesuffix("/bin")
        name = called(prefix, session, roots)
        if is_root(prefix, roots) or "/envs/" in prefix or name in known:
            return name
        if directory.startswith("$") and directory.endswith("/bin"):
            return None
    if stage.kind == "image":
        return SYSTEM
    return CURRENT if stage.kind in ("script", "notebook", "file") else None


def _prefix_of(program: str) -> str:
    """``/opt/conda/envs/x/bin/python`` → ``/opt/conda/envs/x``."""
    directory, slash, name = program.rpartition("/")
    if not slash or not name.startswith(("python", "pip", "pypy")):
        return program
    return directory.removesuffix("/bin") if directory.endswith("/bin") else program
