"""What several operations changed together. Pure.

conda and pip may each hold a package of one name, and pip two distributions of it. So what counts
is who came and who went, and not what a name stood for.
"""

from __future__ import annotations

from safeinstall.model import RECORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from safeinstall.model import Json

    Pair = tuple[Json | None, Json | None]


class _Balance:
    """Those of one name that were there before only, and those that are there afterwards only."""

    def __init__(self) -> None:
        self.gone: list[Json] = []
        self.come: list[Json] = []

    def add(self, change: Json) -> None:
        """One more change; it was before all those that were added already."""
        after, before = change["after"], change["before"]
        if after and not _take(self.gone, after, _same, _alike):
            self.come.append(after)
        # conda's record of a package that was gone already is nobody who was there
        if before and before.get("source") != RECORD:
            self.gone.append(before)

    def pairs(self) -> list[Pair]:
        """Each of those that went with who came in its place, first its owner's own."""
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
    """What several operations changed together; what ended where it began is left out.

    A package that another one of its name has replaced is one change, whoever owns them.
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
    """Takes one out of these that is close enough to the wanted one, the closest first."""
    for near in close:
        for number, item in enumerate(these):
            if near(item, wanted):
                return these.pop(number)
    return None


def _same(one: Json, other: Json) -> bool:
    return one == other


def _alike(one: Json, other: Json) -> bool:
    """A snapshot may not know a build that the record has."""
    return _of_one_owner(one, other) and one.get("version") == other.get("version")


def _of_one_owner(one: Json, other: Json) -> bool:
    return bool(one.get("owner") == other.get("owner"))


def _any(_: Json, __: Json) -> bool:
    return True
