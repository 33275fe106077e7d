"""The net changes of several operations. Pure.

conda and pip may each own a package of the same name, and pip two distributions of it. So the
packages that were removed and added are balanced one by one, not the states of a name.
"""

from __future__ import annotations

from safeinstall.journal.record import as_package
from safeinstall.model import RECORD
from safeinstall.specs.origin import is_alike

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from safeinstall.model import Json

    Pair = tuple[Json | None, Json | None]


class _Balance:
    """The packages of one name: those that were there only before the operations, and those that
    are there only afterwards.
    """

    def __init__(self) -> None:
        self.gone: list[Json] = []
        self.come: list[Json] = []

    def add(self, change: Json) -> None:
        """Add a change that is older than all changes added so far."""
        after, before = change["after"], change["before"]
        if after and not _take(self.gone, after, _same, _alike):
            self.come.append(after)
        # a conda-meta record whose package was gone already is not a package that was there
        if before and before.get("source") != RECORD:
            self.gone.append(before)

    def pairs(self) -> list[Pair]:
        """Each removed package with the added one that replaced it, if possible of one owner."""
        come = [item for item in self.come[::-1] if not _take(self.gone, item, _same)]
        found: list[Pair] = []
        for close in (_of_one_owner, _any):
            for before in self.gone[::-1]:
                after = _take(come, before, close)
                if after:
                    self.gone.remove(before)
                    found.append((before, after))
        alone: list[Pair] = [(item, None) for item in self.gone[::-1]]
        return [*found, *alone, *((None, item) for item in come)]


def net_changes(newest_first: Iterable[Json]) -> list[Json]:
    """The net changes of several operations; packages that ended as they began are left out.

    A package replaced by one of the same name is one change, also if the owner differs.
    """
    balances: dict[str, _Balance] = {}
    for operation in newest_first:
        for change in reversed(operation["changes"]):
            balances.setdefault(change["name"], _Balance()).add(change)
    return [
        {"name": name, "before": before, "after": after}
        for name in sorted(balances)
        for before, after in balances[name].pairs()
    ]


def _take(these: list[Json], wanted: Json, *close: Callable[[Json, Json], bool]) -> Json | None:
    """Remove and return the item that matches ``wanted`` by the first possible criterion."""
    for near in close:
        for number, item in enumerate(these):
            if near(item, wanted):
                return these.pop(number)
    return None


def _same(one: Json, other: Json) -> bool:
    """Also where one of them does not tell the build or the origin."""
    sides = (as_package("", side) for side in (one, other))
    return one == other or (_alike(one, other) and is_alike(*sides))


def _alike(one: Json, other: Json) -> bool:
    """Same owner and version."""
    return _of_one_owner(one, other) and one.get("version") == other.get("version")


def _of_one_owner(one: Json, other: Json) -> bool:
    return bool(one.get("owner") == other.get("owner"))


def _any(_: Json, __: Json) -> bool:
    return True
