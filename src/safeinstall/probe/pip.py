"""Which prefix a pip command would change, and which version of pip would run."""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_text
from safeinstall.probe.environment import describe
from safeinstall.probe.interpreter import prefix_of
from safeinstall.probe.shadows import places
from safeinstall.probe.tool import interpreter_of, is_python_name, which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command


def target_prefix(
    command: Command, executable: str, environ: Mapping[str, str], cwd: str
) -> str | None:
    """``sys.prefix`` of the pip that would run, or of ``--python``; ``None`` if unknown."""
    chosen = command.target.python
    interpreter = (
        _chosen_by_option(chosen, environ, cwd)
        if chosen is not None
        else interpreter_of(executable, environ, cwd)
    )
    return prefix_of(interpreter, environ) if interpreter else None


def version_of(
    options: tuple[str, ...], executable: str, environ: Mapping[str, str], home: str, cwd: str
) -> str:
    """The version of the pip that would run, from the name of its metadata; ``""`` if unknown.

    ``options`` are those of the interpreter. A ``pip`` script, too, imports the first pip on
    ``sys.path``.
    """
    interpreter = interpreter_of(executable, environ, cwd)
    prefix = prefix_of(interpreter, environ) if interpreter else None
    if not prefix:
        return ""
    environment = describe(prefix)
    for place in (*places(options, environment, environ, home), *environment.site_packages):
        directory = os.path.join(cwd, place)
        entries = [entry for entry in names_in(directory) if entry.endswith(".dist-info")]
        versions = [entry[4:-10] for entry in entries if entry.startswith("pip-")]
        if versions:
            return versions[0] if len(versions) == 1 else _says(f"{directory}/pip/__init__.py")
    return ""


def _says(module: str) -> str:
    """``__version__`` in pip's module, where conda and pip have left metadata of two versions."""
    for line in read_text(module, 4096).splitlines():
        name, _, value = line.partition(" = ")
        if name == "__version__":
            return value.strip("\"'")
    return ""


def _chosen_by_option(python: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The interpreter that ``pip --python`` names: itself, or a directory with ``bin/python``."""
    path = os.path.join(cwd, os.path.expanduser(python))
    if os.path.isdir(path):
        return os.path.join(path, "bin", "python")
    found = which(python, environ, cwd)
    if found is None or is_python_name(found):
        return found
    return interpreter_of(found, environ, cwd)
