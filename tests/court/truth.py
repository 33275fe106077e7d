"""What is broken in an environment, and what an operation has broken. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tests.court.facts import Distribution, Facts, Record, normalize
from tests.court.store import NAMESPACES

BOTH = "both"
ABROAD, VARIANT, ALONE = "outside of the environment", "not for CUDA any more", "left without pip"


@dataclass(frozen=True, order=True)
class Problem:
    """Something is not as a record, a requirement or the user may expect.

    Equal are those that tell of the same thing; how bad it is by now (``words``) does not count.
    """

    kind: str
    subject: str
    detail: str
    victim: str  # whose it is: "conda", "pip" or BOTH

    def __str__(self) -> str:
        return f"{self.victim}'s {self.subject}: {self.kind} {self.detail}".rstrip()


def problems(facts: Facts) -> frozenset[Problem]:
    """Everything that is wrong by itself, whoever did it."""
    found = {
        *_files(facts),
        *_twins(facts),
        *_stranded(facts),
        *_requirements(facts),
        *_imports(facts),
        *_listing(facts),
    }
    found |= {Problem("belongs to nobody", *_split(path), BOTH) for path in facts.strays}
    found |= {Problem(ABROAD, name, "", BOTH) for name in facts.outside}
    if facts.gpu is False and facts.runtimes > 1:
        found.add(Problem("two CUDA runtimes, no GPU", "torch", "", BOTH))
    return frozenset(found)


def harm(before: Facts, after: Facts, tool: str, named: Collection[str] = ()) -> frozenset[Problem]:
    """What ``tool`` has newly broken; what was ``named`` shall be what it is now."""
    done = {
        *_lost(before, after, tool),
        *_by_chance(before, after, tool),
        *_flipped(before, after, named),
        *_left_alone(before, after),
    }
    found = problems(after)
    standing = {problem for problem in problems(before) if problem.kind != ABROAD}
    restored = _restored(before, after)
    imports = {p for p in found if (p.kind, p.victim) == ("import", "conda")}
    own = {problem for problem in imports if problem.subject in restored}
    return found - standing - own | done


def _restored(before: Facts, after: Facts) -> set[str]:
    """What is once more, in every file, as conda has written it: where it cannot be imported, that
    is conda's own affair (a namespace that needs pkg_resources, which is not there)."""
    return {normalize(n) for n in after.records if before.states.get(n) and not after.states.get(n)}


def _flipped(before: Facts, after: Facts, named: Collection[str]) -> Iterator[Problem]:
    for name in before.gpu_builds - after.gpu_builds:
        if name in after.records and name not in named:
            yield Problem(VARIANT, name, "", BOTH)


def _left_alone(before: Facts, after: Facts) -> Iterator[Problem]:
    """What pip has installed, and nothing can uninstall any more."""
    if _manages(before) and not _manages(after):
        for found in after.distributions:
            if found.owner == "pip":
                yield Problem(ALONE, found.name, "", "pip")


def _manages(facts: Facts) -> bool:
    return any(found.name == "pip" for found in _seen(facts))


def _by_chance(before: Facts, after: Facts, tool: str) -> Iterator[Problem]:
    """Of two distributions of one name, conda's and pip's, pip takes the one whose directory comes
    first, in no order that anybody has made: what was pip's own today is conda's tomorrow."""
    doubled = {problem.subject for problem in _twins(before) if problem.victim == BOTH}
    for name in sorted(doubled if tool != "conda" else ()):
        if _places(before, name) != _places(after, name):
            yield Problem("one of two changed, by chance", name, "", BOTH)


def _places(facts: Facts, name: str) -> set[str]:
    return {found.directory for found in facts.distributions if found.name == name}


def _files(facts: Facts) -> Iterator[Problem]:
    """Files that are gone, or that hold something else than their owner has written."""
    sums = {found.directory: found.sums for found in facts.distributions}
    for name, states in facts.states.items():
        if name in facts.records:
            subject, victim, listed = name, "conda", facts.records[name].sums
        else:
            subject = normalize(name.rpartition("/")[2].partition("-")[0])
            victim, listed = "pip", sums.get(name, {})
        for path in states:
            if listed.get(path) not in NAMESPACES:
                yield Problem("file", subject, path, victim)


def _split(path: str) -> tuple[str, str]:
    return path.partition("/site-packages/")[2].partition("/")[0], path


def _twins(facts: Facts) -> Iterator[Problem]:
    seen: dict[str, Distribution] = {}
    for found in _seen(facts):
        other = seen.setdefault(found.name, found)
        if other is not found:
            victim = found.owner if found.owner == other.owner else BOTH
            yield Problem("two metadata directories", found.name, "", victim)


def _seen(facts: Facts) -> list[Distribution]:
    """What lies in the site-packages of the Python that runs here."""
    return [found for found in facts.distributions if found.directory.startswith(f"{facts.site}/")]


def _stranded(facts: Facts) -> Iterator[Problem]:
    """What another Python cannot see; not what conda has put there anew for this one."""
    anew = {found.name for found in _seen(facts) if found.owner == "conda"}
    for found in facts.distributions:
        if found.owner == "conda" and found.name in anew:
            continue
        if facts.records and found not in _seen(facts):
            yield Problem("stranded", found.name, found.directory.split("/")[1], found.owner)


def _requirements(facts: Facts) -> Iterator[Problem]:
    for found in _seen(facts):
        for name, wants, _ in found.unmet:
            yield Problem("requirement", found.name, f"{name}{wants}", found.owner)


def _imports(facts: Facts) -> Iterator[Problem]:
    for found in _seen(facts):
        for module, answer in (found.imports or {}).items():
            if "error" in answer:
                yield Problem("import", found.name, module, found.owner)


def _listing(facts: Facts) -> Iterator[Problem]:
    """``conda list`` shows one row a name, pip's rather than its own."""
    code = {d.name: _version(d) for d in reversed(_seen(facts)) if _version(d)}
    rows = {name: (version, "conda") for name, version in _conda_rows(facts)}
    rows |= {d.name: (d.version, "pip") for d in _seen(facts) if d.owner == "pip"}
    for name, (version, owner) in rows.items():
        if name in code and code[name] != version:
            yield Problem("conda list", name, f"says {version}, the code is another", owner)


def _conda_rows(facts: Facts) -> Iterator[tuple[str, str]]:
    """The distributions of the records that ``conda list`` would not drop."""
    for name, states in facts.states.items():
        record = facts.records.get(name)
        if record is None:
            continue
        anchor = _anchor(record)
        if anchor and states.get(anchor) != "gone":
            title, _, version = anchor.split("/")[-2][: -len(".dist-info")].partition("-")
            yield normalize(title), version


def _anchor(record: Record) -> str:
    return next((path for path in record.sums if path.endswith(".dist-info/RECORD")), "")


def _version(found: Distribution) -> str:
    """What the code itself says."""
    versions = (answer.get("version", "") for answer in (found.imports or {}).values())
    return next(filter(None, versions), "")


def _lost(before: Facts, after: Facts, tool: str) -> Iterator[Problem]:
    """What the other tool had put there, and is there no more; a GPU that is out of sight."""
    names = {found.name for found in after.distributions}
    for found in before.distributions:
        mine = "conda" if tool == BOTH else tool  # the pip: part only installs
        if found.owner != mine and found.name not in names:
            yield Problem("lost", found.name, found.version, found.owner)
    if before.gpu and after.gpu is False:
        owner = next((d.owner for d in _seen(before) if d.name == "torch"), BOTH)
        yield Problem("GPU", "torch", "is out of sight", owner)
