"""What distributions require of each other, by their own metadata; pure.

Imports ``packaging``: only for what runs while the real tool runs, or in place of it.
"""

from __future__ import annotations

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from safeinstall.argv.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Resident


class Needs:
    """The requirements of some distributions, as they hold under a Python of this version.

    Extras do not count: nobody knows with which of them a distribution was asked for.
    """

    def __init__(self, residents: Iterable[Resident], python: str) -> None:
        self.python = python
        self.by_name: dict[str, list[tuple[Resident, Requirement]]] = {}
        for resident in residents:
            for text in resident.requires:
                requirement = self._read(text)
                if requirement is not None:
                    name = normalize(requirement.name)
                    self.by_name.setdefault(name, []).append((resident, requirement))

    def broken(self, name: str, version: str | None, before: str | None = None) -> tuple[str, ...]:
        """Who is hurt, and why, if ``name`` is at ``version`` (``None``: gone).

        With ``before``, only those who were content with that version.
        """
        return tuple(
            dict.fromkeys(
                f"{resident.name} needs {_shown(requirement)}"
                for resident, requirement in self.by_name.get(name, ())
                if (before is None or _holds(requirement, before))
                and not (version is not None and _holds(requirement, version))
            )
        )

    def _read(self, text: str) -> Requirement | None:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return None
        return requirement if self._applies(requirement) else None

    def _applies(self, requirement: Requirement) -> bool:
        if requirement.marker is None:
            return True
        minor = ".".join(self.python.split(".")[:2])
        here = {"python_version": minor, "python_full_version": self.python, "extra": ""}
        try:
            return requirement.marker.evaluate({**_machine(), **here})
        except (InvalidVersion, ValueError, KeyError):
            return True


def _machine() -> dict[str, str]:
    return {key: str(value) for key, value in default_environment().items()}


def _holds(requirement: Requirement, version: str) -> bool:
    """A version that PEP 440 cannot read (conda has some) says nothing against it."""
    try:
        return requirement.specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return True


def _shown(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"
