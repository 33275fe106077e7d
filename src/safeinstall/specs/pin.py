"""A line of a constraints file that admits one version of a distribution only."""

from __future__ import annotations

from safeinstall.specs.versions import is_version, numbers


def line(name: str, version: str, *, arbitrary: bool = True) -> str:
    """The line; ``""`` where pip could not read it, or where no requirement can name the
    distribution. ``arbitrary``: may a version be pinned that PEP 440 forbids?
    """
    if not is_name(name):
        return ""
    if is_version(version):
        return f"{name}{_exactly(version)}"
    sayable = arbitrary and version and version.isprintable() and " " not in version
    return f"{name}==={version}" if sayable else ""


def _exactly(version: str) -> str:
    """The specifier for this version only: ``==1.21`` would admit ``1.21+cu118``, too (PEP 440).

    ``===`` compares the text, so it is used only for plain numbers, which have one spelling.
    """
    plain = ".".join(map(str, numbers(version) or ())) == version
    return f"==={version}" if plain else f"=={version}"


def is_name(text: str) -> bool:
    """Is the text a valid name (PEP 508)? pip rejects a constraints file with an invalid one."""
    letters = text.replace("-", "").replace("_", "").replace(".", "")
    return text.isascii() and letters.isalnum() and text[:1].isalnum() and text[-1:].isalnum()
