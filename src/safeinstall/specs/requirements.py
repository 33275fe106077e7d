"""What distributions require of each other, by their own metadata; pure.

``packaging`` costs 50 ms to import: it is loaded when a requirement is really in question.
"""

from __future__ import annotations

from safeinstall.specs.requirement import NAME_CHARACTERS, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.requirements import Requirement

    from safeinstall.model import PlannedPackage, Resident

_NONE = frozenset(("",))  # no extra: what is required in any case


class Needs:
    """The requirements of some distributions, as they hold under a Python of this version.

    Those whose requirements are not known are passed over: their callers have to see to them.
    Extras count as far as one of them asks for another with it: with which of them the user asked
    for a distribution, nobody knows.
    """

    def __init__(self, residents: Iterable[Resident | PlannedPackage], python: str) -> None:
        self.python = python
        self.residents = tuple(residents)
        self.extras: dict[str, set[str]] = {}  # by name, once they are in question
        self.by_name: dict[str, list[tuple[Resident | PlannedPackage, str]]] = {}
        for resident in self.residents:
            for text in resident.requires or ():
                self.by_name.setdefault(_name(text), []).append((resident, text))

    def broken(self, name: str, version: str | None, before: str | None = None) -> tuple[str, ...]:
        """Who is hurt, and why, if ``name`` is at ``version`` (``None``: gone).

        With ``before``, only those who were content with that version.
        """
        return tuple(self._hurt(name, version, before))

    def needing(self, name: str) -> set[str]:
        """The names of those that need it, in whatever version."""
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

    def _read(self, resident: Resident | PlannedPackage, text: str) -> Requirement | None:
        if "extra" in text and not self.extras:
            self.extras = _extras(self.residents, self.python)
        return _read(text, self.python, self.extras.get(resident.name, _NONE))


def _extras(residents: Iterable[Resident | PlannedPackage], python: str) -> dict[str, set[str]]:
    """By name, the extras with which it is asked for; an extra may ask for more of them."""
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


def _name(text: str) -> str:
    end = next((i for i, c in enumerate(text) if c not in NAME_CHARACTERS), len(text))
    return normalize(text[:end])


def _read(text: str, python: str, extras: Iterable[str]) -> Requirement | None:
    """The requirement; ``None`` where it makes no sense or does not apply here."""
    from packaging.requirements import Requirement

    try:
        requirement = Requirement(text)
    except ValueError:  # InvalidRequirement among them
        return None
    return requirement if _applies(requirement, python, extras) else None


def _applies(requirement: Requirement, python: str, extras: Iterable[str]) -> bool:
    """Does the marker hold under this Python, on this machine, with one of the extras?"""
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
    """A version that PEP 440 cannot read (conda has some) says nothing against it."""
    try:
        return requirement.specifier.contains(version, prereleases=True)
    except ValueError:  # InvalidVersion, or a number that is too long for Python
        return True
