"""The levels that each preset gives the rules. Data: the table of the documentation.

A rule speaks of harm or of something milder. ``level`` is what harm leads to; ``mild`` is what the
milder finding leads to where that differs from a warning.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Level

PRESETS: dict[str, dict[str, Level]] = {
    "relaxed": {
        "SI101": "warn",
        "SI102": "block",
        "SI103": "warn",
        "SI104": "warn",
        "SI105": "off",
        "SI201": "block",
        "SI202": "block",
        "SI203": "block",
        "SI204": "block",
        "SI205": "off",
        "SI301": "off",
        "SI302": "off",
        "SI303": "off",
        "SI304": "block",
        "SI305": "off",
        "SI402": "warn",
        "SI403": "warn",
        "SI404": "warn",
    },
    "recommended": {
        "SI101": "block",
        "SI102": "block",
        "SI103": "warn",
        "SI104": "warn",
        "SI105": "warn",
        "SI201": "block",
        "SI202": "block",
        "SI203": "block",
        "SI204": "block",
        "SI205": "warn",
        "SI301": "warn",
        "SI302": "warn",
        "SI303": "off",
        "SI304": "block",
        "SI305": "warn",
        "SI402": "warn",
        "SI403": "warn",
        "SI404": "warn",
    },
    "strict": {
        "SI101": "block",
        "SI102": "block",
        "SI103": "block",
        "SI104": "block",
        "SI105": "warn",
        "SI201": "block",
        "SI202": "block",
        "SI203": "block",
        "SI204": "block",
        "SI205": "warn",
        "SI301": "block",
        "SI302": "block",
        "SI303": "block",
        "SI304": "block",
        "SI305": "warn",
        "SI402": "warn",
        "SI403": "warn",
        "SI404": "block",
    },
}

MILD: dict[str, dict[str, Level]] = {
    "relaxed": {"SI103": "off", "SI201": "off"},
    # That a channel has six, too, is no news: only what is compiled is worth a line each time.
    "recommended": {"SI301": "off"},
    "strict": dict.fromkeys(("SI103", "SI104", "SI201", "SI301", "SI302"), "block"),
}

ORDER: tuple[Level, ...] = ("off", "warn", "block")
"""From the loosest to the tightest."""

PRESET_ORDER = ("relaxed", "recommended", "strict")


def tighter(first: Level, second: Level) -> Level:
    """The tighter of two levels."""
    return max(first, second, key=ORDER.index)
