"""The levels that each preset gives the rules, from :mod:`safeinstall.policy.rule_table`.

A rule speaks of harm or of something milder. What harm leads to stands in :data:`PRESETS`, what
the milder finding leads to in :data:`MILD`.
"""

from __future__ import annotations

from safeinstall.policy.rule_table import PRESET_ORDER, TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Level

PRESETS: dict[str, dict[str, Level]] = {
    preset: {rule.code: rule.levels[column] for rule in TABLE}
    for column, preset in enumerate(PRESET_ORDER)
}

MILD: dict[str, dict[str, Level]] = {
    preset: {rule.code: rule.mild[column] for rule in TABLE}
    for column, preset in enumerate(PRESET_ORDER)
}

ORDER: tuple[Level, ...] = ("off", "warn", "block")
"""From the loosest to the tightest."""


def tighter(first: Level, second: Level) -> Level:
    """The tighter of two levels."""
    return max(first, second, key=ORDER.index)
