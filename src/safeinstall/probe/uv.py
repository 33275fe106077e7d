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
    return next(_environments(environ, cwd), None)


def _environments(environ: Mapping[str, str], cwd: str) -> Iterator[str]:
    """The environments that uv finds, in its order. A variable that leads to none is passed over:
    the directory was removed while its shell is open.
    """
    active = environ.get("VIRTUAL_ENV")
    if active and _is_venv(os.path.join(cwd, active)):
        yield os.path.normpath(os.path.join(cwd, active))
    conda = environ.get("CONDA_PREFIX")
    if conda and environ.get("CONDA_DEFAULT_ENV") not in ("base", "root"):
        yield conda
    yield from filter(_is_venv, (os.path.join(place, ".venv") for place in upward(cwd)))


def _is_venv(prefix: str) -> bool:
    return os.path.isfile(os.path.join(prefix, "pyvenv.cfg"))


def _named(python: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The prefix for ``--python``: an environment's directory, an interpreter, or a request, which
    is for a version or an implementation ("Requesting a version" in uv's documentation).
    """
    path = os.path.join(cwd, os.path.expanduser(python))
    if os.path.isdir(path):
        return os.path.normpath(path)
    if "/" in python or which(python, environ, cwd):
        return _prefix(python, environ, cwd)
    minor = _minor(python)
    found = (p for p in _environments(environ, cwd) if not minor or _has(p, minor))
    by_name = _prefix(f"python{minor or '3'}", environ, cwd)
    return next(found, by_name or next(_systems(environ, cwd), None))


def _minor(request: str) -> str:
    """``3.11`` of ``3.11.7``, ``311`` or ``cpython@3.11``; ``""`` where any version may be meant,
    as for ``>=3.10``.
    """
    import re  # rarely needed

    found = re.fullmatch(r"(?:[a-z]+[@-]?)?(3)\.?(\d+)?(?:[.+-].*)?", request.lower())
    return f"{found[1]}.{found[2]}" if found and found[2] else ""


def _has(prefix: str, minor: str) -> bool:
    return os.path.lexists(os.path.join(prefix, "bin", f"python{minor}"))


def _prefix(word: str, environ: Mapping[str, str], cwd: str) -> str | None:
    found = which(word, environ, cwd)
    interpreter = interpreter_of(found, environ, cwd) if found else None
    return prefix_of(interpreter, environ) if interpreter else None


def _systems(environ: Mapping[str, str], cwd: str) -> Iterator[str]:
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        for word in ("python3", "python"):
            prefix = _prefix(os.path.join(directory, word), environ, cwd)
            if prefix and not _is_venv(prefix):
                yield prefix
