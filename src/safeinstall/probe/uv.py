"""Which prefix ``uv pip`` would change.

Order: ``--python``, ``--system`` (the first Python on PATH that is no virtual environment), the
active virtual environment, an active conda environment other than base, and ``.venv`` in the
directory or above it (uv documentation, "Using environments", "Discovery of Python environments").
"""

from __future__ import annotations

import os

from safeinstall.files import upward
from safeinstall.probe.interpreter import prefix_of
from safeinstall.probe.tool import interpreter_of, which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.model import Target


def target_prefix(target: Target, environ: Mapping[str, str], cwd: str) -> str | None:
    """The prefix that uv would change; ``None`` where uv would find no environment."""
    if target.python is not None:
        return _named(target.python, environ, cwd)
    if target.system:
        return next(_systems(environ, cwd), None)
    if environ.get("VIRTUAL_ENV"):
        return environ["VIRTUAL_ENV"]
    conda = environ.get("CONDA_PREFIX")
    if conda and environ.get("CONDA_DEFAULT_ENV") not in ("base", "root"):
        return conda
    return _upwards(cwd)


def _named(python: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The prefix for ``--python``: an interpreter, an environment's directory, or a version."""
    path = os.path.join(cwd, os.path.expanduser(python))
    if os.path.isdir(path):
        return os.path.normpath(path)
    words = [python] if "/" in python or not python[:1].isdigit() else [f"python{python}"]
    found = which(words[0], environ, cwd)
    interpreter = interpreter_of(found, environ, cwd) if found else None
    return prefix_of(interpreter, environ) if interpreter else None


def _systems(environ: Mapping[str, str], cwd: str) -> Iterator[str]:
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        for word in ("python3", "python"):
            found = which(os.path.join(directory, word), environ, cwd)
            interpreter = interpreter_of(found, environ, cwd) if found else None
            prefix = prefix_of(interpreter, environ) if interpreter else None
            if prefix and not os.path.isfile(os.path.join(prefix, "pyvenv.cfg")):
                yield prefix


def _upwards(directory: str) -> str | None:
    places = (os.path.join(place, ".venv") for place in upward(directory))
    return next((p for p in places if os.path.isfile(os.path.join(p, "pyvenv.cfg"))), None)
