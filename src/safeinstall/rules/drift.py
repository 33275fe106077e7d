"""SI205 drift: the environment changed behind the journal's back."""

from __future__ import annotations

from safeinstall.model import RECORD, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Change, Inventory, Package, Situation

CODE = "SI205"
NAME = "drift"
_MOST = 3


def look(situation: Situation) -> Finding | None:
    """Mild: it has happened already. What is recorded can be asked for later."""
    drift = situation.drift
    if not drift:
        return None
    told = [_told(change, situation.inventory) for change in drift]
    shown = ", ".join(told[:_MOST])
    more = f" and {len(drift) - _MOST} more" if len(drift) > _MOST else ""
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"{situation.environment.name} was changed without us since the last record: "
        f"{shown}{more}. It is in the history now.",
        evidence=tuple(told),
        fixes=("safeinstall history show last",),
        packages=tuple(change.name for change in drift),
    )


def _told(change: Change, inventory: Inventory) -> str:
    """The change, and what has become of conda's record where it does not fit any more."""
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
    """``numpy 1.26.4 (conda) → 2.2.6 (pip)``; an owner that stays is named once."""
    before, after = change.before, change.after
    if before and after and before.owner == after.owner:
        return f"{change.name} {before.version} → {after.version} ({after.owner})"
    return f"{change.name} {_side(before)} → {_side(after)}"


def _side(package: Package | None) -> str:
    return f"{package.version} ({package.owner})" if package else "∅"
