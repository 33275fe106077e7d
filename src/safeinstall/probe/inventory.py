"""Every package of an environment and whose it is, from the files alone, in milliseconds.

conda's records are read by their names (``name-version-build.json``); pip's by the names of the
dist-info directories. Who owns a distribution is decided by files, not by the word in INSTALLER:
what a conda record lists is conda's. conda records are opened only when a distribution stands
there whose name and version no record has.
"""

from __future__ import annotations

import os

from safeinstall.model import CondaDistribution, Inventory, Package
from safeinstall.probe.files import names_in, read_bytes, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Environment


def scan(environment: Environment) -> Inventory:
    """The inventory of the environment; empty where there is nothing to read."""
    records = list(_conda_records(environment.prefix))
    distributions = [d for place in environment.site_packages for d in _distributions(place)]
    if environment.kind != "conda":
        owned = [_owned_by_installer(d, environment) for d in distributions]
        return Inventory(packages=_sorted(owned))
    return _conda_inventory(environment.prefix, records, distributions)


def normalize(name: str) -> str:
    """PEP 503: lower case, runs of ``-``, ``_`` and ``.`` are one ``-``."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def _conda_inventory(
    prefix: str, records: list[Package], distributions: list[Package]
) -> Inventory:
    by_name = {(normalize(record.name), record.version): record for record in records}
    unmatched = [d for d in distributions if (d.name, d.version) not in by_name]
    claims = _claims(prefix) if unmatched else {}
    foreign = [d for d in unmatched if os.path.basename(d.location) not in claims]
    present = {(d.name, d.version) for d in distributions}
    replaced = _replaced(records, foreign, present)
    kept = [_with_distributions(r, claims) for r in records if r not in replaced]
    pip_owned = [_with_installer(d) for d in foreign]
    return Inventory(
        packages=_sorted([*kept, *pip_owned]),
        overwritten=_sorted(replaced),
        conda_distributions=tuple(_brought(distributions, foreign, records, claims)),
    )


def _brought(
    distributions: list[Package],
    foreign: list[Package],
    records: list[Package],
    claims: dict[str, str],
) -> Iterable[CondaDistribution]:
    """What conda's packages mean to pip, sorted by name."""
    by_name = {(normalize(record.name), record.version): record for record in records}
    by_place = {record.location: record for record in records}
    taken = {distribution.name for distribution in foreign}
    for found in sorted(distributions, key=lambda d: d.name):
        if found.name not in taken:
            taken.add(found.name)
            claimed = claims.get(os.path.basename(found.location), "")
            record = by_name.get((found.name, found.version)) or by_place.get(claimed, found)
            version = _exact_version(found)
            yield CondaDistribution(found.name, version, record, found.location)


def _exact_version(distribution: Package) -> str:
    """Directory names write ``_`` where a version has ``-``, and cannot be trusted then."""
    if distribution.version and "_" not in distribution.version:
        return distribution.version
    for name in ("METADATA", "PKG-INFO"):
        for line in read_text(os.path.join(distribution.location, name), 4096).splitlines():
            if line.startswith("Version:"):
                return line[8:].strip()
    return distribution.version


def _replaced(
    records: Iterable[Package], foreign: Iterable[Package], present: set[tuple[str, str]]
) -> list[Package]:
    """Records whose distribution is gone while another version of it, not conda's, is there."""
    foreign_names = {distribution.name for distribution in foreign}
    return [
        record
        for record in records
        if normalize(record.name) in foreign_names
        and (normalize(record.name), record.version) not in present
    ]


def _conda_records(prefix: str) -> Iterable[Package]:
    meta = os.path.join(prefix, "conda-meta")
    for entry in names_in(meta):
        parts = entry[:-5].rsplit("-", 2)
        if entry.endswith(".json") and len(parts) == 3:
            name, version, build = parts
            yield Package(name, version, "conda", build=build, location=os.path.join(meta, entry))


def _distributions(site_packages: str) -> Iterable[Package]:
    for entry in names_in(site_packages):
        if entry.endswith(".dist-info"):
            name, _, version = entry[:-10].partition("-")
        elif entry.endswith(".egg-info"):
            name, version = _egg(entry, site_packages)
        elif entry.endswith(".egg-link"):
            name, version = entry[:-9], ""
        else:
            continue
        if not name.startswith("~"):  # what pip leaves behind when an uninstall is interrupted
            location = os.path.join(site_packages, entry)
            yield Package(normalize(name), version, "pip", location=location)


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


def _claims(prefix: str) -> dict[str, str]:
    """The metadata directories that conda's records list, each with its record's path."""
    found: dict[str, str] = {}
    meta = os.path.join(prefix, "conda-meta")
    for entry in names_in(meta):
        if entry.endswith(".json"):
            path = os.path.join(meta, entry)
            for name in _listed(read_bytes(path) or b""):
                found[name] = path
    return found


def _listed(record: bytes) -> set[str]:
    """The metadata names in a record's text, found without parsing a megabyte of JSON."""
    names: set[str] = set()
    for suffix, tail in ((b".dist-info", b"/METADATA"), (b".egg-info", b"")):
        at = record.find(suffix + tail)
        while at >= 0:
            start = max(record.rfind(b"/", 0, at), record.rfind(b'"', 0, at)) + 1
            names.add((record[start:at] + suffix).decode("utf-8", "replace"))
            at = record.find(suffix + tail, at + 1)
    return names


def _with_distributions(record: Package, claims: dict[str, str]) -> Package:
    mine = tuple(
        sorted(
            normalize(name.rsplit(".", 1)[0].partition("-")[0])
            for name, path in claims.items()
            if path == record.location
        )
    )
    return record.replace(distributions=mine) if mine else record


def _with_installer(distribution: Package) -> Package:
    installer = read_text(os.path.join(distribution.location, "INSTALLER"), 256).strip()
    # "conda" in a distribution that no conda record lists is a leftover, not a claim
    owner = "pip" if installer in ("", "conda") else installer
    return distribution.replace(owner=owner, source=_source(distribution.location))


def _owned_by_installer(distribution: Package, environment: Environment) -> Package:
    owned = _with_installer(distribution)
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
