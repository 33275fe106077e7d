"""Merge the layers of a policy. Pure.

The order of the layers is machine, user, project. A later layer may change a value of an earlier
one, unless the machine's layer has locked that value. A project's file came with a checkout, so it
can only tighten the policy; so can the values for an actor, such as a coding agent.

Each value knows where it was written, and the values that lost against it with the reason.
"""

from __future__ import annotations

from safeinstall.model import Sources
from safeinstall.policy import (
    LOCKED,
    MACHINE,
    NOT_IN_PROJECT,
    ONLY_TIGHTENS,
    PROJECT,
    REPLACED,
    USER,
    Circumstances,
    Decided,
    Exemption,
    Layer,
    Lost,
    Source,
)
from safeinstall.policy.presets import MILD, PRESETS
from safeinstall.policy.tighten import KEYS, REASON, RULE_KEYS, row_of
from safeinstall.specs.patterns import matches_one
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from safeinstall.model import Level
    from safeinstall.policy.places import Path

SECTIONS = "environments"
"""The lock that holds what ``[[environments]]`` say."""


class RuleSetting(Value):
    """The policy's setting for a rule."""

    level: Level  # for a finding that the rule reports as "block"
    mild: Level = "warn"  # for a finding that the rule reports as "warn"
    override: str = REASON  # or "never", or "ticket:" and a regular expression


class Policy(Value):
    """The effective policy."""

    rules: Mapping[str, RuleSetting]
    preset: str = "recommended"
    on_guard_error: str = "allow"
    on_journal_error: str = "allow"
    contact: str = ""
    handover: str = "warn"  # or "freeze"
    exceptions: tuple[Exemption, ...] = ()
    layers: tuple[Layer, ...] = ()
    sources: Sources = Sources()
    decided: Mapping[str, Decided] = {}  # every value with its place, by key: "rules.SI101.level"
    dropped: tuple[Lost, ...] = ()  # exceptions and other entries without effect

    def describe(self) -> list[dict[str, str]]:
        """The files that the policy was merged from, for the journal."""
        return [
            {
                "path": layer.path,
                "digest": layer.digest,
                "id": layer.content.get("policy", {}).get("id", ""),
                "version": layer.content.get("policy", {}).get("version", ""),
            }
            for layer in self.layers
        ]

    @property
    def is_conditional(self) -> bool:
        """Does anything in it depend on the circumstances?"""
        parts = ("environments", "actors")
        return any(part in layer.content for layer in self.layers for part in parts)

    def within(self, circumstances: Circumstances) -> Policy:
        """The policy under these circumstances."""
        if not self.is_conditional:
            return self
        unread = tuple(lost for lost in self.dropped if lost.key == "extends")
        here = merge(self.layers, circumstances)
        return here.replace(dropped=here.dropped + unread)


def merge(layers: Iterable[Layer], circumstances: Circumstances | None = None) -> Policy:
    """The effective policy of these layers, in the order machine, user, project."""
    merged = _Merged(circumstances or Circumstances())
    layers = tuple(layers)
    for layer in layers:
        merged.add(layer)
    for layer in layers:
        merged.add_actors(layer)
    return merged.policy(layers)


def preset_policy(preset: str) -> Policy:
    """The policy of a preset, without any policy file."""
    return merge([Layer(USER, "", {"policy": {"preset": preset}})])


class _Merged:
    """The values of the layers so far."""

    def __init__(self, circumstances: Circumstances) -> None:
        self.circumstances = circumstances
        self.values = {key: Decided(row.default) for key, row in KEYS.items()}
        for code in PRESETS["strict"]:
            self.values[f"rules.{code}.override"] = Decided(RULE_KEYS["override"].default)
        for key, value in _of_preset("recommended"):
            self.values[key] = Decided(value, Source(label="preset recommended"))
        self.all_locks: list[tuple[str, Source]] = []
        self.locks: list[tuple[str, Source]] = []  # that hold for the layer which is added
        self.settled = False
        self.exceptions: list[Exemption] = []
        self.dropped: list[Lost] = []

    def add(self, layer: Layer) -> None:
        only_tighten = layer.kind == PROJECT
        self.locks = self._locks_on(layer)
        if self.locks and not self.settled:
            self._settle()
        for key, value, source in _said(layer):
            self._set(key, value, source, only_tighten=only_tighten)
            if key == "policy.preset" and not self._lock_on(key):
                labelled = source.replace(label=f"preset {value}")
                for rule_key, level in _of_preset(value):
                    self._set(rule_key, level, labelled, only_tighten=only_tighten)
        self._add_sections(layer)
        for exception in exceptions(layer):
            self._except(exception)
        self._add_locks(layer)

    def _settle(self) -> None:
        """Give each locked rule its own answer to who may override it: what the layers below say of
        all rules does not reach it.
        """
        self.settled = True
        general = self.values["policy.override"]
        if general.value == KEYS["policy.override"].default:  # it can only become tighter
            return
        for code in PRESETS["strict"]:
            key = f"rules.{code}.override"
            if self._lock_on(key) and not self.values[key].value:
                self.values[key] = general

    def _locks_on(self, layer: Layer) -> list[tuple[str, Source]]:
        """The machine's files are one layer: none of them is locked out by another."""
        return [] if layer.kind == MACHINE else self.all_locks

    def add_actors(self, layer: Layer) -> None:
        self.locks = self._locks_on(layer)
        for actor, rules in layer.content.get("actors", {}).items():
            if actor in self.circumstances.actors:
                for key, value, source in _of_rules(layer, rules, ("actors", actor), actor):
                    self._set(key, value, source, only_tighten=True)

    def policy(self, layers: tuple[Layer, ...]) -> Policy:
        of = {key: decided.value for key, decided in self.values.items()}
        heads = ("preset", "on_guard_error", "on_journal_error", "contact", "handover")
        return Policy(
            rules={code: _setting(of, code) for code in PRESETS["strict"]},
            **{name: of[f"policy.{name}"] for name in heads},
            exceptions=tuple(self.exceptions),
            layers=layers,
            sources=_sources(self.values),
            decided=self.values,
            dropped=tuple(self.dropped),
        )

    def _set(self, key: str, wanted: Any, by: Source, *, only_tighten: bool) -> None:
        """Decide about one value of a layer: it replaces the one in force, or loses."""
        before, row = self.values[key], row_of(key)
        lock = self._lock_on(key) or self._lock_on_section(key)
        if lock:
            self._lose(key, wanted, by, LOCKED, lock)
        elif by.kind == PROJECT and not row.project:
            self._lose(key, wanted, by, NOT_IN_PROJECT)
        else:
            only_tighten = only_tighten or self._is_held(key)
            value = row.tighter(before.value, wanted) if only_tighten else wanted
            if value != before.value:
                gone = Lost(key, before.value, before.by, REPLACED, by)
                self.values[key] = Decided(value, by, (*before.lost, gone))
            elif not only_tighten:
                self.values[key] = Decided(value, by, before.lost)
            elif wanted != value:
                self._lose(key, wanted, by, ONLY_TIGHTENS)

    def _lose(
        self, key: str, wanted: Any, by: Source, reason: str, against: Source | None = None
    ) -> None:
        before = self.values[key]
        if wanted != before.value:
            lost = Lost(key, wanted, by, reason, against)
            self.values[key] = Decided(before.value, before.by, (*before.lost, lost))

    def _add_sections(self, layer: Layer) -> None:
        for at, section in enumerate(layer.content.get("environments", ())):
            path: Path = ("environments", at)
            if lock := self._lock_on(SECTIONS):
                by = layer.source(path)
                self.dropped.append(Lost(SECTIONS, section["match"], by, LOCKED, lock))
            elif covers(section["match"], self.circumstances.name, self.circumstances.prefix):
                for key, value, by in _of_rules(layer, section["rules"], (*path, "rules")):
                    self._set(key, value, by, only_tighten=layer.kind == PROJECT)

    def _except(self, exception: Exemption) -> None:
        holding = _holding(f"rules.{exception.rule}") if self.locks else ()
        lock = next(filter(None, map(self._lock_on, holding)), None)
        lock = lock or self._lock_on_section(f"rules.{exception.rule}.level")
        if exception.by.kind == PROJECT or lock:
            reason = LOCKED if lock else NOT_IN_PROJECT
            self.dropped.append(Lost("exceptions", exception.id, exception.by, reason, lock))
        else:
            self.exceptions.append(exception)

    def _add_locks(self, layer: Layer) -> None:
        path: Path = ("policy", "locked")
        for at, name in enumerate(layer.content.get("policy", {}).get("locked", ())):
            by = layer.source((*path, at))
            if layer.kind == MACHINE:
                self.all_locks.append((name, by))
            else:
                why = "counts in the machine's policy only"
                self.dropped.append(Lost("policy.locked", name, by, why))

    def _lock_on(self, key: str) -> Source | None:
        if not self.locks:
            return None
        return next((by for lock, by in self.locks if is_locked(key, (lock,))), None)

    def _lock_on_section(self, key: str) -> Source | None:
        """The lock on a rule of which ``[[environments]]`` has set a value."""
        lock = self._lock_on(SECTIONS)
        if lock is None or not key.startswith("rules."):
            return None
        rule = key.rpartition(".")[0]
        values = (self.values[f"{rule}.{field}"] for field in RULE_KEYS)
        return lock if any(value.by.path[:1] == (SECTIONS,) for value in values) else None

    def _is_held(self, key: str) -> bool:
        """May the value only be tightened, as something that needs it is locked?"""
        return bool(self.locks) and any(map(self._lock_on, _holding(key)))


def _holding(key: str) -> Iterator[str]:
    """The keys that make ``key``, of a rule, tighten only while they are locked; ``key`` itself."""
    yield key
    section, _, rest = key.partition(".")
    if section == "rules":
        code, _, field = rest.partition(".")
        yield from (name for name, row in KEYS.items() if row.rule == code)
        if field == "override":
            yield "policy.override"


def _of_preset(preset: str) -> Iterator[tuple[str, Any]]:
    for code, level in PRESETS[preset].items():
        yield f"rules.{code}.level", level
        yield f"rules.{code}.mild", MILD[preset][code]


def _said(layer: Layer) -> Iterator[tuple[str, Any, Source]]:
    """What a layer says: key, value and place. The preset comes before all rules."""
    for key in KEYS:
        section, _, name = key.partition(".")
        said = layer.content.get(section, {})
        if name in said:
            value = tuple(said[name]) if isinstance(said[name], list) else said[name]
            yield key, value, layer.source((section, name))
    yield from _of_rules(layer, layer.content.get("rules", {}), ("rules",))


def _of_rules(
    layer: Layer, rules: Mapping[str, Any], path: Path, label: str = ""
) -> Iterator[tuple[str, Any, Source]]:
    for code, said in rules.items():
        if isinstance(said, str):
            yield f"rules.{code}.level", said, layer.source((*path, code), label)
            continue
        for field, value in said.items():
            yield f"rules.{code}.{field}", value, layer.source((*path, code, field), label)


def exceptions(layer: Layer) -> Iterator[Exemption]:
    """The exceptions in a layer, whether they count or not."""
    for at, said in enumerate(layer.content.get("exceptions", ())):
        lists = {name: tuple(said.get(name, ())) for name in ("envs", "packages")}
        yield Exemption(**{**said, **lists}, by=layer.source(("exceptions", at)))


def _setting(of: Mapping[str, Any], code: str) -> RuleSetting:
    override = of[f"rules.{code}.override"] or of["policy.override"]
    return RuleSetting(of[f"rules.{code}.level"], of[f"rules.{code}.mild"], override)


def _sources(values: Mapping[str, Decided]) -> Sources:
    names = [key for key in KEYS if key.startswith(("sources.", "packages."))]
    given: dict[str, Any] = {key.partition(".")[2]: values[key].value for key in names}
    by_project = (
        key.partition(".")[2]
        for key in ("sources.channels", "sources.indexes")
        if _is_alone(values[key])
    )
    return Sources(
        **given,
        environment_names=values["policy.environment_names"].value,
        by_project=frozenset(by_project),
    )


def _is_alone(value: Decided) -> bool:
    """Does a list of what is allowed come from projects' files only?"""
    before = (lost.value for lost in value.lost if lost.by.kind != PROJECT)
    return value.by.kind == PROJECT and all(each is None for each in before)


def is_locked(key: str, locked: Iterable[str]) -> bool:
    """Does a lock ("rules.SI101", "rules.*", "*") cover ``key`` ("rules.SI101.level")?"""
    return any(
        key == lock
        or ("." in lock and key.startswith(f"{lock}."))
        or (lock.endswith("*") and key.startswith(lock[:-1]))
        for lock in locked
    )


def covers(patterns: str | Iterable[str], *places: str) -> bool:
    """Does one of the patterns match an environment's name or prefix?"""
    each = (patterns,) if isinstance(patterns, str) else tuple(patterns)
    return any(matches_one(place, each) for place in places if place)
