"""Reads everything that a rebuild goes by from the environment; changes nothing."""

from __future__ import annotations

import os

from safeinstall.canonical import decode_object
from safeinstall.door import files as door
from safeinstall.files import read_bytes
from safeinstall.model import CONDA_OWNERS, Inventory, Target
from safeinstall.probe import distribution, integrity, inventory, place, state, stranded
from safeinstall.probe.environment import describe
from safeinstall.probe.shared_files import lying_under
from safeinstall.protection import lay as protection
from safeinstall.rebuild.conda import FROZEN
from safeinstall.rebuild.layers import Candidate, Ground
from safeinstall.rebuild.moving import bound, is_fixed
from safeinstall.rebuild.strays import strays
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.requirement import normalize
from safeinstall.state import past, requirement
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Environment, Package, Spec
    from safeinstall.probe.conda import Installation
    from safeinstall.settings import Session
    from safeinstall.state.nouns import Distribution, State

_RECORD = 1 << 26  # bytes


class Situation(Value):
    """An environment as it is."""

    environment: Environment
    inventory: Inventory
    installation: Installation
    state: State
    candidates: tuple[Candidate, ...]
    condas: Mapping[str, str]  # files, relative to the prefix, with the conda package that has them
    modules: frozenset[str]  # the names of the top-level modules that packages bring
    carried: tuple[str, ...]  # files of nobody that the new environment gets as well
    strays: tuple[str, ...]  # files of nobody that it does not get
    fixed: tuple[str, ...] = ()  # those of ``carried`` that keep the path of the old one in them
    edited: tuple[str, ...] = ()  # files of conda's that are not as it has written them


def look(
    prefix: str, session: Session, asked: Mapping[str, Spec], *, moving: bool = False
) -> Situation:
    """Hashes the files of all distributions that conda does not own. ``moving``: they are to be
    copied to another path. What lies in base and is no package's stays there.
    """
    known = place.conda_installation(session)
    installation = known.replace(target=Target(prefix=prefix))
    environment = describe(prefix, installation.root_prefix)
    found = inventory.scan(environment)
    now = state.read(environment, found, installation, asked)
    behind = _left_behind(environment, found)
    files = {package: tuple(files_of(package, prefix)) for package in (*_all(found), *behind)}
    owned = {path for listed in files.values() for path in listed} | protection.own_files(prefix)
    condas = {path: p.name for p in found.owned_by(*CONDA_OWNERS) for path in files[p]}
    pips = {path for p in found.not_owned_by(*CONDA_OWNERS) for path in files[p]}
    there = (path for package in found.packages for path in files[package])
    of_pip = found.not_owned_by(*CONDA_OWNERS) + stranded.missing(behind, found)
    base = environment.base
    carried, left = ([], []) if base else strays(prefix, owned, _places(environment))
    carried = [path for path in carried if not (moving and path == FROZEN)]
    places = ((path, os.path.join(prefix, path)) for path in carried if moving)
    return Situation(
        environment=environment,
        inventory=found,
        installation=installation,
        state=now,
        candidates=tuple(candidates(environment, found, of_pip, now, condas, moving=moving)),
        condas=condas,
        modules=frozenset(modules(environment, there)),
        carried=tuple(carried),
        strays=tuple(left),
        fixed=tuple(path for path, whole in places if is_fixed(whole, prefix)),
        edited=() if base else tuple(_edited(environment, found, pips)),
    )


def unowned(environment: Environment, found: Inventory) -> list[str]:
    """The files of nobody that a rebuild carries over, relative to the prefix; none of base. Our
    own are not among them: what is made elsewhere gets a door of its own.
    """
    if environment.kind != "conda" or environment.base:
        return []
    prefix = environment.prefix
    every = (*_all(found), *_left_behind(environment, found))
    owned = {path for package in every for path in files_of(package, prefix)}
    owned |= protection.own_files(prefix)
    carried = strays(prefix, owned, _places(environment))[0]
    return [path for path in carried if os.path.basename(path) not in (door.LINE, door.MODULE)]


def _edited(environment: Environment, found: Inventory, pips: Collection[str]) -> Iterator[str]:
    """But for files of ``pips``, which pip has written over. A file that is a hard link into
    conda's cache is not read: it is the same there.
    """
    condas = Inventory(packages=found.owned_by(*CONDA_OWNERS))
    for deviation in integrity.look(environment, condas, alone=True):
        yield from (path for path in (deviation.changed if deviation else ()) if path not in pips)


def files_of(package: Package, prefix: str) -> Iterator[str]:
    """The files that a package lists, relative to the prefix; of a distribution's metadata, all
    that is there.
    """
    if package.location.endswith(".json"):
        record = decode_object(read_bytes(package.location, _RECORD)) or {}
        yield from map(str, record.get("files") or ())
        return
    yield from distribution.paths(package, prefix)
    inside = os.path.relpath(package.location, prefix)
    for directory, _, names in os.walk(package.location):
        below = os.path.relpath(directory, package.location)
        yield from (os.path.normpath(os.path.join(inside, below, name)) for name in names)
    if not os.path.isdir(package.location):
        yield inside


def ground(environment: Environment, found: Inventory, before: Environment) -> Ground:
    """conda's layer of an environment that is there, to take the place of ``before``."""
    return Ground(
        versions={d.name: d.version for d in found.conda_distributions},
        files=condas_files(environment, found),
        python=environment.python,
        same_python=environment.python == before.python and _places(environment) == _places(before),
        places=tuple(_places(environment)),
        needs=_needs(found.owned_by(*CONDA_OWNERS)),
    )


def condas_files(environment: Environment, found: Inventory) -> dict[str, str]:
    """The files of conda's packages, relative to the prefix, with the package that has them."""
    records = found.owned_by(*CONDA_OWNERS)
    return {path: p.name for p in records for path in files_of(p, environment.prefix)}


def _needs(records: Iterable[Package]) -> frozenset[str]:
    """The names of distributions in conda packages that these depend on."""
    read = (decode_object(read_bytes(p.location, _RECORD)) or {} for p in records)
    names = {str(text).partition(" ")[0] for record in read for text in record.get("depends") or ()}
    return frozenset(normalize(pip_name(name) or name) for name in names)


def modules(environment: Environment, paths: Iterable[str]) -> set[str]:
    """The names of the top-level modules among the files of packages."""
    places = [f"{directory}/" for directory in _places(environment)]
    return {
        path[len(place) :].partition("/")[0].partition(".")[0]
        for path in paths
        for place in places
        if path.startswith(place)
    }


def _all(found: Inventory) -> Iterable[Package]:
    return (*found.packages, *found.overwritten, *found.gone)


def _left_behind(environment: Environment, found: Inventory) -> tuple[Package, ...]:
    """What is no Python's any more. Without any Python all files stay where they are."""
    return stranded.look(environment, found) if environment.python else ()


def candidates(
    environment: Environment,
    found: Inventory,
    packages: tuple[Package, ...],
    known: State,
    condas: Mapping[str, str],
    *,
    moving: bool = False,
) -> Iterator[Candidate]:
    """Of ``packages``, which conda does not own. ``condas`` are the files of conda's packages."""
    places, prefix = _places(environment), environment.prefix
    records = {record.name: record for record in found.owned_by(*CONDA_OWNERS)}
    deviations = integrity.look(environment, Inventory(packages=packages))
    by_name: dict[str, Distribution] = {item.name: item for item in known.pip}
    for package, deviation in zip(packages, deviations, strict=True):
        resident = distribution.describe(package, prefix)
        both = condas.keys() & set(resident.files)
        resident = distribution.with_spare(resident, prefix, both)
        owners = [records[name] for name in sorted({condas[path] for path in both})]
        listed = bool(resident.files) or package.location.endswith(".egg-link")
        said = by_name.get(package.name) or past.distribution(package)
        lies = stranded.place_of(package, prefix)
        yield Candidate(
            package=package,
            resident=resident,
            whole=listed and (deviation is None or not (deviation.missing or deviation.changed)),
            exact=requirement.exact(said),
            loose=requirement.asked(said),
            requested=said.requested,
            prefix=prefix,
            bound=bound(package, resident, prefix) if moving else "",
            stranded="" if lies in places else lies,
            under=lying_under(package, owners, prefix) if owners else frozenset(),
        )


def foreseen(
    situation: Situation,
    kept: Iterable[Package],
    link: Sequence[tuple[str, str]],
    gone: set[str],
    site_packages: str,
) -> Ground:
    """conda's layer as it will be: the packages ``kept`` without those that are ``gone``, and the
    names and versions that come. ``site_packages`` is where the new Python looks, below the prefix;
    ``""`` if that is not known.
    """
    found = situation.inventory
    stays = [package for package in kept if package.name not in gone]
    locations = {package.location for package in stays}
    versions = {
        d.name: d.package.version if d.twin else d.version
        for d in found.conda_distributions
        if d.package.location in locations
    }
    for package in stays:
        versions |= {n: package.version for n in package.distributions if n not in versions}
    versions |= dict(link)
    prefix = situation.environment.prefix
    files = {path: p.name for p in stays if p.location for path in files_of(p, prefix)}
    python = next((v for name, v in link if name == "python"), situation.environment.python)
    minor = ".".join(python.split(".")[:2])
    before = _places(situation.environment)
    same = minor == situation.environment.python and site_packages in ("", *before)
    places = (site_packages,) if site_packages else tuple(before)
    return Ground(versions, files, minor, same, places, _needs(p for p in stays if p.location))


def _places(environment: Environment) -> list[str]:
    """The directories for packages, relative to the prefix."""
    return [os.path.relpath(path, environment.prefix) for path in environment.site_packages]
