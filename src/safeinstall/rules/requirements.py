"""What distributions require of each other, by their own metadata; pure.

``packaging`` costs 50 ms to import: it is loaded when a requirement is really in question.
"""

from __future__ import annotations

from safeinstall.argv.requirement import NAME_CHARACTERS, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.requirements import Requirement

    from safeinstall.model import PlannedPackage, Resident


class Needs:
    """The requirements of some distributions, as they hold under a Python of this version.

    Extras do not count: nobody knows with which of them a distribution was asked for.
    """

    def __init__(self, residents: Iterable[Resident | PlannedPackage], python: str) -> None:
        self.python = python
        self.by_name: dict[str, list[tuple[Resident | PlannedPackage, str]]] = {}
        for resident in residents:
            for text in resident.requires:
                self.by_name.setdefault(_name(text), []).append((resident, text))

    def broken(self, name: str, version: str | None, before: str | None = None) -> tuple[str, ...]:
        """Who is hurt, and why, if ``name`` is at ``version`` (``None``: gone).

        With ``before``, only those who were content with that version.
        """
        hurt = {}
        for resident, text in self.by_name.get(name, ()):
            requirement = _read(text, self.python)
            if requirement is None or (before is not None and not _holds(requirement, before)):
                continue
            if version is None or not _holds(requirement, version):
                hurt[f"{resident.name} needs {requirement.name}{requirement.specifier}"] = resident
        return tuple(hurt)


def _name(text: str) -> str:
    end = next((i for i, c in enumerate(text) if c not in NAME_CHARACTERS), len(text))
    return normalize(text[:end])


def _read(text: str, python: str) -> Requirement | None:
    """The requirement; ``None`` where it makes no sense or does not apply here."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    return requirement if _applies(requirement, python) else None


def _applies(requirement: Requirement, python: str) -> bool:
    """Does the marker hold under this Python, on this machine?"""
    if requirement.marker is None:
        return True
    from packaging.version import InvalidVersion

    minor = ".".join(python.split(".")[:2])
    here = {"python_version": minor, "python_full_version": python, "extra": ""}
    try:
        return requirement.marker.evaluate(here)
    except (InvalidVersion, ValueError, KeyError):
        return True


def _holds(requirement: Requirement, version: str) -> bool:
    """A version that PEP 440 cannot read (conda has some) says nothing against it."""
    from packaging.version import InvalidVersion

    try:
        return requirement.specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return True
