"""Files that conda-meta records and pip-owned distributions both list: whose content is there now?

A file with conda's content is conda's still, and goes if pip uninstalls the other package. A file
with other content was written over. Files that nobody misses are left out
(:mod:`safeinstall.probe.spare_files`).
"""

from __future__ import annotations

import os

from safeinstall import cache, canonical
from safeinstall.files import read_bytes
from safeinstall.model import CONDA_OWNERS, Shared
from safeinstall.probe import core_metadata, distribution
from safeinstall.probe.spare_files import is_spare
from safeinstall.probe.wheel import same_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from safeinstall.model import Environment, Inventory, Package
    from safeinstall.probe.wheel import Wheel

_LIMIT = 1 << 26  # bytes of a record
_COMMON = frozenset(("site-packages/__pycache__",))


def shared(inventory: Inventory, prefix: str, names: Iterable[str]) -> tuple[Shared, ...]:
    """The conda-owned packages that contain a file of these pip-owned distributions.

    For each pair there is a :class:`Shared` for the files with conda's content (``intact``), and
    another one for those that were written over.
    """
    wanted = set(names)
    asked = [p for p in inventory.not_owned_by(*CONDA_OWNERS) if p.name in wanted]
    return tuple(found for package in asked for found in _with_all(package, inventory, prefix))


def _with_all(
    package: Package, inventory: Inventory, prefix: str, but: Container[str] = ()
) -> Iterator[Shared]:
    """The files, without those in ``but``, that the package has in common with conda-owned ones."""
    files = distribution.describe(package, prefix).files
    own = frozenset(path for path in files if path not in but)
    places = {os.fsencode(f'"{os.path.dirname(path)}/') for path in own}
    for record in inventory.owned_by(*CONDA_OWNERS):
        text = read_bytes(record.location, _LIMIT) or b""
        if any(place in text for place in places):
            yield from between(package.name, own, record.name, contents(text), prefix)


def written_over(
    environment: Environment, inventory: Inventory, cache_dir: str
) -> Iterator[Shared]:
    """Each pair of a pip-owned distribution and a conda-owned package, one of which lies over the
    other: with ``intact`` it is conda's files that are there.

    Only packages with a module or a program of the same name are compared. The names in each record
    and each RECORD are cached below ``cache_dir``.
    """
    prefix = environment.prefix
    residents = inventory.not_owned_by(*CONDA_OWNERS)
    if environment.kind != "conda" or not residents:
        return
    names = _recorded(inventory, prefix, cache_dir)
    owner = {name: [r for r, known in names.items() if name in known] for name in _all(names)}
    for package, own in _listed(residents, prefix, cache_dir).items():
        met = {r for name in own for r in owner.get(name, ())}
        if met:
            yield from _lying_over(package, sorted(met, key=lambda r: r.name), prefix)


def lying_under(package: Package, records: Iterable[Package], prefix: str) -> frozenset[str]:
    """Those conda-owned packages of which it is certain that their files lie over the package's: no
    file that both contain has other content than conda's.
    """
    found = tuple(_lying_over(package, records, prefix))
    over = {shared.by for shared in found if not shared.intact}
    return frozenset(shared.by for shared in found if shared.intact) - over


def would_be_written_over(
    inventory: Inventory, environment: Environment, wheels: Iterable[Wheel]
) -> Iterator[Shared]:
    """The files of conda-owned packages that installing the wheels would give other content; those
    of a package that has lost its metadata, too. Not those that the present release of a wheel's
    distribution has written over already.
    """
    coming = [(wheel, wheel.places) for wheel in wheels if wheel.contents]
    present = {package.name: package for package in inventory.not_owned_by(*CONDA_OWNERS)}
    prefix = environment.prefix
    own = {
        wheel.name: frozenset(distribution.paths(present[wheel.name], prefix))
        for wheel, _ in coming
        if wheel.name in present
    }
    theirs = inventory.conda_distributions
    # Constraints keep pip from what it sees
    held = {found.name for found in theirs if core_metadata.headers(found.location).name}
    for record in (*inventory.owned_by(*CONDA_OWNERS), *inventory.gone):
        text = read_bytes(record.location, _LIMIT) or b""
        met = [wheel for wheel, places in coming if any(place in text for place in places)]
        condas = contents(text) if met else {}
        for wheel in met:
            if wheel.name not in record.distributions or wheel.name not in held:
                known = own.get(wheel.name, frozenset())
                yield from _hits(wheel, record.name, condas, known, prefix)


def would_be_taken_away(
    inventory: Inventory, prefix: str, wheels: Iterable[Wheel]
) -> Iterator[Shared]:
    """The files with conda's content that pip uninstalls with the present releases of the wheels,
    and that the wheels do not bring again.
    """
    own = inventory.not_owned_by(*CONDA_OWNERS)
    for wheel in wheels:
        for package in (package for package in own if package.name == wheel.name):
            both = _with_all(package, inventory, prefix, wheel.contents)
            yield from (found for found in both if found.intact)


def _hits(
    wheel: Wheel, by: str, condas: Mapping[str, str], own: frozenset[str], prefix: str
) -> Iterator[Shared]:
    """``own``: the files that the present release of the wheel's distribution lists."""
    others = {
        path for path, digest in wheel.contents.items() if not digest or condas.get(path) != digest
    }
    hidden = {path for each in wheel.contents for path in same_module(each)}
    over = sorted(
        path
        for path in (others | hidden).intersection(condas)
        if os.path.lexists(os.path.join(prefix, path)) and not is_spare(path, prefix)
        if path not in own or _now(path, prefix) == condas[path]
    )
    if over:
        yield Shared(wheel.name, by, over[0], more=len(over) - 1)


def _all(names: Mapping[Package, frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*names.values())


def _lying_over(package: Package, records: Iterable[Package], prefix: str) -> Iterator[Shared]:
    described = distribution.describe(package, prefix)
    own = dict(zip(described.files, described.sums, strict=True))
    for record in records:
        condas = contents(read_bytes(record.location, _LIMIT) or b"")
        for found in between(package.name, frozenset(own), record.name, condas, prefix):
            same = [path for path in own if found.intact and condas.get(path) == own[path]]
            if found.file not in same:
                yield found


def _recorded(inventory: Inventory, prefix: str, cache_dir: str) -> dict[Package, frozenset[str]]:
    """The names of modules and programs in the record of each package that is there."""
    family = cache.Family(f"{prefix}/conda-meta/modules", cache_dir)
    found = {
        record: frozenset(family.parsed(record.location, _names_in_record))
        for record in inventory.owned_by(*CONDA_OWNERS)
    }
    family.keep()
    return found


def _names_in_record(path: str) -> tuple[str, ...]:
    import re

    text = read_bytes(path, _LIMIT) or b""
    names = re.findall(rb'"(?:lib/[^/"]+/)?(site-packages/[^/"]+|bin/[^"]+)[/"]', text)
    return tuple(sorted({os.fsdecode(name) for name in names} - _COMMON))


def _listed(
    residents: Iterable[Package], prefix: str, cache_dir: str
) -> dict[Package, tuple[str, ...]]:
    """The names of modules and programs of each distribution."""
    family = cache.Family(f"{prefix} modules", cache_dir)

    def names(package: Package) -> tuple[str, ...]:
        found: tuple[str, ...] = family.parsed(
            f"{package.location}/RECORD", lambda _: tuple(sorted(_own_names(package, prefix)))
        )
        return found

    listed = {package: names(package) for package in residents}
    family.keep()
    return listed


def _own_names(package: Package, prefix: str) -> set[str]:
    """The names of modules and programs in a distribution, as :func:`_names_in_record` has them."""
    found = set()
    for path in distribution.paths(package, prefix):
        inside = path.partition("/site-packages/")[2]
        found.add(f"site-packages/{inside.partition('/')[0]}" if inside else path)
    return found - _COMMON


def between(
    name: str, own: frozenset[str], by: str, condas: Mapping[str, str], prefix: str
) -> Iterator[Shared]:
    """What the distribution ``name`` and the conda package ``by`` both contain, by content."""
    both = [path for path in own.intersection(condas) if not is_spare(path, prefix)]
    intact = {path for path in both if condas[path] and condas[path] == _now(path, prefix)}
    for paths in (sorted(intact), sorted(set(both) - intact)):
        if paths:
            kept = paths[0] in intact
            yield Shared(name, by, paths[0], more=len(paths) - 1, intact=kept)


def _now(path: str, prefix: str) -> str:
    return distribution.sha256(os.path.join(prefix, path))


def contents(record: bytes) -> dict[str, str]:
    """The files of a conda-meta record, relative to the prefix, each with the SHA-256 of what conda
    has written; ``""`` where that is not known.
    """
    document = canonical.decode_object(record) or {}
    files, data = document.get("files"), document.get("paths_data")
    known = _sums(data.get("paths") if isinstance(data, dict) else None)
    if not isinstance(files, list):
        return {}
    paths = (path for path in files if isinstance(path, str))
    return {path: known.get(path) or known.get(_as_noarch(path), "") for path in paths}


def _sums(paths: object) -> dict[str, str]:
    found = {}
    for entry in paths if isinstance(paths, list) else ():
        if isinstance(entry, dict):
            digest = entry.get("sha256_in_prefix") or entry.get("sha256")
            found[str(entry.get("_path"))] = str(digest or "")
    return found


def _as_noarch(path: str) -> str:
    """The path as the record of a noarch package has it: ``site-packages/…``."""
    inside = path.partition("/site-packages/")[2]
    return f"site-packages/{inside}" if inside else path
