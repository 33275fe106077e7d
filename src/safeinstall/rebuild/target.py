"""The state that an environment had, from the one that it has and the changes since. Pure."""

from __future__ import annotations

from safeinstall.model import CONDA_OWNERS, RECORD, Package
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from safeinstall.model import Json


class Target(Value):
    """The packages that are to be there; ``since`` names those that were changed later on, and are
    left as they are.
    """

    packages: tuple[Package, ...]
    since: tuple[str, ...] = ()

    @property
    def conda(self) -> tuple[Package, ...]:
        """Those that conda owns."""
        return tuple(package for package in self.packages if package.owner in CONDA_OWNERS)

    @property
    def pip(self) -> tuple[Package, ...]:
        """The others."""
        return tuple(package for package in self.packages if package.owner not in CONDA_OWNERS)


def before(packages: Iterable[Package], changes: Iterable[Json]) -> Target:
    """The packages without these changes, as a journal has them: what came, goes, and what went,
    comes again.
    """
    there = list(packages)
    since, again = [], []
    for change in changes:
        name = change["name"]
        came, went = _package(name, change["after"]), _package(name, change["before"])
        at = next((p for p in there if came and _same(p, came)), None)
        if came is not None and at is None:
            since.append(name)
            continue
        if at is not None:
            there.remove(at)
        again.append(went)
    for went in filter(None, again):
        if not any(_rivals(p, went) for p in there):
            there.append(went)
    return Target(tuple(sorted(there, key=lambda p: (p.name, p.owner))), tuple(since))


def _package(name: str, side: Mapping[str, Any] | None) -> Package | None:
    """``None`` also for a mere record of conda's: its files were not there."""
    if side is None or side.get("source") == RECORD:
        return None
    build, source = side.get("build") or "", side.get("source") or ""
    return Package(name, side["version"], side["owner"], build, source)


def _same(package: Package, other: Package) -> bool:
    builds = {package.build, other.build} - {""}
    return (
        (package.name, package.version) == (other.name, other.version)
        and _rivals(package, other)
        and len(builds) <= 1
    )


def _rivals(package: Package, other: Package) -> bool:
    """Can only one of them be there?"""
    condas = (package.owner in CONDA_OWNERS, other.owner in CONDA_OWNERS)
    return package.name == other.name and condas[0] == condas[1]
