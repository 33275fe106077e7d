"""The keys of a policy file, their valid values, and which of them the machine's file may lock.

A policy file and the names in its ``locked`` are checked by this table.
"""

from __future__ import annotations

from safeinstall.policy.kinds import (
    Choice,
    Day,
    Either,
    Name,
    Number,
    Strings,
    Table,
    Tables,
    Text,
    Wrong,
    nearest,
    shown,
)
from safeinstall.policy.merge import LISTS, SWITCHES, is_locked
from safeinstall.policy.presets import ORDER, PRESETS
from safeinstall.policy.rule_table import PRESET_ORDER
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.policy.places import Path

SCHEMA = 1
CODES = tuple(PRESETS["strict"])

LARGEST = 1 << 18
"""Bytes of a policy file."""

LABEL = 200
"""Characters of ``id`` and ``version``: both are part of each journal record."""

REASON = 1000
"""Characters of a reason."""

NAME = 1000
"""Characters of a name, an address, a pattern or a requirement in a list."""

LOCKABLE = (
    *(f"rules.{code}" for code in CODES),
    "policy.preset",
    *(f"policy.{switch}" for switch in SWITCHES),
    *(f"{each.section}.{each.key}" for each in LISTS),
)
"""The names that ``locked`` may contain: the values that a lower layer could change."""


class Lock(Value):
    """A name in ``locked``."""

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is a name that locks no value."""
        if any(is_locked(key, (value,)) for key in LOCKABLE):
            return None
        groups = sorted({key.partition(".")[0] + ".*" for key in LOCKABLE})
        meant = nearest(value, (*LOCKABLE, *groups))
        hint = f"did you mean {meant}?" if meant else f"write {', '.join(groups)}, or one of them"
        return Wrong(path, f"locked: {shown(value)} names nothing that can be locked; {hint}")


class Denied(Value):
    """An entry of ``deny``."""

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is anything but a package name, with or without a version specifier (PEP 440)."""
        from safeinstall.specs.deny_list import is_requirement

        if is_requirement(value):
            return Name(NAME).wrong(value, path)
        return Wrong(path, f"deny: {shown(value)} is no requirement; write it as name<1.2")


_NAMES = Strings(Name(NAME))
_ALL = "an empty list would mean all {0}; leave {1} out if that is meant"

RULE = Table(
    {"level": Choice(ORDER), "mild": Choice(ORDER), "override": Choice(("reason", "never"))}
)

EXCEPTION = Table(
    {
        "rule": Choice(CODES),
        "envs": Strings(Name(NAME), _ALL.format("environments", "envs")),
        "packages": Strings(Name(NAME), _ALL.format("packages", "packages")),
        "reason": Text(REASON),
        "expires": Day(),
    },
    needed=(
        ("rule", "an exception needs a rule, one of " + ", ".join(CODES)),
        ("reason", "an exception needs a reason"),
    ),
    called="[exceptions]",
)

DOCUMENT = Table(
    {
        "schema": Number(SCHEMA, f"schema {{}} is not known; this version reads {SCHEMA}"),
        "policy": Table(
            {
                "id": Text(LABEL, empty=True),
                "version": Text(LABEL, empty=True),
                "preset": Choice(PRESET_ORDER),
                "locked": Strings(Lock()),
                **dict.fromkeys(SWITCHES, Choice(("allow", "block"))),
            }
        ),
        "rules": Table({code: Either(Choice(ORDER), RULE) for code in CODES}),
        "sources": Table({"channels": _NAMES, "indexes": _NAMES}),
        "packages": Table({"deny": Strings(Denied()), "prefer_conda": _NAMES}),
        "exceptions": Tables(EXCEPTION),
    }
)
