"""Every package of an environment and whose it is, from the files alone, in milliseconds.

Whose a distribution is, is decided by files, not by the word in INSTALLER: a metadata directory
that a conda record lists is conda's, unless another installer has made it anew. A record that lists
some, none of which is there, has lost its package, whatever conda believes.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.files import names_in, read_text
from safeinstall.model import CondaDistribution, Inventory, Package
from safeinstall.probe import conda_metadata, reinstalled, unreadable
from safeinstall.specs.requirement import normalize
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Environment

    Claimed = dict[str, tuple[str, ...]]  # metadata directories by their record's file name
    Found = tuple[str, str, str]  # a distribution's name, version, and where its metadata is

_SORTING = tuple(["3", str(minor)] for minor in range(7, 11))


class _Facts(Value):
    """All that is read. From the same facts comes the same inventory."""

    environment: Environment
    distributions: tuple[Found, ...]  # with their metadata, in the directories' own order
    left: tuple[str, ...]  # metadata directories with nothing in them
    claimed: Claimed
    origins: Mapping[str, tuple[str, str]]  # owner and source of those that are not conda's
    exact: Mapping[str, str]  # versions that their directories' names do not tell


_latest: list[tuple[_Facts, Inventory]] = []
"""Every command looks twice, before the tool and after it; most often nothing is new."""


def scan(environment: Environment, cache_dir: str = "") -> Inventory:
    """The inventory of the environment; empty where there is nothing to read.

    What has to be opened is remembered below ``cache_dir``, if one is given.
    """
    facts = unreadable.attempt(
        "packages", environment.prefix, lambda: _read(environment, cache_dir), None
    ) or _by_names(environment)
    if not _latest or _latest[0][0] != facts:
        _latest[:] = [(facts, _understood(facts))]
    return _latest[0][1]


def distributions_in(directory: str) -> Iterator[Package]:
    """The distributions that one directory of ``sys.path`` holds, whoever put them there."""
    for found in _distributions(directory):
        if _is_whole(found):
            yield _package(found)


def _read(environment: Environment, cache_dir: str) -> _Facts:
    family = cache.Family(environment.prefix, cache_dir)
    meta = os.path.join(environment.prefix, "conda-meta")
    every = conda_metadata.read(meta, family, cache_dir) if environment.kind == "conda" else {}
    records = {name: claim for name, claim in every.items() if _is_record(name)}
    found = [d for place in environment.site_packages for d in _distributions(place)]
    lister = {entry: name for name, (_, listed, _) in records.items() for entry in listed}
    linked = {d[2]: lister[_last(d[2])] for d in found if _last(d[2]) in lister}
    untouched = {d for d, name in linked.items() if not reinstalled.is_younger(d, records[name][0])}
    whole = tuple(d for d in found if d[2] in untouched or _is_whole(d))

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
    )
    family.keep()
    return facts


def _not_conda(origin: tuple[str, str]) -> tuple[str, str]:
    """``conda`` in a distribution that belongs to no conda record is a leftover, not a claim."""
    owner, source = origin
    return "pip" if owner == "conda" else owner, source


def _claimed(
    environment: Environment,
    records: Mapping[str, conda_metadata.Claim],
    unlisted: Iterable[Found],
    there: Container[str],
) -> Claimed:
    """What each record lists, and the distributions that conda must have put in although no record
    lists them any more: a damaged record does not make its package another's.
    """
    meta = os.path.join(environment.prefix, "conda-meta")
    claimed = {name: listed for name, (_, listed, _) in records.items()}
    damaged = [name for name, (_, _, whole) in records.items() if not whole]
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
    """The record, by its file name, of a distribution that conda has put in and no record lists:
    one of that name that lists nothing that is there, else a damaged one; ``""`` for none.
    """
    from safeinstall.specs.conda_names import conda_names

    names = {name, *conda_names(name)}
    for record, listed in claimed.items():
        lost = record in damaged or not any(entry in there for entry in listed)
        if lost and normalize(record[:-5].rsplit("-", 2)[0]) in names:
            return record
    return next(iter(damaged), "")


def _by_names(environment: Environment) -> _Facts:
    """What can be said without opening a file. In a conda environment all counts as conda-owned."""
    found = tuple(d for place in environment.site_packages for d in _distributions(place))
    if environment.kind != "conda":
        return _Facts(environment, found, (), {}, {d[2]: ("pip", "") for d in found}, {})
    names = names_in(os.path.join(environment.prefix, "conda-meta"))
    records = {n: (0, (), False) for n in names if n.endswith(".json") and _is_record(n)}
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
    )


def _fallen(
    records: Iterable[Package],
    claimed: Claimed,
    there: Container[str],
    foreign: Iterable[Package],
) -> tuple[list[Package], list[Package]]:
    """Records whose distribution is gone: with one of another installer in its place, or none."""
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
    """What conda's packages mean to pip, sorted by name."""
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
    """The one of several that counts as installed: the first that ``importlib.metadata`` comes to,
    in the directory's own order; before Python 3.11 pip asks ``pkg_resources``, which sorts.
    """
    if len(same_name) > 1 and python.split(".")[:2] in _SORTING:
        return min(same_name, key=lambda found: found[2])
    return same_name[0]


def exact_version(distribution: Package) -> str:
    """Directory names write ``_`` where a version has ``-``, and cannot be trusted then."""
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
    """``NAME-VERSION-BUILD.json``: nothing else is one, whatever it lists."""
    return file[:-5].count("-") >= 2


def _listed(record: Package, claimed: Claimed) -> tuple[str, ...]:
    return claimed.get(_last(record.location), ())


def _last(path: str) -> str:
    """The file or directory name of a package's metadata."""
    return path.rpartition("/")[2]


def _name_in(entry: str) -> str:
    """``zope.interface-6.0.dist-info`` → ``zope-interface``"""
    return normalize(entry.rpartition(".")[0].partition("-")[0])


def _distributions(site_packages: str) -> Iterator[Found]:
    """Everything that looks like a distribution's metadata, in the directory's own order."""
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
    """Is there metadata in it, and is it in use? A directory may be left with nothing to say."""
    name, _, location = found
    if name.startswith("~"):
        return False
    if location.endswith(".dist-info"):
        return os.path.exists(f"{location}/METADATA")
    return os.path.isfile(location) or os.path.exists(f"{location}/PKG-INFO")


def _egg(entry: str, site_packages: str) -> tuple[str, str]:
    """``six-1.16.0-py3.11.egg-info``, or ``six.egg-info`` with the version inside."""
    name, _, rest = entry[:-9].partition("-")
    if rest:
        return name, rest.split("-py")[0]
    return name, _version_inside(f"{site_packages}/{entry}")


def _package(found: Found, owner: str = "pip", source: str = "") -> Package:
    name, version, location = found
    return Package(name, version, owner, "", source, location)


def _foreign(found: Found, facts: _Facts) -> Package:
    owner, source = facts.origins[found[2]]
    return _package(found, owner, source)


def _origin(location: str) -> tuple[str, str]:
    """Who brought it, and as what."""
    installer = read_text(os.path.join(location, "INSTALLER"), 256).strip()
    return installer or "pip", _source(location)


def _origin_on_system(location: str) -> tuple[str, str]:
    owner, source = _origin(location)
    return (owner if os.path.exists(f"{location}/INSTALLER") else "system"), source


def _source(location: str) -> str:
    """What PEP 610's direct_url.json says in a word: ``vcs``, ``editable``, ``path``, ``url``."""
    text = read_text(os.path.join(location, "direct_url.json"), 1 << 16)
    if not text:
        return "editable" if location.endswith(".egg-link") else ""
    if '"vcs_info"' in text:
        return "vcs"
    if '"editable": true' in text or '"editable":true' in text:
        return "editable"
    return "path" if '"file://' in text else "url"


def _sorted(packages: Iterable[Package]) -> tuple[Package, ...]:
    return tuple(sorted(packages, key=lambda p: (p.name, p.owner, p.version)))
