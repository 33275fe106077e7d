"""The changes that an operation made: the difference of two inventories. Pure."""

from __future__ import annotations

from safeinstall.model import CONDA_OWNERS, Change
from safeinstall.specs.origin import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.model import CondaDistribution, Inventory, Package


def between(before: Inventory, after: Inventory) -> tuple[Change, ...]:
    """The changes, sorted by name. A package replaced by one of the same name is one change."""
    if before.packages is after.packages:
        return ()
    return paired(_missing(before, after), _missing(after, before))


def with_what_stays(changes: Iterable[Change], after: Inventory) -> tuple[Change, ...]:
    """The changes; where one of several packages of a name went, with the one that stayed."""
    there = {package.name: package for package in after.packages}
    return tuple(c if c.after else c.replace(stays=there.get(c.name)) for c in changes)


def replaced(
    before: Inventory, after: Inventory, found: Iterable[Change], *, by_conda: bool = False
) -> tuple[Change, ...]:
    """Those of the changes that replaced a conda-owned package by one of another owner.

    The conda-owned package was there before, or conda has installed it during the operation. With
    ``by_conda`` conda has run: what it has no record of any more, it has removed itself.
    """
    known = {record.location for record in before.overwritten}
    fallen = {
        name: record
        for record in after.overwritten
        if record.location not in known
        for name in (record.name, *record.distributions)
    }
    return tuple(
        change if change.before else Change(change.name, fallen[change.name], change.after)
        for change in found
        if change.after and change.after.owner not in CONDA_OWNERS
        if (
            change.before.owner in CONDA_OWNERS
            if change.before and not by_conda
            else change.name in fallen
        )
    )


def taken(before: Inventory, after: Inventory) -> tuple[CondaDistribution, ...]:
    """The conda-owned distributions of ``before`` of which there is none in ``after``, of any
    owner.
    """
    there = {found.name for found in after.conda_distributions}
    there |= {package.name for package in after.not_owned_by(*CONDA_OWNERS)}
    return tuple(found for found in before.conda_distributions if found.name not in there)


def abandoned(before: Inventory, after: Inventory) -> tuple[Package, ...]:
    """The conda-meta records whose package another installer had replaced, and whose replacement
    is gone in ``after``, too.
    """
    fallen = {record.location for record in before.overwritten}
    return tuple(record for record in after.gone if record.location in fallen)


def paired(left_over: Iterable[Package], new: Iterable[Package]) -> tuple[Change, ...]:
    """Changes made of removed and added packages, paired by name."""
    gone, come = _by_name(left_over), _by_name(new)
    changes = []
    for name in sorted(gone.keys() | come.keys()):
        left, right = gone.get(name, []), come.get(name, [])
        changes += [
            Change(name, _at(left, index), _at(right, index))
            for index in range(max(len(left), len(right)))
        ]
    return tuple(changes)


def _missing(these: Inventory, those: Inventory) -> Iterable[Package]:
    """The packages of ``these`` that ``those`` does not have."""
    known = {_identity(package) for package in those.packages}
    return (package for package in these.packages if _identity(package) not in known)


def _by_name(packages: Iterable[Package]) -> dict[str, list[Package]]:
    found: dict[str, list[Package]] = {}
    for package in packages:
        found.setdefault(package.name, []).append(package)
    return found


def _identity(package: Package) -> tuple[str, ...]:
    about = (package.name, package.version, package.build, package.owner)
    return (*about, package.source, where(package.origin))


def _at(packages: Sequence[Package], index: int) -> Package | None:
    return packages[index] if index < len(packages) else None
