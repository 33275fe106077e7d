"""Every package of an environment and whose it is, from the files alone, in milliseconds.

Whose a distribution is, is decided by files, not by the word in INSTALLER: a metadata directory
that a conda record lists is conda's. A record that lists some, none of which is there, has lost
its package, whatever conda believes.
"""

from __future__ import annotations

import os

from safeinstall import memo
from safeinstall.model import CondaDistribution, Inventory, Package
from safeinstall.probe import claims
from safeinstall.probe.files import names_in, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.memo import Family
    from safeinstall.model import Environment

    Claimed = Mapping[str, tuple[str, ...]]  # metadata directories by their record's file name

_SORTING = tuple(["3", str(minor)] for minor in range(7, 11))


def scan(environment: Environment, cache_dir: str = "") -> Inventory:
    """The inventory of the environment; empty where there is nothing to read.

    What has to be opened is remembered below ``cache_dir``, if one is given.
    """
    family = memo.Family(environment.prefix, cache_dir)
    found = [d for place in environment.site_packages for d in _distributions(place)]
    whole = [d for d in found if _is_whole(d)]
    if environment.kind == "conda":
        claimed = claims.read(environment.prefix, family, cache_dir)
        inventory = _conda_inventory(environment, whole, claimed, family)
    else:
        inventory = Inventory(_sorted(_owned_by_installer(d, environment, family) for d in whole))
    family.keep()
    if len(whole) == len(found):
        return inventory
    kept = {d.location for d in whole}
    left = sorted(d.location for d in found if d.location not in kept)
    return inventory.replace(leftovers=tuple(left))


def distributions_in(directory: str) -> Iterator[Package]:
    """The distributions that one directory of ``sys.path`` holds, whoever put them there."""
    return filter(_is_whole, _distributions(directory))


def normalize(name: str) -> str:
    """PEP 503: lower case, runs of ``-``, ``_`` and ``.`` are one ``-``."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def _conda_inventory(
    environment: Environment, distributions: list[Package], claimed: Claimed, family: Family
) -> Inventory:
    records = list(_conda_records(environment.prefix, claimed))
    owner = {entry: record for record in records for entry in _listed(record, claimed)}
    foreign = [_with_installer(d, family) for d in distributions if _entry(d) not in owner]
    expected = claimed if environment.site_packages else {}
    overwritten, gone = _fallen(records, expected, distributions, foreign)
    fallen = {record.location for record in (*overwritten, *gone)}
    standing = [record for record in records if record.location not in fallen]
    return Inventory(
        packages=_sorted([*standing, *foreign]),
        overwritten=_sorted(overwritten),
        conda_distributions=tuple(_brought(distributions, owner, foreign, environment.python)),
        gone=_sorted(gone),
    )


def _fallen(
    records: Iterable[Package],
    claimed: Claimed,
    distributions: Iterable[Package],
    foreign: Iterable[Package],
) -> tuple[list[Package], list[Package]]:
    """Records whose distribution is gone: with one of another installer in its place, or none."""
    there = {_entry(distribution) for distribution in distributions}
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
    distributions: Iterable[Package],
    owner: Mapping[str, Package],
    foreign: Iterable[Package],
    python: str,
) -> Iterator[CondaDistribution]:
    """What conda's packages mean to pip, sorted by name."""
    by_name: dict[str, list[Package]] = {}
    for distribution in distributions:
        by_name.setdefault(distribution.name, []).append(distribution)
    others = {distribution.name: distribution for distribution in foreign}
    for name in sorted(by_name):
        record = next((owner[e] for e in map(_entry, by_name[name]) if e in owner), None)
        if record:
            seen = _seen_by_pip(by_name[name], python)
            version, twin = exact_version(seen), others.get(name)
            yield CondaDistribution(name, version, record, seen.location, twin)


def _seen_by_pip(same_name: Sequence[Package], python: str) -> Package:
    """The one of several that counts as installed: the first that ``importlib.metadata`` comes to,
    in the directory's own order; before Python 3.11 pip asks ``pkg_resources``, which sorts.
    """
    if len(same_name) > 1 and python.split(".")[:2] in _SORTING:
        return min(same_name, key=lambda distribution: distribution.location)
    return same_name[0]


def exact_version(distribution: Package) -> str:
    """Directory names write ``_`` where a version has ``-``, and cannot be trusted then."""
    if distribution.version and "_" not in distribution.version:
        return distribution.version
    for name in ("METADATA", "PKG-INFO"):
        for line in read_text(os.path.join(distribution.location, name), 4096).splitlines():
            if line.startswith("Version:"):
                return line[8:].strip()
    return distribution.version


def _conda_records(prefix: str, claimed: Claimed) -> Iterator[Package]:
    meta = os.path.join(prefix, "conda-meta")
    for entry, listed in claimed.items():
        parts = entry[:-5].rsplit("-", 2)
        if len(parts) == 3:
            name, version, build = parts
            names = tuple(sorted({_name_in(item) for item in listed}))
            yield Package(name, version, "conda", build, "", f"{meta}/{entry}", names)


def _listed(record: Package, claimed: Claimed) -> tuple[str, ...]:
    return claimed.get(_entry(record), ())


def _entry(package: Package) -> str:
    """The file or directory name of a package's metadata."""
    return package.location.rpartition("/")[2]


def _name_in(entry: str) -> str:
    """``zope.interface-6.0.dist-info`` → ``zope-interface``"""
    return normalize(entry.rpartition(".")[0].partition("-")[0])


def _distributions(site_packages: str) -> Iterator[Package]:
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
        yield Package(normalize(name), version, "pip", location=f"{site_packages}/{entry}")


def _is_whole(distribution: Package) -> bool:
    """Is there metadata in it, and is it in use? A directory may be left with nothing to say."""
    location = distribution.location
    if distribution.name.startswith("~"):
        return False
    if location.endswith(".dist-info"):
        return os.path.exists(f"{location}/METADATA")
    return os.path.isfile(location) or os.path.exists(f"{location}/PKG-INFO")


def _egg(entry: str, site_packages: str) -> tuple[str, str]:
    """``six-1.16.0-py3.11.egg-info``, or ``six.egg-info`` with the version inside."""
    name, _, rest = entry[:-9].partition("-")
    if rest:
        return name, rest.split("-py")[0]
    text = read_text(os.path.join(site_packages, entry, "PKG-INFO"), 4096)
    for line in text.splitlines():
        if line.startswith("Version:"):
            return name, line[8:].strip()
    return name, ""


def _with_installer(distribution: Package, family: Family) -> Package:
    owner, source = family.parsed(distribution.location, _origin)
    return distribution.replace(owner=owner, source=source)


def _origin(location: str) -> tuple[str, str]:
    installer = read_text(os.path.join(location, "INSTALLER"), 256).strip()
    # "conda" in a distribution that no conda record lists is a leftover, not a claim
    return "pip" if installer in ("", "conda") else installer, _source(location)


def _owned_by_installer(distribution: Package, environment: Environment, family: Family) -> Package:
    owned = _with_installer(distribution, family)
    if environment.kind == "system" and not os.path.exists(f"{distribution.location}/INSTALLER"):
        return owned.replace(owner="system")
    return owned


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
