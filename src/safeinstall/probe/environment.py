"""Describes a prefix: a conda environment, a virtual environment, or a system's own Python."""

from __future__ import annotations

import os

from safeinstall.canonical import decode_object
from safeinstall.files import names_in, read_bytes, same
from safeinstall.model import Environment
from safeinstall.probe import unreadable
from safeinstall.probe.interpreter import stdlib_of, venv_settings
from safeinstall.specs import python_builds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import EnvironmentKind

BY = "safeinstall protect"
"""By this word in a mark of an environment (frozen, externally managed) it is known as ours."""

_LONGEST = 1 << 14  # bytes of a mark
_CONDAS = ("conda", "mamba")  # packages


def describe(prefix: str, root_prefix: str = "") -> Environment:
    """Everything about the prefix but its packages.

    ``root_prefix`` is the root prefix of conda; ``""`` where it is not known.
    """
    kind = kind_of(prefix)
    base = kind == "conda" and _is_base(prefix, root_prefix)
    python = _python_directory(prefix, kind)
    mark = os.path.join(prefix, "conda-meta", "frozen")
    frozen = os.path.lexists(mark)
    return Environment(
        prefix=prefix,
        kind=kind,
        name=_name(prefix, base=base),
        base=base,
        without_conda=base and not _has_conda(prefix),
        by_name=base or _is_among_named(prefix, root_prefix),
        python=_minor(python),
        site_packages=_site_packages(prefix, python),
        frozen=frozen,
        frozen_by_us=frozen and _is_by_us(mark),
        externally_managed=_externally_managed(prefix, kind, python),
        writable=os.access(prefix, os.W_OK),
    )


def _is_by_us(mark: str) -> bool:
    said = decode_object(read_bytes(mark, _LONGEST))
    return said is not None and said.get("by") == BY


def kind_of(prefix: str) -> EnvironmentKind:
    """The kind that :func:`describe` would find, at lower cost."""
    if not os.path.isdir(prefix):
        return "missing"
    if os.path.isdir(os.path.join(prefix, "conda-meta")):
        return "conda"
    if os.path.lexists(os.path.join(prefix, "pyvenv.cfg")):  # also if that file is damaged
        return "venv"
    return "system"


def _is_base(prefix: str, root_prefix: str) -> bool:
    """Is this the base environment?

    Where no root prefix is known, base is an environment with conda in it that also has a directory
    which only a root prefix has (``envs``, ``pkgs``). A conda alone, which a user may install into
    any environment, does not make it base.
    """
    if root_prefix:
        return same(prefix, root_prefix)
    has_conda = os.path.exists(os.path.join(prefix, "condabin", "conda"))
    return has_conda and any(os.path.isdir(os.path.join(prefix, name)) for name in ("envs", "pkgs"))


def _has_conda(prefix: str) -> bool:
    """Does conda, or a mamba that was installed as a package, run in this prefix?

    A micromamba is one file somewhere else. What its ``shell init`` writes into its root prefix
    (``condabin/mamba``, ``etc/profile.d``) only leads to that file.
    """
    programs = (os.path.join(place, "conda") for place in ("bin", "condabin"))
    if any(os.path.lexists(os.path.join(prefix, program)) for program in programs):
        return True
    records = names_in(os.path.join(prefix, "conda-meta"))
    return any(name.endswith(".json") and name.rsplit("-", 2)[0] in _CONDAS for name in records)


def _is_among_named(prefix: str, root_prefix: str) -> bool:
    """Is it in one of conda's own two directories of environments? condarc files may add others."""
    parent = os.path.dirname(prefix)
    if os.path.basename(parent) != "envs":
        return False
    root = os.path.dirname(parent)
    if os.path.basename(root) == ".conda":
        return True
    return same(root, root_prefix) if root_prefix else kind_of(root) == "conda"


def _name(prefix: str, *, base: bool) -> str:
    return "base" if base else os.path.basename(prefix)


def _python_directory(prefix: str, kind: EnvironmentKind) -> str:
    """The name of the Python's directory below ``lib``, ``python3.11``; ``""`` without a Python."""
    if kind == "conda":
        for name in names_in(os.path.join(prefix, "conda-meta")):
            if name.startswith("python-") and name.endswith(".json"):
                _, version, *build = name[:-5].split("-")
                numbers = version.split(".")
                if len(numbers) > 1 and numbers[0].isdigit():
                    return _existing(prefix, python_builds.directory(version, "-".join(build)))
    if kind == "venv":
        settings = venv_settings(prefix)
        numbers = (settings.get("version_info") or settings.get("version") or "").split(".")
        if len(numbers) > 1 and all(part.isdecimal() for part in numbers[:2]):
            return _existing(prefix, f"python{numbers[0]}.{numbers[1]}")
        unreadable.note("pyvenv", os.path.join(prefix, "pyvenv.cfg"))
        return _only_python(prefix)
    return os.path.basename(stdlib_of(prefix))


def _only_python(prefix: str) -> str:
    """The directory below ``lib`` that has site-packages, for a damaged ``pyvenv.cfg``."""
    found = sorted(
        name
        for name in names_in(os.path.join(prefix, "lib"))
        if os.path.isdir(os.path.join(prefix, "lib", name, "site-packages"))
    )
    return found[-1] if found else ""


def _existing(prefix: str, python: str) -> str:
    """``python`` (``python3.13``), or its free-threaded or PyPy's directory, if only that exists.

    After a move, the directory of the Python that was there before may still exist.
    """
    minor = _minor(python)
    names = (python, f"python{minor}", f"python{minor}t", f"pypy{minor}")
    return next((name for name in names if os.path.isdir(f"{prefix}/lib/{name}")), python)


def _minor(python: str) -> str:
    """``3.13`` of ``python3.13t`` or ``pypy3.13``"""
    return python.removeprefix("python").removeprefix("pypy").removesuffix("t")


def _site_packages(prefix: str, python: str) -> tuple[str, ...]:
    """The existing directories in which pip and conda install distributions."""
    if not python:
        return ()
    candidates = (
        f"{prefix}/lib/{python}/site-packages",
        # conda puts noarch packages there also for a PyPy that declares no other place
        *([f"{prefix}/lib/python{_minor(python)}/site-packages"] * python.startswith("pypy")),
        f"{prefix}/lib64/{python}/site-packages",
        # Debian separates packages that pip installs from its own packages
        f"{prefix}/local/lib/{python}/dist-packages",
        f"{prefix}/lib/python3/dist-packages",
    )
    found = {os.path.realpath(path): path for path in reversed(candidates) if os.path.isdir(path)}
    return tuple(path for path in candidates if path in found.values())


def managed_mark(prefix: str, kind: EnvironmentKind, python: str = "") -> str:
    """The path of the file EXTERNALLY-MANAGED (PEP 668), which need not exist."""
    return f"{prefix}/lib/{python or _python_directory(prefix, kind)}/EXTERNALLY-MANAGED"


def _externally_managed(prefix: str, kind: EnvironmentKind, python: str) -> bool:
    # PEP 668 does not apply to virtual environments
    return kind != "venv" and os.path.isfile(managed_mark(prefix, kind, python))
