"""What pip's resolver noted of its conflicts, held against what it was held to. Pure.

Each release that pip rejected is held against the constraints: was it for the sake of what conda
owns, and so the guard's work, or would pip have ended so without us?
"""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.rules.shared import conda_owned, pip_constraints, pip_held
from safeinstall.specs import deny_list
from safeinstall.specs.versions import meets, numbers, satisfies
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from safeinstall.model import CondaDistribution, Facts, Need
    from safeinstall.rails.pip_log import Log, Wish
    from safeinstall.rules.evidence import Evidence


class Objection(Value):
    """Why pip could not leave a conda-owned distribution as it is."""

    there: CondaDistribution
    wants: str = ""  # ">=1.24,<2"; "" where any version would do
    by: str = ""  # "tensorflow 2.15.0"; "" for the command itself
    needs: str = ""  # where it is in the way by what it needs itself: "numpy<1.23"
    becomes: str = ""  # the version that pip would have put there, where it is known
    double: str = ""  # what brings the same files under another name: "psycopg2-binary"
    stays: bool = False  # it would not have been replaced itself, but what it needs


class HeldBack(Value):
    """A release that pip gave up, and what it gave it up for."""

    name: str
    chosen: str  # the version that is there now
    instead_of: str  # the newest version that pip would have taken
    because: str  # "needs numpy>=2, here is numpy 1.26.4"
    spec: str = ""  # what conda would be asked for to let the newer one in


def objections(facts: Facts, evidence: Evidence) -> list[Objection]:
    """Why pip refused, as far as conda-owned distributions are the reason; none where it did not
    refuse before it began to install.

    A failure counts as the constraints' work where a release was rejected for their sake, even if
    pip then failed otherwise, with some old release that cannot be built.
    """
    held = _refused(facts, evidence)
    if held is None:
        return []
    found = [*held.objections(), *held.doubled(), *held.outgrown()]
    return found or held.bound()


def kept_out(facts: Facts, evidence: Evidence) -> dict[str, str]:
    """The wheels of another CUDA that pip did not get, each with the release that wanted it."""
    held = _refused(facts, evidence)
    if held is None:
        return {}
    return {wish.name: _by(wish) for wish in held.log.wishes if held.is_barred(wish)}


def denied(facts: Facts, evidence: Evidence) -> dict[str, str]:
    """What the policy denies and pip did not get, each with the release that wanted it."""
    held = _refused(facts, evidence)
    if held is None:
        return {}
    return {wish.name: _by(wish) for wish in held.log.wishes if held.is_denied(wish)}


def held_back(facts: Facts, evidence: Evidence) -> list[HeldBack]:
    """The releases that pip gave up for an older one, where it went through with that."""
    if evidence.conflicts is None or not evidence.succeeded:
        return []
    return _Held(facts, evidence.conflicts).back()


def _refused(facts: Facts, evidence: Evidence) -> _Held | None:
    log = evidence.conflicts
    if log is None or evidence.succeeded or log.began:
        return None
    return _Held(facts, log)


class _Held:
    """One run of pip: what it was held to, and what it ran into."""

    def __init__(self, facts: Facts, log: Log) -> None:
        self.log = log
        self.owned = pip_held.owned(facts)
        self.again = pip_constraints.written_again(facts, self.owned)
        self.barred: Mapping[str, str] = pip_held.barred(facts)
        self.doubles = pip_held.doubles(facts, self.owned)
        self.needed: tuple[Need, ...] = pip_held.needed(facts, self.owned)
        self.deny = pip_held.deny(facts)
        self.denied: Mapping[str, str] = pip_held.denied(facts)

    def objections(self) -> list[Objection]:
        """Wishes that what conda has does not meet; of many releases of one name, the first."""
        against: dict[tuple[str, str, bool], Wish] = {}
        for wish in self.log.wishes:
            if self.is_met_not(wish):
                against.setdefault((wish.name, wish.by, wish.constraint), wish)
        found = list(against.values())
        return [
            Objection(
                there=self.owned[wish.name],
                wants=self._wants(wish),
                by=_by(wish),
                becomes=self._becomes(wish, found),
            )
            for wish in found
        ]

    def doubled(self) -> list[Objection]:
        """What would come under another name, over a conda-owned distribution's files."""
        wishes = {wish.name: wish for wish in self.log.wishes if self.is_double(wish)}
        return [Objection(self.doubles[n], by=_by(w), double=n) for n, w in wishes.items()]

    def outgrown(self) -> list[Objection]:
        """What is pip's own was to move out of what conda's packages need of it."""
        held = {wish.name for wish in self.log.wishes if wish.constraint}
        wanted = {wish.name for wish in self.log.wishes if not wish.constraint}
        return [
            Objection(self.owned[need.by], needs=need.name + need.wants, stays=True)
            for need in self.needed
            if need.name in held & wanted
        ]

    def bound(self) -> list[Objection]:
        """Where nobody objects to conda's version, but what that version needs is in the way."""
        return [
            Objection(self.owned[wish.by], needs=wish.name + wish.wants)
            for wish in self.log.wishes
            if wish.by in self.owned and wish.of == self.owned[wish.by].version
        ][:1]

    def back(self) -> list[HeldBack]:
        """Of each release that was given up for an older one, the newest."""
        found: dict[str, HeldBack] = {}
        for wish, chosen in self._given_up():
            known = found.get(wish.by)
            if known is None or _older(known.instead_of, wish.of):
                found[wish.by] = HeldBack(wish.by, chosen, wish.of, *self._because(wish))
        return list(found.values())

    def is_met_not(self, wish: Wish) -> bool:
        """Does what conda has not do for this wish?"""
        there = self.owned.get(wish.name)
        if there is None:
            return False
        if wish.constraint:
            wants = self._wants(wish)
            return bool(wants) and not meets(there.version, wants)
        return wish.name in self.again or not meets(there.version, wish.wants)

    def is_double(self, wish: Wish) -> bool:
        """Would it bring a conda-owned distribution's files under another name?"""
        return wish.name in self.doubles and not wish.constraint

    def is_barred(self, wish: Wish) -> bool:
        """Would it bring another CUDA?"""
        return wish.name in self.barred and not wish.constraint

    def is_denied(self, wish: Wish) -> bool:
        """Would it bring what the policy denies?"""
        if wish.constraint or wish.name not in self.denied:
            return False
        return any(deny_list.of_request(entry, wish.name, (wish.wants,)) for entry in self.deny)

    def _wants(self, wish: Wish) -> str:
        """What is wanted; of constraints, the user's own part."""
        if not wish.constraint:
            return wish.wants
        ours = self.owned[wish.name].version.partition("+")[0]
        parts = wish.wants.split(",")
        return ",".join(p for p in parts if p.lstrip("=").partition("+")[0] != ours)

    def _becomes(self, wish: Wish, among: Iterable[Wish]) -> str:
        """The newest release on pip's indexes that everybody could live with."""
        wants = ",".join(w.wants for w in among if w.name == wish.name and not w.constraint)
        offered = self.log.offered.get(wish.name, ())
        fitting = [v for v in offered if numbers(v) and satisfies(v, wants)]
        return max(fitting, key=lambda version: numbers(version) or (), default="")

    def _because(self, wish: Wish) -> tuple[str, str]:
        """Why the release could not be, and what conda would have to bring first."""
        double = self.doubles.get(wish.name)
        if double is not None:
            return f"needs {wish.name}, which has the files of {conda_owned.described(double)}", ""
        if self.is_denied(wish):
            return f"needs {wish.name}{wish.wants}, which the policy denies", ""
        there = self.owned.get(wish.name)
        if there is None:
            return f"brings another CUDA than conda's ({wish.name})", ""
        needs = f"needs {there.name}{wish.wants}, here is {conda_owned.described(there)}"
        return needs, conda_owned.conda_spec(there, wish.wants)

    def _given_up(self) -> Iterator[tuple[Wish, str]]:
        """Releases rejected for what conda owns, and the older one that came in their place."""
        for wish in self.log.wishes:
            chosen = self.log.chosen.get(wish.by, "")
            tests = (self.is_denied, self.is_barred, self.is_double, self.is_met_not)
            objects = any(test(wish) for test in tests)
            if chosen and wish.by not in self.owned and objects and _older(chosen, wish.of):
                yield wish, chosen


def _by(wish: Wish) -> str:
    if wish.constraint:
        return "a constraint of yours"
    return f"{wish.by} {wish.of}".strip()


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
