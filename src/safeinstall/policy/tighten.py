"""The values that the layers of a policy can set, and what it means for each to be tighter. Pure.

A function for a kind of value takes the one in force and the one that a layer wants which may only
tighten, and returns the value that holds afterwards. None of them ever returns a looser value than
the one in force.
"""

from __future__ import annotations

from safeinstall.policy.presets import ORDER
from safeinstall.policy.rule_table import PRESET_ORDER
from safeinstall.specs import addresses
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Tighten = Callable[[Any, Any], Any]

NEVER, REASON, TICKET = "never", "reason", "ticket:"
"""Who may go on past a block: nobody, who gives a reason, who names a ticket (a regular expression
follows)."""

_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_LONGEST = 10  # digits


def by_order(*words: str) -> Tighten:
    """The tighter of two words, of which the first is the loosest."""
    return lambda before, wanted: max(before, wanted, key=words.index)


def keep(before: Any, _: Any) -> Any:
    """The value in force: no layer that may only tighten can change it."""
    return before


def add(before: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """What either list denies."""
    return tuple(dict.fromkeys((*before, *wanted)))


def among(same: Callable[[str], str]) -> Tighten:
    """What both lists allow. ``same`` gives an entry's normal form; ``None`` allows everything."""

    def tighter(before: tuple[str, ...] | None, wanted: tuple[str, ...]) -> tuple[str, ...]:
        if before is None:
            return wanted
        names = {same(item) for item in wanted}
        return tuple(item for item in before if same(item) in names)

    return tighter


def longer(before: str, wanted: str) -> str:
    """The longer of two ages, as :func:`minutes` understands them."""
    return max(before, wanted, key=lambda age: minutes(age) or 0)


def override(before: str, wanted: str) -> str:
    """The tighter of two answers to who may go on. A ticket's pattern is not taken: to match it may
    take for ever, and whoever tightens may be a checkout.
    """
    return NEVER if NEVER in (before, wanted) else before


def minutes(age: str) -> int | None:
    """How many minutes an age such as ``3d`` has; ``None`` if it is none."""
    number, unit = age[:-1], age[-1:]
    plain = number.isascii() and number.isdecimal() and len(number) <= _LONGEST
    return int(number) * _MINUTES[unit] if plain and unit in _MINUTES else None


class Key(Value):
    """A key whose values the layers can set."""

    default: Any
    tighter: Tighten
    rule: str = ""  # the rule that enforces it: while it is locked, that rule cannot be loosened
    project: bool = True  # does it count in a project's file?


_SWITCH = by_order("allow", "block")

KEYS: dict[str, Key] = {
    "policy.preset": Key("recommended", by_order(*PRESET_ORDER)),
    "policy.on_guard_error": Key("allow", _SWITCH),
    "policy.on_journal_error": Key("allow", _SWITCH),
    "policy.override": Key(REASON, override),
    "policy.contact": Key("", keep, project=False),
    "policy.handover": Key("warn", by_order("warn", "freeze")),
    "policy.environment_names": Key(None, among(str), "SI107"),
    "sources.channels": Key(None, among(addresses.channel), "SI302"),
    "sources.deny_channels": Key((), add, "SI302"),
    "sources.channel_priority": Key("", by_order("", "flexible", "strict"), "SI302"),
    "sources.indexes": Key(None, among(addresses.index), "SI303"),
    "sources.min_age": Key("0d", longer, "SI307"),
    "packages.deny": Key((), add, "SI304"),
    "packages.prefer_conda": Key((), add, "SI301"),
}
"""The keys outside of ``[rules]``, by the names that locks use."""

_LEVEL = by_order(*ORDER)
RULE_KEYS: dict[str, Key] = {
    "level": Key("warn", _LEVEL),
    "mild": Key("warn", _LEVEL),
    "override": Key("", override),
}
"""The keys of a rule. An empty ``override``: as ``policy.override`` says."""


def row_of(key: str) -> Key:
    """What a key can be set to, by its full name: "rules.SI101.level"."""
    return KEYS.get(key) or RULE_KEYS[key.rpartition(".")[2]]
