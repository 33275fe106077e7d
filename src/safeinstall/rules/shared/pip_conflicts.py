"""Explain conflicts in the log of pip's resolver by the constraints that pip ran under. Pure.

For each release that pip rejected: was it rejected because of the guard's constraints, or would
pip have rejected it without the guard as well?
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
    """Why pip could not leave the conda-owned distribution ``there`` as it is."""

    there: CondaDistribution
    wants: str = ""  # the versions that are required: ">=1.24,<2"; "" for any
    by: str = ""  # the release that requires them: "tensorflow 2.15.0"; "" for the command itself
    needs: str = ""  # a requirement of ``there`` that causes the conflict: "numpy<1.23"
    becomes: str = ""  # the version by which pip would have replaced ``there``, if known
    double: str = ""  # a distribution with the same files, another name: "psycopg2-binary"
    stays: bool = False  # pip would not have replaced ``there``, but a package that it needs


class HeldBack(Value):
    """A package of which pip rejected a newer release and installed an older one."""

    name: str
    chosen: str  # the version that is installed now
    instead_of: str  # the newest version that pip rejected
    because: str  # "needs numpy>=2, here is numpy 1.26.4"
    spec: str = ""  # the conda spec that would make the newer version possible; "" if none


def objections(facts: Facts, evidence: Evidence) -> list[Objection]:
    """The conda-owned distributions because of which pip refused; empty if pip succeeded, or failed
    after it began to install.

    A failure is attributed to the constraints if they made pip reject a release, even if pip then
    failed for another reason, such as an old release that cannot be built.
    """
    held = _refused(facts, evidence)
    if held is None:
        return []
    found = [*held.objections(), *held.doubled(), *held.outgrown()]
    return found or held.bound()


def kept_out(facts: Facts, evidence: Evidence) -> dict[str, str]:
    """The wheels of another CUDA that pip did not install, each with the release requiring it."""
    held = _refused(facts, evidence)
    if held is None:
        return {}
    return {wish.name: _by(wish) for wish in held.log.wishes if held.is_barred(wish)}


def denied(facts: Facts, evidence: Evidence) -> dict[str, str]:
    """The denied packages that pip did not install, each with the release that requires it."""
    held = _refused(facts, evidence)
    if held is None:
        return {}
    return {wish.name: _by(wish) for wish in held.log.wishes if held.is_denied(wish)}


def held_back(facts: Facts, evidence: Evidence) -> list[HeldBack]:
    """The packages of which pip installed an older release; empty if pip failed."""
    if evidence.conflicts is None or not evidence.succeeded:
        return []
    return _Held(facts, evidence.conflicts).back()


def _refused(facts: Facts, evidence: Evidence) -> _Held | None:
    log = evidence.conflicts
    if log is None or evidence.succeeded or log.began:
        return None
    return _Held(facts, log)


class _Held:
    """One run of pip: the constraints that it ran under, and the log of its resolver."""

    def __init__(self, facts: Facts, log: Log) -> None:
        self.log = log
        self.there = facts.names_seen
        self.owned = pip_held.owned(facts)
        self.again = pip_constraints.written_again(facts, self.owned)
        self.barred: Mapping[str, str] = pip_held.barred(facts)
        self.doubles = pip_held.doubles(facts, self.owned)
        self.needed: tuple[Need, ...] = pip_held.needed(facts, self.owned)
        self.deny = pip_held.deny(facts)
        self.denied: Mapping[str, str] = pip_held.denied(facts)

    def objections(self) -> list[Objection]:
        """Requirements that the conda-owned version does not meet; of those from many releases of
        one package, the first.
        """
        against: dict[tuple[str, str, bool], Wish] = {}
        for wish in self.log.wishes:
            if self.is_unmet(wish) and self.is_possible(wish.name):
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
        """Distributions that would write over a conda-owned one's files under another name."""
        wishes = {wish.name: wish for wish in self.log.wishes if self.is_double(wish)}
        return [Objection(self.doubles[n], by=_by(w), double=n) for n, w in wishes.items()]

    def outgrown(self) -> list[Objection]:
        """pip-owned packages that would have moved to a version that conda-owned ones reject."""
        held = {wish.name for wish in self.log.wishes if wish.constraint}
        wanted = {wish.name for wish in self.log.wishes if not wish.constraint}
        return [
            Objection(self.owned[need.by], needs=need.name + need.wants, stays=True)
            for need in self.needed
            if need.name in held & wanted
        ]

    def bound(self) -> list[Objection]:
        """The first conda-owned distribution whose own requirements cause the conflict, although
        no package rejects its version.
        """
        return [
            Objection(self.owned[wish.by], needs=wish.name + wish.wants)
            for wish in self.log.wishes
            if wish.by in self.owned and wish.of == self.owned[wish.by].version
            if not self.is_nowhere(wish)
        ][:1]

    def back(self) -> list[HeldBack]:
        """For each package of which an older release was installed: the newest rejected release."""
        found: dict[str, HeldBack] = {}
        for wish, chosen in self._given_up():
            known = found.get(wish.by)
            if known is None or _older(known.instead_of, wish.of):
                found[wish.by] = HeldBack(wish.by, chosen, wish.of, *self._because(wish))
        return list(found.values())

    def is_unmet(self, wish: Wish) -> bool:
        """Does the conda-owned version fail to meet this requirement?"""
        there = self.owned.get(wish.name)
        if there is None:
            return False
        if wish.constraint:
            wants = self._wants(wish)
            return bool(wants) and not meets(there.version, wants)
        return wish.name in self.again or not meets(there.version, wish.wants)

    def is_possible(self, name: str) -> bool:
        """Is there a release that meets all requirements on this distribution? If not, they exclude
        each other, and pip would have refused without us, too.

        Of the releases of one package, one whose requirement is met will do.
        """
        offered = self.log.offered.get(name, ())
        groups: dict[object, list[str]] = {}
        for wish in self.log.wishes:
            if wish.name == name:
                groups.setdefault(wish.by or wish, []).append(self._wants(wish))
        versions = {*offered, self.owned[name].version} if offered else ()
        return not versions or any(
            all(any(meets(version, wants) for wants in group) for group in groups.values())
            for version in versions
        )

    def is_nowhere(self, wish: Wish) -> bool:
        """Does no index have what is wished for? Then pip would have failed without us, too."""
        offered = self.log.offered.get(wish.name)
        if offered is None or wish.name in self.there:
            return False
        return not any(meets(v, wish.wants) for v in offered)

    def is_double(self, wish: Wish) -> bool:
        """Would the wish bring a conda-owned distribution's files under another name?"""
        return wish.name in self.doubles and not wish.constraint

    def is_barred(self, wish: Wish) -> bool:
        """Would the wish bring another CUDA?"""
        return wish.name in self.barred and not wish.constraint

    def is_denied(self, wish: Wish) -> bool:
        """Would the wish bring a release that the policy denies?"""
        if wish.constraint or wish.name not in self.denied:
            return False
        return any(deny_list.of_request(entry, wish.name, (wish.wants,)) for entry in self.deny)

    def _wants(self, wish: Wish) -> str:
        """The versions that the wish admits. pip merges the user's constraints with ours: the
        part that pins conda's version is left out.
        """
        if not wish.constraint:
            return wish.wants
        ours = self.owned[wish.name].version.partition("+")[0]
        parts = wish.wants.split(",")
        return ",".join(p for p in parts if p.lstrip("=").partition("+")[0] != ours)

    def _becomes(self, wish: Wish, among: Iterable[Wish]) -> str:
        """The newest release on pip's indexes that meets all requirements; ``""`` for none."""
        wants = ",".join(w.wants for w in among if w.name == wish.name and not w.constraint)
        offered = self.log.offered.get(wish.name, ())
        fitting = [v for v in offered if numbers(v) and satisfies(v, wants)]
        return max(fitting, key=lambda version: numbers(version) or (), default="")

    def _because(self, wish: Wish) -> tuple[str, str]:
        """Why pip rejected the release, and the conda spec that would make it possible."""
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
        """Releases that the constraints excluded, each with the older version that was chosen."""
        for wish in self.log.wishes:
            chosen = self.log.chosen.get(wish.by, "")
            tests = (self.is_denied, self.is_barred, self.is_double, self.is_unmet)
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
