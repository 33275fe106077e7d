"""The values of a policy in an environment as plain data: for ``policy show`` and ``rule``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.policy.merge import merge
from safeinstall.policy.rule_table import TABLE
from safeinstall.report.policy import effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Environment, Json
    from safeinstall.policy import Circumstances, Decided, Lost, Source
    from safeinstall.policy.merge import Policy

SCHEMA = 1


def shown(
    policy: Policy, environment: Environment | None, circumstances: Circumstances, today: str
) -> Json:
    """The values in force with their origins, and what has no effect."""
    usual = merge(()).decided
    return {
        "schema": SCHEMA,
        "environment": place(environment),
        "actors": sorted(circumstances.actors),
        "files": files(policy),
        "values": {
            key: {**_decided(found), "default": usual[key].value, "differs": differs}
            for key, found in policy.decided.items()
            for differs in [found.value != usual[key].value]
        },
        "without_effect": _lost(effect.without_effect(policy, today)),
        "elsewhere": _lost(effect.elsewhere(policy, circumstances)),
    }


def rules(policy: Policy) -> list[Json]:
    """Every rule with its levels in this policy."""
    return [
        {
            "code": rule.code,
            "name": rule.name,
            "fires": rule.fires.replace("`", ""),
            "harm": policy.rules[rule.code].level,
            "mild": policy.rules[rule.code].mild,
        }
        for rule in sorted(TABLE, key=lambda rule: rule.code)
    ]


def files(policy: Policy) -> list[Json]:
    """The files that count, from the first to the one that counts most."""
    heads = policy.describe()
    kinds = ({"layer": layer.kind, "via": layer.via or None} for layer in policy.layers)
    return [{**kind, **head} for kind, head in zip(kinds, heads, strict=True)]


def source(by: Source) -> Json:
    """Where a value was written. ``where`` is the same as text."""
    line, column = by.place or (None, None)
    return {
        "layer": by.kind or None,
        "file": by.file or None,
        "line": line,
        "column": column,
        "where": str(by),
    }


def place(environment: Environment | None) -> Json | None:
    """The environment that a policy is looked at for."""
    if environment is None:
        return None
    return {"name": environment.name, "prefix": environment.prefix, "kind": environment.kind}


def _decided(found: Decided) -> Json:
    told = (each for each in found.lost if each.replaced or not effect.is_of_preset(each))
    lost = [{**_one(each), "replaced": each.replaced} for each in told]
    return {"value": found.value, "by": source(found.by), "lost": lost}


def _lost(found: Iterable[Lost]) -> list[Json]:
    return [_one(each) for each in found]


def _one(lost: Lost) -> Json:
    return {"entry": lost.key, "value": lost.value, "by": source(lost.by), "why": lost.why}
