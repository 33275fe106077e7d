"""The levels that each preset gives the rules. Data: the table of the documentation.

A rule speaks of harm or of something milder. ``level`` is what harm leads to; ``mild`` is what the
milder finding leads to where that differs from a warning.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Level

PRESETS: dict[str, dict[str, Level]] = {
    "relaxed": {"SI101": "warn", "SI102": "block", "SI201": "block"},
    "recommended": {"SI101": "block", "SI102": "block", "SI201": "block"},
    "strict": {"SI101": "block", "SI102": "block", "SI201": "block"},
}

MILD: dict[str, dict[str, Level]] = {
    "relaxed": {"SI201": "off"},
    "recommended": {},
    "strict": {"SI201": "block"},
}

ORDER: tuple[Level, ...] = ("off", "warn", "block")
"""From the loosest to the tightest."""

PRESET_ORDER = ("relaxed", "recommended", "strict")


def tighter(first: Level, second: Level) -> Level:
    """The tighter of two levels."""
    return max(first, second, key=ORDER.index)
