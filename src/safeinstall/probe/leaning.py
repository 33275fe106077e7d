"""What conda's packages need of what is not conda's, read from metadata and records.

conda's solver has brought everything that its packages depend on. That some of it is pip's comes
about where pip has replaced it since, or where a recipe asks for less than the metadata do.
"""

from __future__ import annotations

import os

from safeinstall import kept, memo, site_packages
from safeinstall.argv.requirement import parse
from safeinstall.journal import canonical
from safeinstall.model import CONDA_OWNERS, Leaning
from safeinstall.probe.files import read_bytes, read_text
from safeinstall.rules.markers import may_hold
from safeinstall.rules.releases import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Package, Situation

_FORMAT = 3
_HEADERS = 1 << 16  # bytes; a license that stands in a header may be long


def required(situation: Situation, cache_dir: str) -> tuple[Leaning, ...]:
    """What conda's distributions require of pip's, as far as it is met by what is there."""
    inventory = situation.inventory
    theirs = {found.name for found in inventory.conda_distributions}
    foreign = inventory.not_owned_by(*CONDA_OWNERS)
    there = {p.name: p.version for p in foreign if p.name not in theirs}
    if not there:
        return ()
    needs = _all_needs(situation, cache_dir)
    found = [
        Leaning(name, *line.split("\t"))
        for name in there
        for line in needs.get(name, "").splitlines()
    ]
    python = situation.environment.python
    return tuple(
        lean
        for lean in found
        if satisfies(there[lean.name], lean.wants) is True and may_hold(lean.marker, python)
    )


def _all_needs(situation: Situation, cache_dir: str) -> dict[str, str]:
    """By name, who requires it in which versions: lines of three columns.

    Remembered until conda changes the environment, or pip replaces something of conda's: that
    saves opening a thousand files, and ``packaging``. What that cannot read is passed over: pip
    would refuse every installation for the sake of such a constraint.
    """
    prefix = situation.environment.prefix
    brought = situation.inventory.conda_distributions
    identity = (_FORMAT, prefix, _last_change(prefix), *(found.location for found in brought))
    place = os.path.join(cache_dir, "needs", f"{memo.hash_of(prefix):016x}")
    known = cache_dir and kept.load(place, identity)
    if isinstance(known, dict):
        return known
    found = [
        (by.name, *need) for by in brought for need in _requirements(f"{by.location}/METADATA")
    ]
    readable = set(_readable({(wants, marker) for _, _, wants, marker in found}))
    needs: dict[str, list[str]] = {}
    for by_name, name, wants, marker in found:
        if (wants, marker) in readable:
            needs.setdefault(name, []).append(f"{by_name}\t{wants}\t{marker}")
    answer = {name: "\n".join(lines) for name, lines in needs.items()}
    if cache_dir:
        kept.keep(place, identity, answer)
    return answer


def _last_change(prefix: str) -> int:
    """In nanoseconds, of what conda's records there are."""
    try:
        return os.stat(os.path.join(prefix, "conda-meta")).st_mtime_ns
    except OSError:
        return 0


def files(situation: Situation, names: Iterable[str]) -> tuple[Leaning, ...]:
    """The files of these distributions of pip's that records of conda's list, too."""
    wanted = set(names)
    foreign = situation.inventory.not_owned_by(*CONDA_OWNERS)
    asked = [package for package in foreign if package.name in wanted]
    return tuple(lean for package in asked for lean in _shared(situation, package))


def _requirements(path: str) -> Iterator[tuple[str, str, str]]:
    """Name, constraint and marker of what is required without any extra."""
    headers = read_text(path, _HEADERS).partition("\n\n")[0]
    lines = [line[14:].strip() for line in headers.splitlines() if _requires(line)]
    specs = [parse(line) for line in lines if "extra" not in line.partition(";")[2]]
    for spec in specs:
        marker = spec.raw.partition(";")[2].strip()
        if spec.kind == "name" and spec.name:
            parts = (part.strip() for part in spec.version.split(","))
            yield spec.name, ",".join(filter(None, parts)), marker  # old pips stumble over "<2,"


def _readable(needs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those that make a line of a constraints file, behind a name."""
    site_packages.enable()
    from packaging.requirements import InvalidRequirement, Requirement

    for wants, marker in needs:
        try:
            Requirement(f"x{wants}" + (f" ; {marker}" if marker else ""))
        except InvalidRequirement:
            continue
        yield wants, marker


def _requires(line: str) -> bool:
    return line.lower().startswith("requires-dist:")


def _shared(situation: Situation, package: Package) -> Iterator[Leaning]:
    from safeinstall.probe import distribution

    inventory, prefix = situation.inventory, situation.environment.prefix
    own = set(distribution.describe(package, prefix).files)
    places = {os.fsencode(f'"{os.path.dirname(path)}/') for path in own}
    fallen = {record.location for record in (*inventory.overwritten, *inventory.gone)}
    for record in inventory.owned_by(*CONDA_OWNERS):
        text = b"" if record.location in fallen else read_bytes(record.location, 1 << 26) or b""
        if any(place in text for place in places):
            both = own.intersection(_listed(text))
            if both:
                yield Leaning(package.name, record.name, file=min(both).rpartition("/")[2])


def _listed(record: bytes) -> list[str]:
    files = (canonical.decode_object(record) or {}).get("files")
    return [str(path) for path in files] if isinstance(files, list) else []
