"""What of a policy has an effect, and what has none, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.policy import Lost
from safeinstall.policy.merge import SECTIONS, covers, exceptions, merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.policy import Circumstances, Decided, Exemption
    from safeinstall.policy.merge import Policy


def differing(policy: Policy) -> dict[str, Decided]:
    """The values that differ from those of the default preset, by key."""
    usual = merge(()).decided
    return {key: found for key, found in policy.decided.items() if found.value != usual[key].value}


def without_effect(policy: Policy, today: str) -> list[Lost]:
    """What has no effect wherever a command runs, in the order of the files: what a lock forbids,
    what only tightens and would not, what does not count in such a file, exceptions that ended.
    """
    decided = policy.decided.values()
    works = {found.by.replace(label="") for found in decided}  # also a preset, by one level alone
    lost = [each for found in decided for each in found.lost if not each.replaced]
    idle = [each for each in lost if each.by not in works and not is_of_preset(each)]
    found = [*idle, *policy.dropped, *_ended(policy, today)]
    order = {layer.path: number for number, layer in enumerate(policy.layers)}
    return sorted(found, key=lambda each: (order.get(each.by.file, -1), each.by.place or (0, 0)))


def elsewhere(policy: Policy, circumstances: Circumstances) -> Iterator[Lost]:
    """The parts that count for other environments or other actors only."""
    places = (circumstances.name, circumstances.prefix)
    for layer in policy.layers:
        for at, section in enumerate(layer.content.get(SECTIONS, ())):
            if not covers(section["match"], *places):
                by = layer.source((SECTIONS, at))
                yield Lost(SECTIONS, section["match"], by, "matches other environments")
        for actor in layer.content.get("actors", {}):
            if actor not in circumstances.actors:
                by = layer.source(("actors", actor))
                yield Lost("actors", actor, by, "counts for others than who acts here")


def dropped_exceptions(policy: Policy) -> Iterator[tuple[Exemption, str]]:
    """The exceptions that do not count where they stand, each with the reason."""
    why = {lost.by: lost.why for lost in policy.dropped if lost.key == "exceptions"}
    for layer in policy.layers:
        for exception in exceptions(layer):
            if exception.by in why:
                yield exception, why[exception.by]


def is_of_preset(lost: Lost) -> bool:
    """Is it the level of a rule by a preset? A preset is one entry, which is about many keys."""
    return lost.by.path == ("policy", "preset") and lost.key != "policy.preset"


def _ended(policy: Policy, today: str) -> Iterator[Lost]:
    for exception in policy.exceptions:
        if exception.expires < today:
            yield Lost("exceptions", exception.id, exception.by, f"ended on {exception.expires}")
