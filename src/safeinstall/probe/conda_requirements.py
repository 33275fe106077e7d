"""Which pip-owned distributions conda-owned packages need, read from metadata and records.

conda's solver installs everything that its packages depend on. A conda-owned package needs a
pip-owned distribution where pip has replaced the conda-owned one since, or where the conda recipe
has fewer dependencies than the package's metadata.

If the metadata of a conda-owned package cannot be read, the dependencies in its conda-meta record
are used; if the record cannot be read either, the package may need any distribution.
"""

from __future__ import annotations

import os

from safeinstall import cache, canonical, site_packages
from safeinstall.files import read_bytes
from safeinstall.model import Need
from safeinstall.probe import core_metadata
from safeinstall.specs.markers import may_hold
from safeinstall.specs.requirement import normalize, parse
from safeinstall.specs.versions import meets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import CondaDistribution, Facts, Spec

_FORMAT = 6
_ANYTHING = "*"  # in place of a name: any distribution may be needed
_OPERATORS = ("==", "!=", ">=", "<=", ">", "<")  # that mean the same to conda and pip


def required(facts: Facts, cache_dir: str) -> tuple[Need, ...]:
    """The requirements of conda-owned distributions on others that are installed and meet them."""
    theirs = {found.name for found in facts.inventory.conda_distributions}
    there = {p.name: p.version for p in facts.residents if p.name not in theirs}
    if not there:
        return ()
    needs = _all_needs(facts, cache_dir)
    found = [
        Need(name, *fields)
        for name in there
        for fields in (*needs.get(name, ()), *needs.get(_ANYTHING, ()))
    ]
    python = facts.environment.python
    return tuple(
        need
        for need in found
        if may_hold(need.marker, python) and meets(there[need.name], need.wants)
    )


def _all_needs(facts: Facts, cache_dir: str) -> dict[str, list[tuple[str, ...]]]:
    """The other fields of each :class:`Need`, by the name of the required distribution.

    Cached until conda changes the environment or pip replaces a conda-owned distribution: that
    saves opening a thousand files, and importing ``packaging``. A requirement that ``packaging``
    cannot parse is left out: as a constraint, it would make pip refuse every installation.
    """
    prefix = facts.environment.prefix
    brought = facts.inventory.conda_distributions
    identity = (_FORMAT, prefix, _last_change(prefix), *(found.location for found in brought))
    place = os.path.join(cache_dir, "needs", f"{cache.hash_of(prefix):016x}")
    known = cache_dir and cache.load(place, identity)
    if isinstance(known, dict):
        return known
    found = [need for by in brought for need in _needs(by)]
    readable = set(_readable({(need.wants, need.marker) for need in found}))
    answer: dict[str, list[tuple[str, ...]]] = {}
    for need in found:
        if (need.wants, need.marker) in readable:
            answer.setdefault(need.name, []).append(need.values()[1:])
    # An unreadable file may be repaired without a change that the cache would notice.
    if cache_dir and not any(need.unread for need in found):
        cache.keep(place, identity, answer)
    return answer


def _last_change(prefix: str) -> int:
    """When a record was last added to or removed from ``conda-meta``, in nanoseconds."""
    try:
        return os.stat(os.path.join(prefix, "conda-meta")).st_mtime_ns
    except OSError:
        return 0


def _needs(by: CondaDistribution) -> list[Need]:
    """The requirements of a conda-owned distribution, without those of extras."""
    metadata = core_metadata.read(by.location)
    if metadata is None:
        return list(_recorded(by))
    specs = [parse(need) for need in metadata.requires if "extra" not in need.partition(";")[2]]
    return [_as_needed(spec, by) for spec in specs if spec.name]


def _as_needed(spec: Spec, by: CondaDistribution) -> Need:
    """The requirement as a :class:`Need`. One with a URL names no version: any version meets it."""
    marker = spec.raw.partition("; " if spec.kind != "name" else ";")[2].strip()
    wants = spec.version if spec.kind == "name" else ""
    return Need(spec.name, by.name, _without_gaps(wants), marker)


def _without_gaps(wants: str) -> str:
    """The specifier without empty parts: old releases of pip cannot parse ``<2,``."""
    return ",".join(filter(None, map(str.strip, wants.split(","))))


def _recorded(by: CondaDistribution) -> Iterator[Need]:
    """The requirements from the conda-meta record: ``numpy >=1.23,<2``, in pip's names and
    versions.
    """
    unread = core_metadata.file_of(by.location)
    depends = _record(read_bytes(by.package.location, 1 << 26) or b"").get("depends")
    if not isinstance(depends, list):
        yield Need(_ANYTHING, by.name, unread=unread)
        return
    for name, wants in by_depends(depends):
        yield Need(name, by.name, wants, unread=unread)


def by_depends(depends: Sequence[object]) -> Iterator[tuple[str, str]]:
    """The ``depends`` of a conda package in pip's names and versions: ``("numpy", ">=1.23,<2")``.

    A version that pip cannot parse is replaced by ``""``, any version.
    """
    from safeinstall.specs.conda_names import pip_name  # rarely needed

    for name, _, wants in (str(text).partition(" ") for text in depends):
        wants = wants.partition(" ")[0]
        plain = all(part.startswith(_OPERATORS) for part in wants.split(","))
        known = pip_name(name)
        if known:  # else a program or a library that is no Python distribution
            yield normalize(known), wants if plain else ""


def _readable(needs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs of specifier and marker that are valid in a constraints file, behind a name."""
    site_packages.enable()
    from packaging.requirements import InvalidRequirement, Requirement

    for wants, marker in needs:
        try:
            Requirement(f"x{wants}" + (f" ; {marker}" if marker else ""))
        except InvalidRequirement:
            continue
        yield wants, marker


def _record(text: bytes) -> dict[str, object]:
    return canonical.decode_object(text) or {}
