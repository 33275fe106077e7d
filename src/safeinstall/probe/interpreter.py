"""Finds the prefix of an interpreter, by the rules of CPython's getpath and site."""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_text, upward

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def prefix_of(interpreter: str, environ: Mapping[str, str]) -> str | None:
    """``sys.prefix`` of the interpreter at this path; ``None`` where no landmark is found.

    A virtual environment is known by ``pyvenv.cfg`` beside the interpreter or one directory above
    (PEP 405); the path is not resolved for that. Any other prefix is known by
    ``lib/pythonX.Y/os.py`` above the resolved path. ``PYTHONHOME`` overrides both.
    """
    home = environ.get("PYTHONHOME", "").split(os.pathsep)[0]
    if home:
        return home
    directory = os.path.dirname(os.path.abspath(interpreter))
    parent = os.path.dirname(directory)
    if any(os.path.lexists(os.path.join(place, "pyvenv.cfg")) for place in (directory, parent)):
        return parent
    return _landmark(os.path.dirname(os.path.realpath(interpreter)))


def _landmark(directory: str) -> str | None:
    return next(filter(stdlib_of, upward(directory)), None)


def stdlib_of(prefix: str) -> str:
    """``PREFIX/lib/pythonX.Y`` of a full installation; ``""`` for none, as in a venv.

    Where there are several (Debian), the one of ``bin/python3``.
    """
    library = os.path.join(prefix, "lib")
    found = [
        name
        for name in names_in(library)
        if name.startswith(("python", "pypy")) and os.path.isfile(f"{library}/{name}/os.py")
    ]
    if len(found) > 1:
        default = os.path.basename(os.path.realpath(os.path.join(prefix, "bin", "python3")))
        found = [name for name in found if name == default] or sorted(found)
    return os.path.join(library, found[0]) if found else ""


def venv_settings(prefix: str) -> dict[str, str]:
    """``pyvenv.cfg`` as a mapping with lower-case keys; empty where there is none."""
    settings = {}
    for line in read_text(os.path.join(prefix, "pyvenv.cfg")).splitlines():
        key, equals, value = line.partition("=")
        if equals:
            settings[key.strip().lower()] = value.strip()
    return settings
