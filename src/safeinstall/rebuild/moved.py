"""An environment made of what somebody has put into base by hand, and of what that needs."""

from __future__ import annotations

from safeinstall.model import CONDA_OWNERS
from safeinstall.probe import by_hand
from safeinstall.rebuild import conda
from safeinstall.rebuild.foresee import Wish
from safeinstall.rebuild.run import Rebuild
from safeinstall.rebuild.tools import Failed
from safeinstall.specs.requirement import normalize
from safeinstall.specs.requirements import Needs
from safeinstall.state.lock import in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from safeinstall.probe.by_hand import ByHand
    from safeinstall.rebuild.layers import Candidate
    from safeinstall.rebuild.nouns import Aim, Request
    from safeinstall.rebuild.situation import Situation
    from safeinstall.state.nouns import CondaPackage

_ALWAYS = ("python", "pip")
_MOST = 12  # names in the heading


class Moved(Rebuild):
    """Makes the new environment, for a caller that holds the locks of base and of the new one."""

    hand: ByHand

    def wished(self, request: Request) -> Wish:
        """Raises Failed where nothing was put into base by hand."""
        self.hand = by_hand.read(self.now.environment, self.now.inventory)
        if not (self.hand.asked or self.hand.pip or _behind(self.now)):
            raise Failed("nothing was put into base by hand")
        return wished(self.now, self.hand, request)

    def foreseen(self) -> Aim:
        """What stays in base only is no change."""
        aim = super().foreseen()
        return aim.replace(changes=tuple(change for change in aim.changes if change.after))

    def heading(self, name: str) -> str:
        """With what was put into base by hand."""
        by_pip = [c.package.name for c in self.wish.candidates if c.requested]
        names = list(dict.fromkeys((*self.hand.asked, *by_pip)))
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        what = ", ".join(names[:_MOST]) + more
        return f"{name} is made of what was put into base by hand ({what}), and what that needs:"

    def settings(self) -> tuple[str, ...]:
        """Those of base are about conda itself."""
        return ()

    def note_requests(self, new: str, words: Sequence[str]) -> None:
        """What was asked of conda in base, and came along, is asked for in the new environment."""
        names = {package.name for package in self.wish.exact}
        asked = {name: name for name in _ALWAYS} | dict(self.hand.asked)
        wanted = {name: spec for name, spec in asked.items() if name in names}
        conda.begin_history(new, wanted, " ".join(words), self.now.state.alias)

    def removable(self) -> tuple[list[str], list[str]]:
        """The names of conda's packages and of pip's that have come along, and which base, with
        what was left there, can do without.
        """
        packages = {package.name: package for package in self.now.state.conda}
        came = {package.name for package in self.wish.exact}
        without = self.wish.request.without
        copied = {c.package.location for c in self.wish.candidates if c.package.name not in without}
        pip = [package for package in self.hand.pip if package.location in copied]
        gone = {package.location for package in pip}
        stay = [c for c in self.now.candidates if c.package.location not in gone]
        needing = _owners(self.now, stay) | self.hand.asked.keys() - came
        needed = {name for root in needing for name in _brought(root, packages)}
        conda = [name for name in self.hand.conda if name in came - needed]
        return conda, [package.name for package in pip]


def wished(now: Situation, hand: ByHand, request: Request) -> Wish:
    """Each package of conda's in the build that base has. Pure.

    Raises Failed where pip's packages would have no Python.
    """
    packages = {package.name: package for package in now.state.conda}
    by_hand = {p.location for p in hand.pip} | _behind(now)
    candidates = _copied(now.candidates, by_hand, now.environment.python)
    if candidates and "python" not in packages:
        raise Failed("conda owns no Python in base, so what pip has put there cannot be moved")
    wanted = {name for name in hand.asked if name in packages}
    wanted |= _owners(now, candidates) & packages.keys()
    brought = {name: _brought(name, packages) for name in wanted}
    left = {name for name in packages if normalize(name) in request.without}
    roots = [name for name, names in brought.items() if left.isdisjoint(names)]
    names = {n for root in (*roots, *_ALWAYS) for n in _brought(root, packages)}
    exact = [package for package in now.state.conda if package.name in names]
    return Wish(in_order(exact), tuple(candidates), request)


def _behind(now: Situation) -> set[str]:
    """The places of what was put there by hand, and was left behind when base's Python moved."""
    return {c.package.location for c in now.candidates if c.stranded}


def _brought(name: str, packages: Mapping[str, CondaPackage]) -> set[str]:
    """The package, and all that it depends on, as far as that is there."""
    found: set[str] = set()
    new = {name} & packages.keys()
    while new:
        found |= new
        new = {other for at in new for other in packages[at].depends} & packages.keys() - found
    return found


def _copied(
    candidates: Iterable[Candidate], locations: Collection[str], python: str
) -> list[Candidate]:
    """The candidates at these locations, and those that they need."""
    every = list(candidates)
    found = [c for c in every if c.package.location in locations]
    while True:
        needed = _needed(found, python)
        more = [c for c in every if c.package.name in needed and c not in found]
        if not more:
            return found
        found += more


def _owners(now: Situation, candidates: Iterable[Candidate]) -> set[str]:
    """The conda packages with the distributions that the candidates need."""
    found = now.inventory
    owners = {d.name: d.package.name for d in found.conda_distributions}
    records = (*found.owned_by(*CONDA_OWNERS), *found.overwritten, *found.gone)
    owners |= {name: p.name for p in records for name in p.distributions}
    needed = _needed(candidates, now.environment.python)
    return {owner for name, owner in owners.items() if name in needed}


def _needed(candidates: Iterable[Candidate], python: str) -> set[str]:
    needs = Needs([candidate.resident for candidate in candidates], python)
    return {name for _, name, _ in needs.unmet({})}
