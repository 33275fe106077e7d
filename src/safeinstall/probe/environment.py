"""What a prefix is: a conda environment, a virtual environment, or a system's own Python."""

from __future__ import annotations

import os

from safeinstall.files import names_in, same
from safeinstall.model import Environment
from safeinstall.probe import unreadable
from safeinstall.probe.interpreter import stdlib_of, venv_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import EnvironmentKind


def describe(prefix: str, root_prefix: str = "") -> Environment:
    """Everything about the prefix but its packages. ``root_prefix`` is conda's, where known."""
    kind = kind_of(prefix)
    base = kind == "conda" and _is_base(prefix, root_prefix)
    python = _python_directory(prefix, kind)
    return Environment(
        prefix=prefix,
        kind=kind,
        name=_name(prefix, base=base),
        base=base,
        python=python.removeprefix("python").removeprefix("pypy").removesuffix("t"),
        site_packages=_site_packages(prefix, python),
        frozen=os.path.lexists(os.path.join(prefix, "conda-meta", "frozen")),
        externally_managed=_externally_managed(prefix, kind, python),
        writable=os.access(prefix, os.W_OK),
    )


def kind_of(prefix: str) -> EnvironmentKind:
    """What :func:`describe` would call it, for less."""
    if not os.path.isdir(prefix):
        return "missing"
    if os.path.isdir(os.path.join(prefix, "conda-meta")):
        return "conda"
    if os.path.lexists(os.path.join(prefix, "pyvenv.cfg")):  # damaged, it is one all the same
        return "venv"
    return "system"


def _is_base(prefix: str, root_prefix: str) -> bool:
    """Is this the environment that conda itself lives in?

    Where no root prefix is known: conda is installed here, and the directories that only a root
    has (``envs``, ``pkgs``) are here too. A conda that somebody installed into an ordinary
    environment does not make it base.
    """
    if root_prefix:
        return same(prefix, root_prefix)
    has_conda = os.path.exists(os.path.join(prefix, "condabin", "conda"))
    return has_conda and any(os.path.isdir(os.path.join(prefix, name)) for name in ("envs", "pkgs"))


def _name(prefix: str, *, base: bool) -> str:
    return "base" if base else os.path.basename(prefix)


def _python_directory(prefix: str, kind: EnvironmentKind) -> str:
    """``python3.11``, the name of the directory below ``lib``; ``""`` without a Python."""
    if kind == "conda":
        for name in names_in(os.path.join(prefix, "conda-meta")):
            if name.startswith("python-") and name.endswith(".json"):
                version = name.split("-")[1].split(".")
                if len(version) > 1 and version[0].isdigit():
                    return _existing(prefix, f"python{version[0]}.{version[1]}")
    if kind == "venv":
        settings = venv_settings(prefix)
        version = (settings.get("version_info") or settings.get("version") or "").split(".")
        if len(version) > 1 and all(part.isdecimal() for part in version[:2]):
            return f"python{version[0]}.{version[1]}"
        unreadable.note("pyvenv", os.path.join(prefix, "pyvenv.cfg"))
        return _only_python(prefix)
    return os.path.basename(stdlib_of(prefix))


def _only_python(prefix: str) -> str:
    """The Python whose directory there is, whatever ``pyvenv.cfg`` says."""
    found = sorted(
        name
        for name in names_in(os.path.join(prefix, "lib"))
        if os.path.isdir(os.path.join(prefix, "lib", name, "site-packages"))
    )
    return found[-1] if found else ""


def _existing(prefix: str, python: str) -> str:
    """A build without the global lock keeps its library apart: ``python3.13t``."""
    threaded = f"{python}t"
    return threaded if os.path.isdir(f"{prefix}/lib/{threaded}") else python


def _site_packages(prefix: str, python: str) -> tuple[str, ...]:
    """The directories in which pip and conda keep distributions, existing ones only."""
    if not python:
        return ()
    candidates = (
        f"{prefix}/lib/{python}/site-packages",
        f"{prefix}/lib64/{python}/site-packages",
        # Debian keeps pip's packages apart from its own
        f"{prefix}/local/lib/{python}/dist-packages",
        f"{prefix}/lib/python3/dist-packages",
    )
    found = {os.path.realpath(path): path for path in reversed(candidates) if os.path.isdir(path)}
    return tuple(path for path in candidates if path in found.values())


def managed_mark(prefix: str, kind: EnvironmentKind, python: str = "") -> str:
    """Where PEP 668's mark is, or would be: beside the standard library."""
    return f"{prefix}/lib/{python or _python_directory(prefix, kind)}/EXTERNALLY-MANAGED"


def _externally_managed(prefix: str, kind: EnvironmentKind, python: str) -> bool:
    # the mark does not bind virtual environments
    return kind != "venv" and os.path.isfile(managed_mark(prefix, kind, python))
