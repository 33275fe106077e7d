"""Merge the layers of a policy. Pure.

The order of the layers is machine, user, project. A later layer may change a value of an earlier
one, unless the machine's layer has locked that value. A project's file came with a checkout, so it
can only tighten the policy.
"""

from __future__ import annotations

from safeinstall.model import Sources
from safeinstall.policy.presets import MILD, PRESETS, tighter
from safeinstall.policy.rule_table import PRESET_ORDER
from safeinstall.specs import addresses
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from safeinstall.model import Level


class Layer(Value):
    """One checked policy file."""

    kind: str  # "machine", "user" or "project"
    path: str
    content: Mapping[str, Any]


class List(Value):
    """A list of names in a policy file."""

    section: str
    key: str
    rule: str  # the rule that enforces the list: a locked list locks its rule against loosening
    same: Callable[[str], str] | None = None  # for lists of allowed names: normalizes an entry


LISTS = (
    List("sources", "channels", "SI302", addresses.channel),
    List("sources", "indexes", "SI303", addresses.index),
    List("packages", "deny", "SI304"),
    List("packages", "prefer_conda", "SI301"),
)

SWITCHES = ("on_guard_error", "on_journal_error")


class RuleSetting(Value):
    """The policy's setting for a rule."""

    level: Level  # for a finding that the rule reports as "block"
    mild: Level = "warn"  # for a finding that the rule reports as "warn"
    override: str = "reason"  # or "never"
    source: str = "preset"  # the file that has this setting


class Policy(Value):
    """The effective policy."""

    rules: Mapping[str, RuleSetting]
    preset: str = "recommended"
    on_guard_error: str = "allow"
    on_journal_error: str = "allow"
    exceptions: tuple[Mapping[str, Any], ...] = ()
    layers: tuple[Layer, ...] = ()
    sources: Sources = Sources()

    def describe(self) -> list[dict[str, str]]:
        """The files that the policy was merged from, for the journal."""
        return [
            {
                "path": layer.path,
                "digest": layer.content["digest"],
                "id": layer.content.get("policy", {}).get("id", ""),
                "version": layer.content.get("policy", {}).get("version", ""),
            }
            for layer in self.layers
        ]


def merge(layers: Iterable[Layer]) -> Policy:
    """The effective policy of these layers, in the order machine, user, project."""
    policy = preset_policy("recommended")
    locked: tuple[str, ...] = ()
    for layer in layers:
        policy = _apply(policy, layer, locked)
        if layer.kind == "machine":
            locked += tuple(layer.content.get("policy", {}).get("locked", ()))
    return policy


def preset_policy(preset: str) -> Policy:
    """The policy of a preset, without any policy file."""
    mild = MILD[preset]
    settings = {
        code: RuleSetting(level, mild=mild.get(code, "warn"))
        for code, level in PRESETS[preset].items()
    }
    return Policy(settings, preset=preset)


def _apply(policy: Policy, layer: Layer, locked: tuple[str, ...]) -> Policy:
    head = layer.content.get("policy", {})
    only_tighten = layer.kind == "project"
    rules = dict(policy.rules)
    preset = policy.preset
    if "preset" in head and not is_locked("policy.preset", locked):
        preset = _stricter(preset, head["preset"]) if only_tighten else head["preset"]
        for code, setting in preset_policy(preset).rules.items():
            rules[code] = _set(
                rules[code], setting.replace(source=layer.path), code, locked, only_tighten
            )
    for code, said in layer.content.get("rules", {}).items():
        wanted = _setting(said, rules[code], layer.path)
        rules[code] = _set(rules[code], wanted, code, locked, only_tighten)
    switches = {
        key: _switch(getattr(policy, key), head.get(key), f"policy.{key}", locked, only_tighten)
        for key in SWITCHES
    }
    exceptions = () if only_tighten else tuple(layer.content.get("exceptions", ()))
    kept = tuple(e for e in exceptions if not _is_held(e["rule"], locked))
    return policy.replace(
        rules=rules,
        preset=preset,
        exceptions=policy.exceptions + kept,
        layers=(*policy.layers, layer),
        sources=_sources(policy.sources, layer.content, locked, only_tighten),
        **switches,
    )


def _setting(said: Any, before: RuleSetting, source: str) -> RuleSetting:
    table = said if isinstance(said, dict) else {"level": said}
    return RuleSetting(
        level=table.get("level", before.level),
        mild=table.get("mild", before.mild),
        override=table.get("override", before.override),
        source=source,
    )


def _set(
    before: RuleSetting, wanted: RuleSetting, code: str, locked: tuple[str, ...], only_tighten: bool
) -> RuleSetting:
    if is_locked(f"rules.{code}", locked):
        return before
    if not (only_tighten or _is_held(code, locked)):
        return wanted
    tightened = RuleSetting(
        level=tighter(before.level, wanted.level),
        mild=tighter(before.mild, wanted.mild),
        override="never" if "never" in (before.override, wanted.override) else "reason",
        source=before.source,
    )
    return tightened if tightened == before else tightened.replace(source=wanted.source)


def _switch(
    before: str, wanted: str | None, key: str, locked: tuple[str, ...], only_tighten: bool
) -> str:
    if wanted is None or is_locked(key, locked) or (only_tighten and wanted == "allow"):
        return before
    return wanted


def _sources(
    before: Sources, content: Mapping[str, Any], locked: tuple[str, ...], only_tighten: bool
) -> Sources:
    """Merge the lists. A project's list of allowed names is intersected with the one before; its
    denied and preferred names are added.
    """
    merged: dict[str, Any] = {}
    for section, key, _, same in map(List.values, LISTS):
        wanted = content.get(section, {}).get(key)
        if wanted is None or is_locked(f"{section}.{key}", locked):
            continue
        here = getattr(before, key)
        if not only_tighten or here is None:
            merged[key] = tuple(wanted)
            if only_tighten:
                merged["by_project"] = merged.get("by_project", before.by_project) | {key}
        elif same is not None:
            merged[key] = _both(here, wanted, same)
        else:
            merged[key] = tuple(dict.fromkeys((*here, *wanted)))
    return before.replace(**merged) if merged else before


def _both(
    here: Sequence[str], wanted: Sequence[str], same: Callable[[str], str]
) -> tuple[str, ...]:
    names = {same(item) for item in wanted}
    return tuple(item for item in here if same(item) in names)


def _stricter(first: str, second: str) -> str:
    return max(first, second, key=PRESET_ORDER.index)


def _is_held(code: str, locked: tuple[str, ...]) -> bool:
    """Is the rule locked, or a list that it enforces? Without its rule, a locked list has no
    effect.
    """
    lists = (f"{each.section}.{each.key}" for each in LISTS if each.rule == code)
    return any(is_locked(key, locked) for key in (f"rules.{code}", *lists))


def is_locked(key: str, locked: tuple[str, ...]) -> bool:
    """Does a lock ("rules.SI101", "rules.*", "*") cover ``key`` ("rules.SI101")?"""
    return any(key == lock or (lock.endswith("*") and key.startswith(lock[:-1])) for lock in locked)
