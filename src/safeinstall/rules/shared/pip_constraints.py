"""Constraints that keep pip and uv from replacing conda-owned distributions. Pure.

A distribution is pinned to the version in its metadata. If there are two of one name, it is pinned
to the version that pip sees, because pip could only install another one by replacing it.

If pip ignores installed distributions (``--force-reinstall``, a wheel by path), it would install
the same version again, over the conda-owned files. In that case the pin is a local version
(PEP 440) that no index has: pip's resolver refuses as soon as a dependency leads to that package.
"""

from __future__ import annotations

from safeinstall.rules.shared import conda_owned
from safeinstall.specs import pin
from safeinstall.specs.versions import is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import CondaDistribution, Facts, Need

UNREACHABLE = "conda.owns.it"
NOWHERE = f"0+{UNREACHABLE}"  # pins a package that must not be installed at all


def protected(facts: Facts, excepted: frozenset[str]) -> dict[str, CondaDistribution]:
    """The conda-owned distributions to pin, by name, without those whose distribution or conda
    package is in ``excepted``.
    """
    return {
        name: there
        for name, there in conda_owned.owned(facts).items()
        if excepted.isdisjoint((name, there.package.name))
    }


def written_again(facts: Facts, theirs: Iterable[str]) -> frozenset[str]:
    """The names of the distributions that pip would install again in the installed version."""
    command = facts.command
    if conda_owned.installs_again(command, facts.environment):
        return frozenset(theirs)
    there = conda_owned.owned(facts)
    direct = {
        spec.name
        for spec in command.specs
        if spec.kind != "name"
        and spec.name in there
        and not conda_owned.is_same_wheel(spec, there[spec.name], command)
    }
    if command.tool == "uv":  # uv removes both distributions of one name, and installs one again
        direct |= {d.name for d in facts.inventory.conda_distributions if d.twin}
    return frozenset(theirs) & {*direct, *command.reinstalls}


def lines(
    theirs: dict[str, CondaDistribution], again: frozenset[str], *, arbitrary: bool
) -> Iterator[str]:
    """The constraints file's lines. ``arbitrary``: may versions be pinned that PEP 440 forbids?"""
    for name, there in theirs.items():
        version = there.version
        if name in again and pin.is_name(name) and is_version(version):
            yield f"{name}=={version}{'.' if '+' in version else '+'}{UNREACHABLE}"
        elif line := pin.line(name, version, arbitrary=arbitrary):
            yield line


def needed_lines(needs: Iterable[Need]) -> list[str]:
    """Lines that keep pip-owned packages in the versions that conda-owned packages require."""
    lines = (
        f"{need.name}{need.wants}" + (f" ; {need.marker}" if need.marker else "") for need in needs
    )
    return list(dict.fromkeys(lines))
