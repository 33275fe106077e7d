"""The state that an environment had, from the one that it has and the changes since. Pure."""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.model import CONDA_OWNERS, RECORD, Package
from safeinstall.redaction.names import HIDDEN
from safeinstall.specs import origin as origins
from safeinstall.state.nouns import CondaPackage, Distribution
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Json
    from safeinstall.state.nouns import State


class Past(Value):
    """The packages that were there; ``since`` names those that were changed later on, and are as
    they are now.
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


def before(packages: Iterable[Package], changes: Iterable[Json]) -> Past:
    """The packages without these changes, as a journal has them: what came, goes, and what went,
    comes again.
    """
    there = list(packages)
    since, again = [], []
    for change in changes:
        name = change["name"]
        came, went = _package(name, change["after"]), _package(name, change["before"])
        at = next((p for p in there if came and _is_same(p, came)), None)
        if came is not None and at is None:
            since.append(name)
            continue
        if at is not None:
            there.remove(at)
        again.append(went)
    for went in filter(None, again):
        if not any(_rivals(p, went) for p in there):
            there.append(went)
    return Past(tuple(sorted(there, key=lambda p: (p.name, p.owner))), tuple(since))


def _package(name: str, side: Json | None) -> Package | None:
    """``None`` also for a mere record of conda's: its files were not there."""
    if side is None or side.get("source") == RECORD:
        return None
    return Package.recorded(name, side)


def _is_same(package: Package, other: Package) -> bool:
    same = package.version == other.version and _rivals(package, other)
    return same and package.is_alike(other)


def _rivals(package: Package, other: Package) -> bool:
    """Can only one of them be there?"""
    condas = (package.owner in CONDA_OWNERS, other.owner in CONDA_OWNERS)
    return package.name == other.name and condas[0] == condas[1]


# ---- as a State --------------------------------------------------------------------------------


def state(past: Past, now: State, inventory: Iterable[Package]) -> State:
    """The state in the past, as far as the journal tells. ``inventory`` has the packages that are
    there now, of which ``now`` tells more.
    """
    there = frozenset(inventory)
    conda = {(p.name, p.version): p for p in now.conda}
    pip = {p.name: p for p in now.pip}
    condas = [
        (p in there and conda.get((p.name, p.version))) or CondaPackage(p.name, p.version, p.build)
        for p in past.conda
    ]
    pips = [(p in there and pip.get(p.name)) or _without_secrets(p) for p in past.pip]
    python = next((package.version for package in condas if package.name == "python"), now.python)
    later = [f"{name} was changed without a record, and is as it is now" for name in past.since]
    hidden = [
        f"the address of {p.name} had a secret, and is left out"
        for p in past.pip
        if p not in there and HIDDEN in p.origin
    ]
    remarks = (*now.remarks, _TODAYS, *later, *hidden)
    return now.replace(python=python, conda=tuple(condas), pip=tuple(pips), remarks=remarks)


_TODAYS = "channels, variables and pip's options are those of now: the journal has packages alone"


def _without_secrets(package: Package) -> Distribution:
    return distribution(package.replace(origin="") if HIDDEN in package.origin else package)


def package(found: Distribution) -> Package:
    """The distribution as an inventory has it, without the place of its files."""
    if found.origin is None:
        return Package(found.name, found.version, "pip")
    editable = found.origin.dir_info is not None and found.origin.dir_info.editable
    source, origin = "editable" if editable else "url", origins.text(found.origin.to_dict())
    return Package(found.name, found.version, "pip", source=source, origin=origin)


def distribution(package: Package) -> Distribution:
    """What the journal tells of a distribution that conda does not own."""
    site_packages.enable()
    from packaging.direct_url import DirectUrl

    origin = None
    if package.origin:
        editable = package.source == "editable"
        origin = DirectUrl.from_dict(origins.direct_url(package.origin, editable=editable))
    return Distribution(package.name, package.version, requested=True, origin=origin)
