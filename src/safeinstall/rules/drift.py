"""SI205 drift: the environment changed behind the journal's back."""

from __future__ import annotations

from safeinstall.model import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Change, Package, Situation

CODE = "SI205"
NAME = "drift"
_MOST = 3


def look(situation: Situation) -> Finding | None:
    """Mild: it has happened already. What is recorded can be asked for later."""
    drift = situation.drift
    if not drift:
        return None
    shown = ", ".join(_short(change) for change in drift[:_MOST])
    more = f" and {len(drift) - _MOST} more" if len(drift) > _MOST else ""
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"{situation.environment.name} was changed without us since the last record: "
        f"{shown}{more}. It is in the history now.",
        evidence=tuple(_short(change) for change in drift),
        fixes=("safeinstall history show last",),
        packages=tuple(change.name for change in drift),
    )


def _short(change: Change) -> str:
    """``numpy 1.26.4 (conda) → 2.2.6 (pip)``; an owner that stays is named once."""
    before, after = change.before, change.after
    if before and after and before.owner == after.owner:
        return f"{change.name} {before.version} → {after.version} ({after.owner})"
    return f"{change.name} {_side(before)} → {_side(after)}"


def _side(package: Package | None) -> str:
    return f"{package.version} ({package.owner})" if package else "∅"
