"""The levels that each preset gives the rules, from :mod:`safeinstall.policy.rule_table`.

A rule's finding has the level "block" (harm) or "warn" (milder). :data:`PRESETS` has the policy's
levels for harm, :data:`MILD` those for milder findings.
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
