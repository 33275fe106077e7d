"""Which packages pip will look at if every requirement is satisfied already.

Each constraint costs pip half a millisecond. Where all requested packages and their dependencies
are installed, pip looks at no others, so constraints for these packages are enough. In any case of
doubt the result is ``None``: then pip gets all constraints.
"""

from __future__ import annotations

import os

from safeinstall.files import read_text
from safeinstall.probe.shadows import user_directory
from safeinstall.specs.markers import may_hold
from safeinstall.specs.requirement import parse
from safeinstall.specs.versions import satisfies
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command, Environment, Facts, Spec
    from safeinstall.settings import Session

_ELSEWHERE = ("--upgrade", "--constraint", "--force-reinstall", "--ignore-installed", "--pre")


class _Installed(Value):
    version: str
    location: str


def reached(facts: Facts, session: Session) -> frozenset[str] | None:
    """The names of the requested packages and their dependencies, if all of them are installed in
    a version that meets the requirements; else ``None``.
    """
    command, environment = facts.command, facts.environment
    home = session.settings.home
    if not _is_plain(command, session.cwd) or _sees_more(environment, session.environ, home):
        return None
    there = _installed(facts)
    left, seen = list(command.specs), set[str]()
    while left:
        spec = left.pop()
        found = there.get(spec.name)
        if not may_hold(spec.raw.partition(";")[2], environment.python):
            continue
        plain = spec.kind == "name" and not spec.extras
        if not plain or found is None or satisfies(found.version, spec.version) is not True:
            return None
        if spec.name not in seen:
            seen.add(spec.name)
            needs = _needs(found.location)
            if needs is None:
                return None
            left += needs
    return frozenset(seen)


def _is_plain(command: Command, cwd: str) -> bool:
    """Does the command give names only, and no option for which pip ignores what is installed?"""
    if command.tool != "pip" or not command.flags.isdisjoint(_ELSEWHERE):
        return False
    if command.target.directory is not None:
        return False
    names = all(spec.kind == "name" and not spec.editable for spec in command.specs)
    return names and not any(_leads_on(os.path.join(cwd, file)) for file in command.files)


def _leads_on(path: str) -> bool:
    """Does a requirements file have options (such as ``-r``), or can it not be read?"""
    lines = read_text(path).splitlines()
    return not lines or any(line.lstrip()[:1] == "-" for line in lines)


def _sees_more(environment: Environment, environ: Mapping[str, str], home: str) -> bool:
    """May pip find distributions that the inventory does not have?"""
    users = user_directory(environment, environ, home)
    return bool(environ.get("PYTHONPATH")) or os.path.isdir(users)


def _installed(facts: Facts) -> dict[str, _Installed]:
    inventory = facts.inventory
    there = {
        package.name: _Installed(package.version, package.location)
        for package in inventory.packages
        if package.location.endswith((".dist-info", ".egg-info", ".egg-link"))
    }
    for found in inventory.conda_distributions:  # of two with the same name, the one that pip sees
        there[found.name] = _Installed(found.version, found.location)
    return there


def _needs(location: str) -> list[Spec] | None:
    """The requirements of a distribution without those of extras; ``None`` where unknown."""
    if not location.endswith(".dist-info"):
        return None
    from safeinstall.probe import core_metadata  # not needed if no requested package is installed

    found = core_metadata.read(location)
    if found is None:
        return None
    return [parse(need) for need in found.requires if "extra" not in need.partition(";")[2]]
