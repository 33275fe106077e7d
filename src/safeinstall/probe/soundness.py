"""Whether what an environment lists is there, and what its packages require: a quick look.

The content of files is not looked at, and of each package only some files: those by which it is
imported or started. What was read is cached until a file changes.
"""

from __future__ import annotations

import os

from safeinstall import cache, site_packages
from safeinstall.canonical import decode_object
from safeinstall.files import read_bytes
from safeinstall.model import CONDA_OWNERS, Resident
from safeinstall.probe import core_metadata, distribution, user_site
from safeinstall.specs.conda_names import conda_names, pip_name
from safeinstall.specs.requirement import normalize
from safeinstall.specs.requirements import Needs
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from safeinstall.model import Environment, Inventory, Package

    Asked = tuple[str, str, tuple[str, ...] | None]  # name, version, requirements

_FORMAT = 1
_RECORD = 1 << 26  # bytes of a conda-meta record
_MOST = 8  # files of a package that are looked for
_NOT_CODE = (".dist-info/", ".egg-info", "__pycache__/", ".pyc", ".pth")
_PROGRAMS = ("bin/", "lib/lib")  # of files outside of site-packages, those that matter


class Lack(Value):
    """A requirement that is not met."""

    by: str  # the name of the package that has it
    name: str  # of what is required; a conda package's, if conda's record has the requirement
    wants: str  # as written, with the name
    there: str = ""  # the version that is there; "" for none
    conda: bool = False  # conda's record of ``by`` has it


class Loss(Value):
    """A package whose files are not all there."""

    package: Package
    files: tuple[str, ...]  # relative to the prefix


class Soundness(Value):
    """What a quick look at an environment found, and what it could not look at."""

    lacks: tuple[Lack, ...] = ()
    losses: tuple[Loss, ...] = ()
    unread: tuple[Package, ...] = ()  # their metadata cannot be read; pip may not see them
    unseen: tuple[str, ...] = ()  # in words
    # Distributions of others that conda's records depend on: a solve would bring conda's over them
    leaning: tuple[str, ...] = ()


def look(environment: Environment, inventory: Inventory, cache_dir: str) -> Soundness:
    """Look at every package of the environment."""
    site_packages.enable()
    prefix = environment.prefix
    family = cache.Family(f"{prefix} soundness", cache_dir)
    asked = tuple(_asked(inventory, family))
    ours = inventory.not_owned_by(*CONDA_OWNERS)
    records = {
        package: family.parsed(package.location, _recorded)
        for package in inventory.owned_by(*CONDA_OWNERS)
    }
    files = [(package, found) for package, (_, found) in records.items()]
    files += [(package, _listed(package, prefix, family)) for package in ours]
    family.keep()
    depends = {package.name: names for package, (names, _) in records.items()}
    known = tuple(_unmet_of_conda(inventory, depends))
    unmet = _unmet(environment, inventory, asked, cache_dir)
    return Soundness(
        lacks=(*known, *_beside(unmet, known, inventory)),
        losses=tuple(_lost(prefix, files)),
        unread=tuple(_unread(inventory, asked)),
        unseen=tuple(_unseen(environment)),
        leaning=tuple(sorted(_leaning(inventory, depends))),
    )


def _unseen(environment: Environment) -> Iterator[str]:
    if user_site.sees_system(environment):
        yield "requirements, which the packages of the system may meet"


def _unread(inventory: Inventory, asked: Iterable[Asked]) -> Iterator[Package]:
    names = {name for name, _, known in asked if known is None}
    yield from (d.package for d in inventory.conda_distributions if d.name in names)
    yield from (p for p in inventory.not_owned_by(*CONDA_OWNERS) if p.name in names)


# ---- requirements ------------------------------------------------------------------------------


def _asked(inventory: Inventory, family: cache.Family) -> Iterator[Asked]:
    """Each distribution with its version and its requirements, ``None`` where these are unknown."""
    brought = ((d.name, d.version, d.location) for d in inventory.conda_distributions)
    others = ((p.name, p.version, p.location) for p in inventory.not_owned_by(*CONDA_OWNERS))
    for name, version, location in (*brought, *others):
        yield name, version, family.parsed(core_metadata.file_of(location), _reader(location))


def _reader(location: str) -> Callable[[str], tuple[str, ...] | None]:
    def read(_: str) -> tuple[str, ...] | None:
        metadata = core_metadata.read(location)
        return metadata.requires if metadata else None

    return read


def _unmet(
    environment: Environment, inventory: Inventory, asked: tuple[Asked, ...], cache_dir: str
) -> Iterator[Lack]:
    """The requirements that pip would call broken, but for those that a conda package without
    metadata meets. Evaluating them takes long, so the result is cached.
    """
    if user_site.sees_system(environment):
        return
    place = os.path.join(cache_dir, "unmet", f"{cache.hash_of(environment.prefix):016x}")
    identity = (_FORMAT, environment.prefix, environment.python, asked)
    found = cache.load(place, identity) if cache_dir else None
    if found is None:
        found = _evaluated(environment.python, asked)
        if cache_dir:
            cache.keep(place, identity, found)
    there = {name: version for name, version, _ in asked}
    by_conda = {p.name for p in inventory.owned_by(*CONDA_OWNERS) if not p.distributions}
    for by, name, wants in found:
        if name in there or by_conda.isdisjoint(conda_names(name)):
            yield Lack(by, name, wants, there.get(name, ""))


def _evaluated(python: str, asked: tuple[Asked, ...]) -> tuple[tuple[str, str, str], ...]:
    residents = [Resident(name, version, "", requires=known) for name, version, known in asked]
    there = {name: version for name, version, _ in asked}
    return tuple(dict.fromkeys(Needs(residents, python).unmet(there)))


def _unmet_of_conda(inventory: Inventory, needs: dict[str, tuple[str, ...]]) -> Iterator[Lack]:
    """What conda's records depend on and no record has, nor any distribution of that name."""
    there = _recorded_names(inventory) | {package.name for package in inventory.packages}
    for by, names in needs.items():
        for name in names:
            if name not in there and normalize(pip_name(name)) not in there:
                yield Lack(by, name, name, conda=True)


def _leaning(inventory: Inventory, needs: dict[str, tuple[str, ...]]) -> set[str]:
    """The distributions of others in the place of packages that conda's records depend on."""
    known = _recorded_names(inventory)
    asked = {normalize(pip_name(name)) for names in needs.values() for name in {*names} - known}
    return asked & {package.name for package in inventory.not_owned_by(*CONDA_OWNERS)}


def _recorded_names(inventory: Inventory) -> set[str]:
    condas = inventory.owned_by(*CONDA_OWNERS)
    return {package.name for package in (*condas, *inventory.overwritten, *inventory.gone)}


def _beside(lacks: Iterable[Lack], known: Iterable[Lack], inventory: Inventory) -> Iterator[Lack]:
    """Without those of conda-owned distributions that conda's records tell of as well."""
    brought = {found.name for found in inventory.conda_distributions}
    told = {normalize(pip_name(lack.name)) for lack in known}
    yield from (lack for lack in lacks if lack.by not in brought or lack.name not in told)


# ---- files -------------------------------------------------------------------------------------


def _recorded(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that a conda-meta record depends on, and the files of it to look for."""
    record = decode_object(read_bytes(path, _RECORD)) or {}
    depends, files = _texts(record.get("depends")), _texts(record.get("files"))
    names = [text.partition(" ")[0] for text in depends if text]
    real = tuple(dict.fromkeys(name for name in names if not name.startswith("__")))
    return real, _telling(files)


def _texts(value: object) -> list[str]:
    return list(map(str, value)) if isinstance(value, list) else []


def _listed(package: Package, prefix: str, family: cache.Family) -> tuple[str, ...]:
    """The files of a distribution to look for."""

    def read(_: str) -> tuple[str, ...]:
        return _telling(distribution.paths(package, prefix))

    found: tuple[str, ...] = family.parsed(f"{package.location}/RECORD", read)
    return found


def _telling(files: Iterable[str]) -> tuple[str, ...]:
    """The files without which a package cannot be imported or started: of each import package the
    ``__init__.py``, or another file; modules, programs, shared libraries.
    """
    found: dict[str, str] = {}
    for path in files:
        inside = path.partition("/site-packages/")[2]
        if any(part in path for part in _NOT_CODE) or not (inside or path.startswith(_PROGRAMS)):
            continue
        top = inside.partition("/")[0] or path
        if top not in found or inside == f"{top}/__init__.py":
            found[top] = path
    return tuple(found.values())[:_MOST]


def _lost(prefix: str, listed: Iterable[tuple[Package, tuple[str, ...]]]) -> Iterator[Loss]:
    for package, files in listed:
        gone = tuple(path for path in files if not os.path.lexists(f"{prefix}/{path}"))
        if gone:
            yield Loss(package, gone)
