"""Where a conda ``python`` package looks for packages, from its version and build. Pure."""

from __future__ import annotations

_OTHERS = ("pypy", "graalpy")  # conda-forge has these interpreters as builds of "python", too


def site_packages(version: str, build: str) -> str:
    """The directory relative to the prefix, for a package that does not declare it (CEP 17)."""
    return f"lib/{directory(version, build)}/site-packages"


def directory(version: str, build: str) -> str:
    """The directory below ``lib``: ``python3.13``, ``python3.13t`` (free-threaded), ``pypy3.9``."""
    minor = ".".join(version.split(".")[:2])
    if implementation(build) == "pypy":
        return f"pypy{minor}"
    return f"python{minor}{'t' if is_free_threaded(build) else ''}"


def is_free_threaded(build: str) -> bool:
    """Has the build string an ABI tag such as ``cp313t``?"""
    tags = (tag for tag in build.split("_") if tag.startswith("cp") and tag.endswith("t"))
    return any(tag[2:-1].isdecimal() for tag in tags)


def implementation(build: str) -> str:
    """``pypy``, ``graalpy`` or ``cpython``, by the build string."""
    tags = build.lower().split("_")
    return next((name for name in _OTHERS for tag in tags if tag.startswith(name)), "cpython")
