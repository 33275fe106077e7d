"""What becomes of each distribution of pip's, and what these need of conda. Pure."""

from __future__ import annotations

from collections import Counter

from safeinstall.rebuild.nouns import Kept, Left, PipLayer
from safeinstall.specs.requirement import normalize
from safeinstall.specs.requirements import Needs
from safeinstall.specs.translation import as_conda
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Package, Resident
    from safeinstall.rebuild.nouns import Request


class Candidate(Value):
    """A distribution of pip's, with what is known of it."""

    package: Package
    resident: Resident
    whole: bool  # is every file as its installer has written it?
    exact: str  # the line of a requirements file for the same once more
    loose: str  # the line for what was asked for
    requested: bool = False  # did somebody name it?
    prefix: str = ""  # where its files are: the environment, or a backup of it; "" for nowhere
    bound: str = ""  # the file for which it cannot be copied to a path of another length
    stranded: str = ""  # the directory of a Python that is gone, in which it was left behind
    under: frozenset[str] = frozenset()  # conda packages whose files lie over its own


class Ground(Value):
    """conda's layer, as pip's layer sees it."""

    versions: Mapping[str, str]  # of its distributions, by normalized name
    files: Mapping[str, str]  # paths relative to the prefix, with the package that has them
    python: str  # "3.11"
    same_python: bool = True  # as before?
    places: tuple[str, ...] = ()  # where this Python looks for packages, relative to the prefix
    needs: frozenset[str] = frozenset()  # normalized names that conda's packages depend on


def divide(candidates: Sequence[Candidate], ground: Ground, request: Request) -> PipLayer:
    """Which distributions are copied, which pip installs again, and which are left out."""
    left = [Left(c.package, why) for c in candidates if (why := _why_left(c, ground, request))]
    gone = {item.package for item in left}
    there = [c for c in candidates if c.package not in gone]
    named = {name_of(line) for line in request.pip}
    if not request.exact:
        orphans = _orphans([c for c in candidates if c.package in gone], there, ground)
        left += [Left(c.package, "only what is left out needs it") for c in orphans]
        there = [c for c in there if c not in orphans]
    twice = _twice(there)
    again = [
        c
        for c in there
        if not (c.whole and _is_found(c, ground))
        or c.bound
        or c.package.name in named | twice
        or (request.update and c.requested)
    ]
    kept = [c for c in there if c not in again]
    moved = [c for c in again if c.stranded]
    unfit = [] if request.exact else _unfit([*kept, *moved], there, ground)
    new = tuple(_once([*again, *unfit]))
    loose = [c for c in new if c in unfit or (request.update and c.requested)]
    lines = [c.loose if c in loose else c.exact for c in new if c.package.name not in named]
    return PipLayer(
        kept=tuple(Kept(c.package, c.prefix) for c in kept if c not in unfit),
        again=tuple(c.package for c in new),
        lines=(*lines, *request.pip),
        unfit=tuple(c.package for c in unfit),
        chosen=tuple(c.package for c in loose),
        left=tuple(left),
    )


def pins(candidates: Iterable[Candidate], owned: Mapping[str, str], python: str) -> tuple[str, ...]:
    """What the distributions need of conda's packages, as conda's specs.

    ``owned`` has the conda package of each distribution that conda owns. Requirements that conda's
    syntax cannot express are left out.
    """
    needs = Needs([candidate.resident for candidate in candidates], python)
    found = {}
    for name, package in sorted(owned.items()):
        said = {as_conda(text) for text in needs.wanted(name)}
        atoms = sorted({atom for text in said if text for atom in text.split(",")})
        if atoms:
            found[package] = f"{package} {','.join(atoms)}"
    return tuple(found.values())


def _why_left(candidate: Candidate, ground: Ground, request: Request) -> str:
    package = candidate.package
    if package.name in request.without:
        return "as asked"
    if package.name in ground.versions:
        return f"conda's {package.name} {ground.versions[package.name]} takes its place"
    owner = next(iter(below(candidate, ground.files)), "")
    return f"conda's {owner} has the same files" if owner else ""


def _is_found(candidate: Candidate, ground: Ground) -> bool:
    """Does the new Python look where its files are?"""
    place = candidate.stranded
    return place in ground.places if place else ground.same_python


def below(candidate: Candidate, files: Mapping[str, str]) -> set[str]:
    """The conda packages with files of the distribution, but for files that nobody would miss."""
    resident = candidate.resident
    return {files[f] for f in resident.files if f in files and f not in resident.spare}


def _orphans(
    gone: Sequence[Candidate], there: Sequence[Candidate], ground: Ground
) -> list[Candidate]:
    """Those that nobody has named, and that only distributions need which are left out."""
    found: list[Candidate] = []
    while True:
        stays = [c for c in there if c not in found]
        needed = _needed(stays, ground)
        before = _needed([*gone, *found], ground)
        more = [
            c for c in stays if not c.requested and c.package.name in before - needed - ground.needs
        ]
        if not more:
            return found
        found += more


def _needed(candidates: Sequence[Candidate], ground: Ground) -> set[str]:
    """The names that the distributions require, but for their own."""
    needs = Needs([c.resident for c in candidates], ground.python)
    return {
        name for name, asked in needs.by_name.items() if any(by.name != name for by, _ in asked)
    }


def _twice(candidates: Iterable[Candidate]) -> set[str]:
    """Names with several metadata directories: nobody knows whose files these are."""
    counts = Counter(c.package.name for c in candidates)
    return {name for name, count in counts.items() if count > 1}


def _unfit(
    kept: Sequence[Candidate], there: Iterable[Candidate], ground: Ground
) -> list[Candidate]:
    """Those whose requirements conda's layer does not meet."""
    versions = {c.package.name: c.package.version for c in there} | dict(ground.versions)
    unmet = Needs([c.resident for c in kept], ground.python).unmet(versions)
    by = {by for by, name, _ in unmet if name in ground.versions}
    return [c for c in kept if c.package.name in by]


def _once(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """One for each name: the last."""
    yield from {c.package.name: c for c in candidates}.values()


def name_of(line: str) -> str:
    """The name in a line of a requirements file; ``""`` if it has none."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return normalize(Requirement(line).name)
    except InvalidRequirement:
        return ""
