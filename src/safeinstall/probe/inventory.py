"""Every package of an environment and its owner, read from the files alone, in milliseconds.

The owner is decided by conda-meta records, not by the word in INSTALLER: a distribution is
conda-owned if a record lists its metadata directory, unless another installer has replaced that
directory. If none of the metadata directories that a record lists exists, its package is gone, even
if conda still lists it.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.canonical import decode_object, encode
from safeinstall.files import names_in, read_text
from safeinstall.model import CondaDistribution, Inventory, Package
from safeinstall.probe import conda_metadata, reinstalled, unreadable
from safeinstall.specs.requirement import normalize
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Environment

    Claimed = dict[str, tuple[str, ...]]  # record's file name → metadata directories it lists
    Found = tuple[str, str, str]  # a distribution's name, version, and metadata path
    # owner, source, origin and requested, as in the model
    Origin = tuple[str, str, str, bool | None]

_DIRECT_URL = 1 << 16  # bytes
_UNKNOWN: Origin = ("pip", "", "", None)
_SORTING = tuple(["3", str(minor)] for minor in range(7, 11))


class _Facts(Value):
    """Everything that was read from the disk. The inventory depends on nothing else."""

    environment: Environment
    distributions: tuple[Found, ...]  # those with metadata or a list of files, in directory order
    left: tuple[str, ...]  # metadata directories of no distribution
    claimed: Claimed
    origins: Mapping[str, Origin]  # metadata path → where it came from; not conda-owned ones
    exact: Mapping[str, str]  # metadata path → version, where the directory's name does not tell it
    modules: Mapping[str, tuple[str, ...]] = {}  # of records without metadata, by file name


_latest: list[tuple[_Facts, Inventory]] = []
"""The last scan's facts and inventory: after the tool has run, most often nothing has changed."""


def scan(environment: Environment, cache_dir: str = "") -> Inventory:
    """The inventory of the environment; empty where there are no packages.

    The contents of files are cached below ``cache_dir``, if one is given.
    """
    facts = unreadable.attempt(
        "packages", environment.prefix, lambda: _read(environment, cache_dir), None
    ) or _by_names(environment)
    if not _latest or _latest[0][0] != facts:
        _latest[:] = [(facts, _understood(facts))]
    return _latest[0][1]


def distributions_in(directory: str) -> Iterator[Package]:
    """The distributions in one directory of ``sys.path``, without regard to their owners."""
    for found in _distributions(directory):
        if _is_whole(found):
            yield _package(found)


def others_in(directory: str) -> Iterator[Package]:
    """The distributions in one directory of packages that another installer than conda has put
    there, by what they say themselves.
    """
    for found in _distributions(directory):
        if _is_whole(found):
            origin = _origin(found[2])
            if origin[0] != "conda":
                yield _package(found, about=origin)


def _read(environment: Environment, cache_dir: str) -> _Facts:
    family = cache.Family(environment.prefix, cache_dir)
    meta = os.path.join(environment.prefix, "conda-meta")
    every = conda_metadata.read(meta, family, cache_dir) if environment.kind == "conda" else {}
    records = {name: claim for name, claim in every.items() if _is_record(name)}
    found = [d for place in environment.site_packages for d in _distributions(place)]
    lister = {entry: name for name, (_, listed, *_) in records.items() for entry in listed}
    linked = {d[2]: lister[_last(d[2])] for d in found if _last(d[2]) in lister}
    untouched = {d for d, name in linked.items() if not reinstalled.is_younger(d, records[name][0])}
    whole = tuple(d for d in found if d[2] in untouched or _is_whole(d) or _lists_files(d, linked))

    def is_condas(location: str) -> bool:
        if location in untouched or location not in linked:
            return location in untouched
        return not reinstalled.by_another(location, f"{meta}/{linked[location]}", family)

    foreign = [location for _, _, location in whole if not is_condas(location)]
    doubtful = [(v, location) for _, v, location in whole if not v or "_" in v]
    origin = _origin_on_system if environment.kind == "system" else _origin
    origins = {location: family.parsed(location, origin) for location in foreign}
    unlisted = [d for d in whole if d[2] not in linked and origins[d[2]][0] == "conda"]
    claimed = _claimed(environment, records, unlisted, {_last(d[2]) for d in whole})
    listed = {entry for entries in claimed.values() for entry in entries}
    adopted = {d[2] for d in unlisted if _last(d[2]) in listed}
    facts = _Facts(
        environment,
        whole,
        tuple(sorted({d[2] for d in found} - {d[2] for d in whole})),
        claimed,
        {at: _not_conda(origins[at]) for at in foreign if at not in adopted},
        {location: _exact(version, location) for version, location in doubtful},
        {name: modules for name, (*_, modules) in records.items() if modules},
    )
    family.keep()
    return facts


def _not_conda(found: Origin) -> Origin:
    """The origin of a distribution that no conda record lists.

    "conda" in its INSTALLER is a leftover, so it counts as pip-owned.
    """
    owner, source, origin, requested = found
    return "pip" if owner == "conda" else owner, source, origin, requested


def _claimed(
    environment: Environment,
    records: Mapping[str, conda_metadata.Claim],
    unlisted: Iterable[Found],
    there: Container[str],
) -> Claimed:
    """The metadata directories that each record lists. Distributions with "conda" in INSTALLER
    that no record lists are added to damaged or fitting records: damage must not make a conda-owned
    package pip-owned.
    """
    meta = os.path.join(environment.prefix, "conda-meta")
    claimed = {name: listed for name, (_, listed, *_) in records.items()}
    damaged = [name for name, (_, _, whole, _) in records.items() if not whole]
    for name in damaged:
        unreadable.note("conda-record", f"{meta}/{name}")
    if environment.kind == "conda" and not records and not os.access(meta, os.R_OK | os.X_OK):
        unreadable.note("conda-meta", meta)
        return {f"{name}-{version}-0.json": (_last(at),) for name, version, at in unlisted}
    for found in unlisted:
        record = _record_of(found[0], claimed, damaged, there)
        if record:
            known = (entry for entry in claimed[record] if entry in there)
            claimed[record] = (*known, _last(found[2]))
    return claimed


def _record_of(name: str, claimed: Claimed, damaged: Sequence[str], there: Container[str]) -> str:
    """The file name of the record for a distribution that conda installed and no record lists.

    It is a record of that name that is damaged or lists no existing directory, else any damaged
    record; ``""`` for none.
    """
    from safeinstall.specs.conda_names import conda_names

    names = {name, *conda_names(name)}
    for record, listed in claimed.items():
        lost = record in damaged or not any(entry in there for entry in listed)
        if lost and normalize(record[:-5].rsplit("-", 2)[0]) in names:
            return record
    return next(iter(damaged), "")


def _by_names(environment: Environment) -> _Facts:
    """The facts from file names alone. In a conda environment all distributions are conda-owned."""
    found = tuple(d for place in environment.site_packages for d in _distributions(place))
    if environment.kind != "conda":
        return _Facts(environment, found, (), {}, {d[2]: _UNKNOWN for d in found}, {})
    names = names_in(os.path.join(environment.prefix, "conda-meta"))
    records = {n: (0, (), False, ()) for n in names if n.endswith(".json") and _is_record(n)}
    return _Facts(environment, found, (), _claimed(environment, records, found, ()), {}, {})


def _understood(facts: _Facts) -> Inventory:
    foreign = [_foreign(found, facts) for found in facts.distributions if found[2] in facts.origins]
    if facts.environment.kind != "conda":
        return Inventory(_sorted(foreign), leftovers=facts.left)
    return _conda_inventory(facts, foreign)


def _conda_inventory(facts: _Facts, foreign: list[Package]) -> Inventory:
    environment, claimed = facts.environment, facts.claimed
    records = list(_conda_records(environment.prefix, claimed))
    owner = {entry: record for record in records for entry in _listed(record, claimed)}
    expected = claimed if environment.site_packages else {}
    there = {_last(d[2]) for d in facts.distributions if d[2] not in facts.origins}
    overwritten, gone = _fallen(records, expected, there, foreign)
    fallen = {record.location for record in (*overwritten, *gone)}
    standing = [record for record in records if record.location not in fallen]
    return Inventory(
        packages=_sorted([*standing, *foreign]),
        overwritten=_sorted(overwritten),
        conda_distributions=tuple(_brought(facts, owner, foreign)),
        gone=_sorted(gone),
        leftovers=facts.left,
        conda_modules=tuple(_bare_modules(facts, standing)),
    )


def _bare_modules(facts: _Facts, records: Iterable[Package]) -> Iterator[CondaDistribution]:
    """The modules of conda packages without metadata."""
    for record in records:
        for module in facts.modules.get(_last(record.location), ()):
            yield CondaDistribution(module, record.version, record)


def _fallen(
    records: Iterable[Package],
    claimed: Claimed,
    there: Container[str],
    foreign: Iterable[Package],
) -> tuple[list[Package], list[Package]]:
    """The records whose distributions are missing: those whose distribution another installer has
    replaced, and those without any.
    """
    theirs = {distribution.name for distribution in foreign}
    overwritten, gone = [], []
    for record in records:
        listed = _listed(record, claimed)
        missing = [entry for entry in listed if entry not in there]
        if not theirs.isdisjoint(map(_name_in, missing)):
            overwritten.append(record)
        elif missing and len(missing) == len(listed):
            gone.append(record)
    return overwritten, gone


def _brought(
    facts: _Facts, owner: Mapping[str, Package], foreign: Iterable[Package]
) -> Iterator[CondaDistribution]:
    """The conda-owned distributions as pip sees them, sorted by name."""
    by_name: dict[str, list[Found]] = {}
    for found in facts.distributions:
        by_name.setdefault(found[0], []).append(found)
    others = {distribution.name: distribution for distribution in foreign}
    for name in sorted(by_name):
        entries = [_last(d[2]) for d in by_name[name] if d[2] not in facts.origins]
        record = next((owner[entry] for entry in entries if entry in owner), None)
        if record:
            _, version, location = _seen_by_pip(by_name[name], facts.environment.python)
            version, twin = facts.exact.get(location, version), others.get(name)
            yield CondaDistribution(name, version, record, location, twin)


def _seen_by_pip(same_name: Sequence[Found], python: str) -> Found:
    """The one that pip takes as installed, of several distributions with the same name.

    It is the first in directory order, which ``importlib.metadata`` finds first. Before Python 3.11
    pip uses ``pkg_resources``, which sorts the names.
    """
    if len(same_name) > 1 and python.split(".")[:2] in _SORTING:
        return min(same_name, key=lambda found: found[2])
    return same_name[0]


def exact_version(distribution: Package) -> str:
    """The version; read from the metadata if the name of the directory may not tell it exactly.

    The name has ``_`` in place of each ``-`` in the version.
    """
    return _exact(distribution.version, distribution.location)


def _exact(version: str, location: str) -> str:
    if version and "_" not in version:
        return version
    return _version_inside(location) or version


def _version_inside(location: str) -> str:
    from safeinstall.probe import core_metadata  # rarely needed

    return core_metadata.headers(location).version


def _conda_records(prefix: str, claimed: Claimed) -> Iterator[Package]:
    meta = os.path.join(prefix, "conda-meta")
    for entry, listed in claimed.items():
        name, version, build = entry[:-5].rsplit("-", 2)
        names = tuple(sorted({_name_in(item) for item in listed}))
        yield Package(name, version, "conda", build, "", f"{meta}/{entry}", names)


def _is_record(file: str) -> bool:
    """Is it the file name of a record, ``NAME-VERSION-BUILD.json``?"""
    return file[:-5].count("-") >= 2


def _listed(record: Package, claimed: Claimed) -> tuple[str, ...]:
    return claimed.get(_last(record.location), ())


def _last(path: str) -> str:
    """The file or directory name of a package's metadata."""
    return path.rpartition("/")[2]


def name_of(location: str) -> str:
    """The name of the distribution whose metadata is, or was, in this file or directory."""
    return _name_in(_last(location))


def _name_in(entry: str) -> str:
    """``zope.interface-6.0.dist-info`` → ``zope-interface``"""
    return normalize(entry.rpartition(".")[0].partition("-")[0])


def _distributions(site_packages: str) -> Iterator[Found]:
    """All entries that have the name of a distribution's metadata, in directory order."""
    for entry in names_in(site_packages):
        if entry.startswith("~"):  # what pip leaves behind when an uninstall is interrupted
            name, version = entry, ""
        elif entry.endswith(".dist-info"):
            name, _, version = entry[:-10].partition("-")
        elif entry.endswith(".egg-info"):
            name, version = _egg(entry, site_packages)
        elif entry.endswith(".egg-link"):
            name, version = entry[:-9], ""
        else:
            continue
        yield normalize(name), version, f"{site_packages}/{entry}"


def _is_whole(found: Found) -> bool:
    """Does the metadata file exist? False, too, for what an interrupted uninstall left (``~``)."""
    name, _, location = found
    if name.startswith("~"):
        return False
    if location.endswith(".dist-info"):
        return os.path.exists(f"{location}/METADATA")
    return os.path.isfile(location) or os.path.exists(f"{location}/PKG-INFO")


def _lists_files(found: Found, linked: Container[str]) -> bool:
    """Is there a list of files, though pip does not see the distribution any more? What conda has
    linked is gone then: conda can bring it back.
    """
    name, _, location = found
    if name.startswith("~") or location in linked:
        return False
    list_ = "RECORD" if location.endswith(".dist-info") else "installed-files.txt"
    return os.path.exists(f"{location}/{list_}")


def _egg(entry: str, site_packages: str) -> tuple[str, str]:
    """Name and version of ``six-1.16.0-py3.11.egg-info``, or of ``six.egg-info``, which has the
    version inside.
    """
    name, _, rest = entry[:-9].partition("-")
    if rest:
        return name, rest.split("-py")[0]
    return name, _version_inside(f"{site_packages}/{entry}")


def _package(found: Found, *, about: Origin = _UNKNOWN) -> Package:
    (name, version, location), (owner, source, origin, requested) = found, about
    return Package(name, version, owner, "", source, location, (), origin, requested)


def _foreign(found: Found, facts: _Facts) -> Package:
    return _package(found, about=facts.origins[found[2]])


def _origin(location: str) -> Origin:
    """The owner is the word in INSTALLER, else pip."""
    installer = read_text(os.path.join(location, "INSTALLER"), 256).strip()
    text = read_text(os.path.join(location, "direct_url.json"), _DIRECT_URL)
    requested = os.path.exists(os.path.join(location, "REQUESTED"))
    return installer or "pip", _source(location, text), _without_secrets(text), requested


def _origin_on_system(location: str) -> Origin:
    owner, source, origin, requested = _origin(location)
    there = os.path.exists(f"{location}/INSTALLER")
    return owner if there else "system", source, origin, requested


def _without_secrets(text: str) -> str:
    """It is kept in files of ours: in the cache, the snapshot and the journal."""
    if not text:
        return ""
    from safeinstall import redaction  # rarely needed

    try:
        found = decode_object(text.encode()) or {}
        known = isinstance(found.get("url"), str)
        return encode(redaction.value(found)).decode() if known else ""
    except (ValueError, RecursionError):  # not what PEP 610 has
        return ""


def _source(location: str, text: str) -> str:
    """The kind of source in direct_url.json (PEP 610): ``vcs``, ``editable``, ``path``, ``url``."""
    if not text:
        return "editable" if location.endswith(".egg-link") else ""
    if '"vcs_info"' in text:
        return "vcs"
    if '"editable": true' in text or '"editable":true' in text:
        return "editable"
    return "path" if '"file://' in text else "url"


def _sorted(packages: Iterable[Package]) -> tuple[Package, ...]:
    return tuple(sorted(packages, key=lambda p: (p.name, p.owner, p.version)))
