"""The requirements of distributions on each other, from their metadata. Pure.

``packaging`` costs 50 ms to import: it is loaded only when a requirement has to be evaluated.
"""

from __future__ import annotations

from safeinstall.specs.requirement import NAME_CHARACTERS, normalize
from safeinstall.specs.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.requirements import Requirement

    from safeinstall.model import PlannedPackage, Resident

_NONE = frozenset(("",))  # no extra: the requirements that hold in any case


class Needs:
    """The requirements of some distributions under a Python of this version.

    Distributions with unknown requirements (``requires`` is None) are ignored: callers have to
    handle them. An extra counts if another of the distributions requires it; which extras the user
    asked for is not recorded anywhere.
    """

    def __init__(self, residents: Iterable[Resident | PlannedPackage], python: str) -> None:
        self.python = python
        self.residents = tuple(residents)
        self.extras: dict[str, set[str]] = {}  # by name; filled when first needed
        self.by_name: dict[str, list[tuple[Resident | PlannedPackage, str]]] = {}
        for resident in self.residents:
            for text in resident.requires or ():
                self.by_name.setdefault(_name(text), []).append((resident, text))

    def broken(self, name: str, version: str | None, before: str | None = None) -> tuple[str, ...]:
        """The requirements that fail if ``name`` has ``version`` (``None``: is removed), as text.

        With ``before``, only the requirements that this version met.
        """
        return tuple(self._hurt(name, version, before))

    def unmet(self, there: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        """The requirements that ``there``, the versions by name, does not meet: by whom, of which
        name, and as text.
        """
        for name, asked in self.by_name.items():
            version = there.get(name)
            for resident, text in asked:
                if _is_plainly_met(text, version) or self._is_of_an_extra(resident, text):
                    continue
                requirement = self._read(resident, text)
                if requirement and (version is None or not _holds(requirement, version)):
                    yield resident.name, name, f"{requirement.name}{requirement.specifier}"

    def wanted(self, name: str) -> Iterator[str]:
        """The versions of ``name`` that each of the requirements admits: ``<2,>=1.21``."""
        for resident, text in self.by_name.get(name, ()):
            if not self._is_of_an_extra(resident, text):
                requirement = self._read(resident, text)
                if requirement is not None:
                    yield str(requirement.specifier)

    def needing(self, name: str) -> set[str]:
        """The names of the distributions that require ``name`` in any version."""
        return {resident.name for resident in self._hurt(name, None, None).values()}

    def _hurt(
        self, name: str, version: str | None, before: str | None
    ) -> dict[str, Resident | PlannedPackage]:
        hurt = {}
        for resident, text in self.by_name.get(name, ()):
            requirement = self._read(resident, text)
            if requirement is None or (before is not None and not _holds(requirement, before)):
                continue
            if version is None or not _holds(requirement, version):
                hurt[f"{resident.name} needs {requirement.name}{requirement.specifier}"] = resident
        return hurt

    def _is_of_an_extra(self, resident: Resident | PlannedPackage, text: str) -> bool:
        """Is it certain that the requirement only holds with an extra that nobody asks for?"""
        marker = text.partition(";")[2].split()
        if not self.extras and "extra" in marker:
            self.extras = _extras(self.residents, self.python)
        asked = self.extras.get(resident.name, _NONE)
        return "extra" in marker and "or" not in marker and asked == _NONE

    def _read(self, resident: Resident | PlannedPackage, text: str) -> Requirement | None:
        if "extra" in text and not self.extras:
            self.extras = _extras(self.residents, self.python)
        return _read(text, self.python, self.extras.get(resident.name, _NONE))


def _extras(residents: Iterable[Resident | PlannedPackage], python: str) -> dict[str, set[str]]:
    """By name, the extras that other distributions require; an extra may require more extras."""
    asked = {resident.name: {*_NONE} for resident in residents}
    asking = [(r.name, text) for r in residents for text in r.requires or () if "[" in text]
    known = -1
    while known < sum(map(len, asked.values())):
        known = sum(map(len, asked.values()))
        for by, text in asking:
            requirement = _read(text, python, asked[by])
            if requirement is not None and _name(text) in asked:
                asked[_name(text)].update(map(normalize, requirement.extras))
    return asked


def _is_plainly_met(text: str, version: str | None) -> bool:
    """Is it clear without ``packaging`` that the version meets the requirement, if it applies?"""
    plain = text.partition(";")[0]
    wants = plain.lstrip("".join(NAME_CHARACTERS)).replace(" ", "").strip("()")
    return version is not None and satisfies(version, wants) is True


def _name(text: str) -> str:
    end = next((i for i, c in enumerate(text) if c not in NAME_CHARACTERS), len(text))
    return normalize(text[:end])


def _read(text: str, python: str, extras: Iterable[str]) -> Requirement | None:
    """The requirement; ``None`` if it is invalid or its marker does not hold."""
    from packaging.requirements import Requirement

    try:
        requirement = Requirement(text)
    except ValueError:  # InvalidRequirement among them
        return None
    return requirement if _applies(requirement, python, extras) else None


def _applies(requirement: Requirement, python: str, extras: Iterable[str]) -> bool:
    """Does the marker hold under this Python, on this machine, with any of the extras?"""
    if requirement.marker is None:
        return True
    from packaging.version import InvalidVersion

    minor = ".".join(python.split(".")[:2])
    here = {"python_version": minor, "python_full_version": python}
    try:
        return any(requirement.marker.evaluate({**here, "extra": extra}) for extra in extras)
    except (InvalidVersion, ValueError, KeyError):
        return True


def _holds(requirement: Requirement, version: str) -> bool:
    """Does the version meet the requirement? True for a version outside PEP 440, as conda has."""
    try:
        return requirement.specifier.contains(version, prereleases=True)
    except ValueError:  # InvalidVersion, or a number that is too long for Python
        return True
