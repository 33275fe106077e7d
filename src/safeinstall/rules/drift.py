"""SI205 drift: the environment was changed past the guard, or conda and pip changed it in turn.

Silent where the packages are those that the guard itself has advised to install or to remove.
"""

from __future__ import annotations

from safeinstall.model import CONDA_LIKE, CONDA_OWNERS, RECORD, Finding
from safeinstall.output.shown import one_line
from safeinstall.specs.origin import exactly
from safeinstall.specs.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Change, Facts, Inventory, Package, Turn

CODE = "SI205"
NAME = "drift"
_MOST = 3


def look(facts: Facts) -> Finding | None:
    """``warn`` only: the change has happened already, and is in the journal from now on."""
    drift, name = facts.drift, facts.environment.name
    back = _came_back(facts.turns)
    if not drift:
        return _before_us(facts, back) if back else None
    if _is_advised(facts):
        return None
    told = [_told(change, facts.inventory) for change in drift]
    shown = ", ".join(told[:_MOST])
    more = f" and {len(drift) - _MOST} more" if len(drift) > _MOST else ""
    by = "without us since the last record"
    if facts.unfinished:
        by = f"by what was interrupted ({one_line(facts.unfinished)})"
    kept = "" if facts.only_asked else " It is in the history now."
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"{name} was changed {by}: {shown}{more}."
        f"{kept}{f' conda came after pip there: {back}.' if back else ''}",
        evidence=tuple(told),
        fixes=() if facts.only_asked else ("safeinstall history show last",),
        packages=tuple(change.name for change in drift),
    )


def _is_advised(facts: Facts) -> bool:
    """Did somebody do what the guard advised, beside it? Not where pip took what is conda's."""
    names = {normalize(change.name) for change in facts.drift}
    return not names.isdisjoint(facts.advised) and not any(map(_takes_from_conda, facts.drift))


def _takes_from_conda(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None or before.owner not in CONDA_OWNERS:
        return False
    return before.source == RECORD or (after is not None and after.owner not in CONDA_OWNERS)


def _before_us(facts: Facts, back: str) -> Finding | None:
    """``warn`` once, when the guard sees an old environment for the first time.

    Later, conda after pip is reported when it happens: by SI201, or as drift if it was done past
    the guard. No finding for a conda command, because SI201 judges that one.
    """
    if facts.command.tool in CONDA_LIKE:
        return None
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"{facts.environment.name} has been changed by conda after pip, before the "
        f"guard was here: {back}. What each of them put in may not fit any more.",
        evidence=tuple(f"{_day(turn.time)}  {turn.owner}" for turn in facts.turns),
        fixes=("safeinstall status",),
    )


def _came_back(turns: Sequence[Turn]) -> str:
    """``pip on …, conda again on …`` for the last turn from pip back to conda; else ``""``."""
    times = [at for at in range(2, len(turns)) if turns[at].owner == "conda"]
    if not times:
        return ""
    other, conda = turns[times[-1] - 1], turns[times[-1]]
    often = f", {len(times)} times in all" if len(times) > 1 else ""
    return f"{other.owner} on {_day(other.time)}, conda again on {_day(conda.time)}{often}"


def _day(moment: str) -> str:
    """The time in UTC to the minute, in the format of ``safeinstall history``."""
    return f"{moment[:10]} {moment[11:16]}Z"


def _told(change: Change, inventory: Inventory) -> str:
    """The change in words, and whether conda's record of the package is gone or out of date."""
    before, after = change.before, change.after
    if before and before.source == RECORD:
        there = next((p for p in inventory.packages if p.name == change.name), None)
        instead = f"{there.owner}'s {there.version} is there" if there else "nothing is there"
        return f"conda's record of {change.name} {before.version} is gone ({instead})"
    if before is None or before.owner != "conda" or (after and after.owner == "conda"):
        return _short(change)
    stale = change.name in {p.name for p in (*inventory.overwritten, *inventory.gone)}
    if after and not stale:
        return f"{_short(change)}, and conda's record is gone"
    return f"{_short(change)}, and conda does not know" if stale else _short(change)


def _short(change: Change) -> str:
    """The change in words: ``numpy 1.26.4 (conda) → 2.2.6 (pip)``; the same owner is named once."""
    before, after = change.before, change.after
    if before and after and before.owner == after.owner:
        sides = [before.version, after.version]
        if before.version == after.version:
            sides = [exactly(p) for p in (before, after)]
        return f"{change.name} {' → '.join(sides)} ({after.owner})"
    return f"{change.name} {_side(before)} → {_side(after)}"


def _side(package: Package | None) -> str:
    return f"{package.version} ({package.owner})" if package else "∅"
