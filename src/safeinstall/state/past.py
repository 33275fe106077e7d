"""The state that an environment had, from the one that it has and the changes since. Pure."""

from __future__ import annotations

from safeinstall.canonical import encode
from safeinstall.model import CONDA_OWNERS, RECORD, Package
from safeinstall.redaction.names import HIDDEN
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.origin import is_alike, parse
from safeinstall.specs.requirement import normalize
from safeinstall.state.nouns import CondaPackage, Distribution
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.direct_url import DirectUrl

    from safeinstall.model import Change
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


def before(packages: Iterable[Package], changes: Iterable[Change]) -> Past:
    """The packages without these changes: what came, goes, and what went, comes again."""
    there = list(packages)
    since, again = [], []
    for change in changes:
        came, went = _whole(change.after), _whole(change.before)
        at = next((p for p in there if came and _is_same(p, came)), None)
        if came is not None and at is None:
            since.append(change.name)
            continue
        if at is not None:
            there.remove(at)
        again.append(went)
    for went in filter(None, again):
        if not any(_rivals(p, went) for p in there):
            there.append(went)
    return Past(tuple(sorted(there, key=lambda p: (p.name, p.owner))), tuple(since))


def _whole(side: Package | None) -> Package | None:
    """``None`` also for a mere record of conda's: its files were not there."""
    return side if side is not None and side.source != RECORD else None


def _is_same(package: Package, other: Package) -> bool:
    same = package.version == other.version and _rivals(package, other)
    return same and is_alike(package, other)


def _rivals(package: Package, other: Package) -> bool:
    """Can only one of them be there?"""
    condas = (package.owner in CONDA_OWNERS, other.owner in CONDA_OWNERS)
    return package.name == other.name and condas[0] == condas[1]


def names_of(package: Package) -> tuple[str, ...]:
    """The names of the distributions in a conda package; of another package, its own."""
    if package.owner not in CONDA_OWNERS:
        return (package.name,)
    return package.distributions or (normalize(pip_name(package.name) or package.name),)


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
    names = {name for package in past.conda for name in names_of(package)}
    once = {package.name: package for package in past.pip if package.name not in names}
    pips = [(p in there and pip.get(p.name)) or _without_secrets(p) for p in once.values()]
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
    name, version, direct_url = found.name, found.version, found.origin
    if direct_url is None:
        return Package(name, version, "pip", requested=found.requested)
    editable = direct_url.dir_info is not None and direct_url.dir_info.editable
    return Package(
        name,
        version,
        "pip",
        source="editable" if editable else "url",
        origin=encode(direct_url.to_dict()).decode(),
        requested=found.requested,
    )


def distribution(package: Package) -> Distribution:
    """What an inventory or the journal tells of a distribution that conda does not own. One of
    which nobody knows whether it was asked for, counts as asked for.
    """
    requested = package.requested is not False
    return Distribution(package.name, package.version, requested, origin=_origin(package))


def _origin(package: Package) -> DirectUrl | None:
    """``None`` also where it is not what PEP 610 has."""
    try:
        return parse(package.origin)
    except ValueError:
        return None
