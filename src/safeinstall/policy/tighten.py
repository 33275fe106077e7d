"""What it means for each kind of value in a policy to be tighter. Pure.

A function of this module takes the value in force and the one that a layer wants which may only
tighten, and returns the value that holds afterwards. None of them ever returns a looser value than
the one in force.
"""

from __future__ import annotations

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
