"""From pip's log to findings: what the rail stopped, and what it held back. Pure."""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.rails.pip_log import Log, Wish, parse
from safeinstall.rails.rail import Settled
from safeinstall.rules import conda_owned, denied_package, held_back, other_cuda, pip_over_conda
from safeinstall.rules.held_back import HeldBack
from safeinstall.rules.pip_over_conda import Objection
from safeinstall.specs import deny_list
from safeinstall.specs.versions import numbers, satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.rails.pip import PipRail


def settle(rail: PipRail, written: bytes, *, succeeded: bool) -> Settled:
    """What the log of a run that met conflicts means. Stopped is stopped before installing.

    A failure counts as the rail's work where a release was rejected for what conda owns, even if
    pip then failed otherwise, with some old release that cannot be built.
    """
    log = parse(written.decode("utf-8", "replace"))
    if succeeded:
        held = _held(rail, log)
        return Settled((held_back.told(rail.facts, held),) if held else ())
    if log.began:
        return Settled()
    met = (*_objections(rail, log), *_doubled(rail, log), *_leaned_on(rail, log))
    objections = list(met) or _bound(rail, log)
    kept_out = {wish.name: _by(wish) for wish in log.wishes if _is_barred(rail, wish)}
    denied = {wish.name: _by(wish) for wish in log.wishes if _is_denied(rail, wish)}
    found = []
    if denied:
        found.append(denied_package.stopped(denied))
    if objections:
        found.append(pip_over_conda.stopped(rail.facts, objections))
    if kept_out:
        found.append(other_cuda.kept_out(rail.facts, kept_out))
    return Settled(tuple(found), stopped=bool(found))


def _objections(rail: PipRail, log: Log) -> list[Objection]:
    """Wishes that what conda has does not meet; of many releases of one name, the first."""
    against: dict[tuple[str, str, bool], Wish] = {}
    for wish in log.wishes:
        if _objects(rail, wish):
            against.setdefault((wish.name, wish.by, wish.constraint), wish)
    found = list(against.values())
    return [
        Objection(
            there=rail.theirs[wish.name],
            wants=_wants(rail, wish),
            by=_by(wish),
            becomes=_becomes(log, wish, found),
        )
        for wish in found
    ]


def _objects(rail: PipRail, wish: Wish) -> bool:
    there = rail.theirs.get(wish.name)
    if there is None:
        return False
    if wish.constraint:
        wants = _wants(rail, wish)
        return bool(wants) and not _meets(there.version, wants)
    return wish.name in rail.again or not _meets(there.version, wish.wants)


def _doubled(rail: PipRail, log: Log) -> list[Objection]:
    """What would come under another name, over conda's files."""
    wishes = {wish.name: wish for wish in log.wishes if _is_double(rail, wish)}
    return [Objection(rail.doubles[n], by=_by(w), double=n) for n, w in wishes.items()]


def _is_double(rail: PipRail, wish: Wish) -> bool:
    return wish.name in rail.doubles and not wish.constraint


def _leaned_on(rail: PipRail, log: Log) -> list[Objection]:
    """What is pip's own was to move out of what conda's packages need of it."""
    held = {wish.name for wish in log.wishes if wish.constraint}
    wanted = {wish.name for wish in log.wishes if not wish.constraint}
    return [
        Objection(rail.theirs[lean.by], needs=lean.name + lean.wants, stays=True)
        for lean in rail.leaning
        if lean.name in held & wanted
    ]


def _is_barred(rail: PipRail, wish: Wish) -> bool:
    return wish.name in rail.barred and not wish.constraint


def _is_denied(rail: PipRail, wish: Wish) -> bool:
    if wish.constraint or wish.name not in rail.denied:
        return False
    return any(deny_list.of_request(entry, wish.name, (wish.wants,)) for entry in rail.deny)


def _bound(rail: PipRail, log: Log) -> list[Objection]:
    """Where nobody objects to conda's version, but what that version needs is in the way."""
    return [
        Objection(rail.theirs[wish.by], needs=wish.name + wish.wants)
        for wish in log.wishes
        if wish.by in rail.theirs and wish.of == rail.theirs[wish.by].version
    ][:1]


def _wants(rail: PipRail, wish: Wish) -> str:
    """What is wanted; of constraints, the user's own part."""
    if not wish.constraint:
        return wish.wants
    ours = rail.theirs[wish.name].version
    parts = wish.wants.split(",")
    return ",".join(p for p in parts if p.lstrip("=").partition("+")[0] != ours.partition("+")[0])


def _by(wish: Wish) -> str:
    if wish.constraint:
        return "a constraint of yours"
    return f"{wish.by} {wish.of}".strip()


def _becomes(log: Log, wish: Wish, among: Iterable[Wish]) -> str:
    """The newest release on pip's indexes that everybody could live with."""
    wants = ",".join(w.wants for w in among if w.name == wish.name and not w.constraint)
    fitting = [v for v in log.offered.get(wish.name, ()) if numbers(v) and satisfies(v, wants)]
    return max(fitting, key=lambda version: numbers(version) or (), default="")


def _held(rail: PipRail, log: Log) -> list[HeldBack]:
    found: dict[str, HeldBack] = {}
    for wish, chosen in _given_up(rail, log):
        known = found.get(wish.by)
        if known is None or _older(known.instead_of, wish.of):
            found[wish.by] = HeldBack(wish.by, chosen, wish.of, *_because(rail, wish))
    return list(found.values())


def _because(rail: PipRail, wish: Wish) -> tuple[str, str]:
    """Why the release could not be, and what conda would have to bring first."""
    double = rail.doubles.get(wish.name)
    if double is not None:
        return f"needs {wish.name}, which has the files of {conda_owned.described(double)}", ""
    if _is_denied(rail, wish):
        return f"needs {wish.name}{wish.wants}, which the policy denies", ""
    there = rail.theirs.get(wish.name)
    if there is None:
        return f"brings another CUDA than conda's ({wish.name})", ""
    needs = f"needs {there.name}{wish.wants}, here is {conda_owned.described(there)}"
    return needs, conda_owned.conda_spec(there, wish.wants)


def _given_up(rail: PipRail, log: Log) -> Iterator[tuple[Wish, str]]:
    """Releases rejected for what conda owns, and the older one that came in their place."""
    for wish in log.wishes:
        chosen = log.chosen.get(wish.by, "")
        tests = (_is_denied, _is_barred, _is_double, _objects)
        objects = any(test(rail, wish) for test in tests)
        if chosen and wish.by not in rail.theirs and objects and _older(chosen, wish.of):
            yield wish, chosen


def _older(first: str, second: str) -> bool:
    ours, theirs = numbers(first), numbers(second)
    if ours and theirs:
        return ours < theirs
    site_packages.enable()
    from packaging.version import Version

    try:
        return Version(first) < Version(second)
    except ValueError:  # InvalidVersion, or a number that is too long for Python
        return False


def _meets(version: str, constraint: str) -> bool:
    answer = satisfies(version, constraint)
    if answer is not None:
        return answer
    site_packages.enable()
    from packaging.specifiers import SpecifierSet

    try:
        return SpecifierSet(constraint).contains(version, prereleases=True)
    except ValueError:  # InvalidSpecifier, InvalidVersion, or a number that is too long for Python
        return True
