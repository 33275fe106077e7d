"""The keys of a policy file, their valid values, and which of them the machine's file may lock.

A policy file and the names in its ``locked`` are checked by this table.
"""

from __future__ import annotations

import re
import warnings

from safeinstall.policy import ACTORS
from safeinstall.policy.kinds import (
    Age,
    Choice,
    Day,
    Either,
    Name,
    Number,
    OneOrMore,
    Pattern,
    Strings,
    Table,
    Tables,
    Text,
    Wrong,
    nearest,
    shown,
)
from safeinstall.policy.merge import SECTIONS, is_locked
from safeinstall.policy.presets import ORDER, PRESETS
from safeinstall.policy.rule_table import PRESET_ORDER
from safeinstall.policy.tighten import KEYS, NEVER, REASON, TICKET
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from safeinstall.policy.places import Path

SCHEMA = 1
CODES = tuple(PRESETS["strict"])

LARGEST = 1 << 18
"""Bytes of a policy file."""

LABEL = 200
"""Characters of ``id``, ``version``, ``contact`` and ``owner``."""

REASON_LENGTH = 1000
"""Characters of a reason."""

PATTERN = 100
"""Characters of the pattern of a ticket."""

NAME = 1000
"""Characters of a name, an address, a pattern or a requirement in a list."""

LOCKABLE = (*(f"rules.{code}" for code in CODES), *KEYS, SECTIONS)
"""The names that ``locked`` may contain: the values that a lower layer could change."""


class Lock(Value):
    """A name in ``locked``."""

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is a name that locks no value."""
        if any(is_locked(key, (value,)) for key in LOCKABLE):
            return
        groups = sorted({key.partition(".")[0] + ".*" for key in LOCKABLE if "." in key})
        meant = nearest(value, (*LOCKABLE, *groups))
        hint = f"did you mean {meant}?" if meant else f"write {', '.join(groups)}, or one of them"
        yield Wrong(path, f"locked: {shown(value)} names nothing that can be locked; {hint}")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema; a pattern such as ``rules.*`` is a string of its own."""
        return {"anyOf": [{"enum": list(LOCKABLE)}, {"type": "string", "pattern": r"\*$"}]}


class Denied(Value):
    """An entry of ``deny``."""

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is anything but a package name, with or without a version specifier (PEP 440)."""
        from safeinstall.specs.deny_list import is_requirement

        if is_requirement(value):
            yield from Name(NAME).wrong(value, path)
        else:
            yield Wrong(path, f"deny: {shown(value)} is no requirement; write it as name<1.2")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return Name(NAME).schema()


class Override(Value):
    """Who may go on past a block: ``reason``, ``never``, or ``ticket:`` and a pattern."""

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is another word, and a pattern that is no regular expression."""
        if not (isinstance(value, str) and value.startswith(TICKET)):
            yield from Choice((REASON, NEVER, f"{TICKET}PATTERN")).wrong(value, path)
            return
        pattern = value.removeprefix(TICKET)
        if not pattern:
            yield Wrong(path, f"{path[-1]}: a pattern has to follow {TICKET}")
        elif len(pattern) > PATTERN:  # to compile a long one may take a minute
            yield Wrong(path, f"{path[-1]}: the pattern is longer than {PATTERN} characters")
        elif why := _no_pattern(pattern):
            yield Wrong(path, f"{path[-1]}: {shown(value)} has no regular expression: {why}")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "string", "pattern": f"^({REASON}|{NEVER}|{TICKET}.+)$"}


def _no_pattern(pattern: str) -> str:
    """Why the text is no regular expression; ``""`` if it is one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a later Python may understand in another way
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError, ValueError) as error:
            return str(error)
    return ""


_NAMES = Strings(Name(NAME))
_ALL = "an empty list would mean all {0}; leave {1} out if that is meant"

RULE = Table({"level": Choice(ORDER), "mild": Choice(ORDER), "override": Override()})
RULES = Table({code: Either(Choice(ORDER), RULE) for code in CODES})

EXCEPTION = Table(
    {
        "id": Text(LABEL),
        "rule": Choice(CODES),
        "envs": Strings(Name(NAME), _ALL.format("environments", "envs")),
        "packages": Strings(Name(NAME), _ALL.format("packages", "packages")),
        "reason": Text(REASON_LENGTH),
        "owner": Text(LABEL),
        "expires": Day(),
    },
    needed=(
        ("rule", "an exception needs a rule, one of " + ", ".join(CODES)),
        ("id", "an exception needs an id, by which it is named in messages and records"),
        ("reason", "an exception needs a reason"),
        ("owner", "an exception needs an owner, whom to ask about it"),
        ("expires", "an exception needs a last day: expires = 2026-12-01"),
    ),
    called="[exceptions]",
)

ENVIRONMENT = Table(
    {"match": OneOrMore(Text(NAME), Strings(Name(NAME), "an empty list matches nothing"))}
    | {"rules": RULES},
    needed=(
        ("match", 'an entry of [[environments]] needs match = "PATTERN", for names and prefixes'),
        ("rules", "an entry of [[environments]] needs rules"),
    ),
    called="[environments]",
)

ADDRESS = Table(
    {
        "url": Pattern(r"https://\S+", "an address that begins with https://"),
        "sha256": Pattern(r"[0-9a-f]{64}", "the SHA-256 of the file, 64 hexadecimal digits"),
    },
    needed=(
        ("url", "extends needs a url"),
        ("sha256", "extends needs the sha256 of what the address has"),
    ),
    called="extends",
)

_BASE = Either(Text(NAME), ADDRESS)

HEAD = Table(
    {
        "id": Text(LABEL, empty=True),
        "version": Text(LABEL, empty=True),
        "preset": Choice(PRESET_ORDER),
        "locked": Strings(Lock()),
        "on_guard_error": Choice(("allow", "block")),
        "on_journal_error": Choice(("allow", "block")),
        "override": Override(),
        "contact": Text(LABEL),
        "handover": Choice(("warn", "freeze")),
        "environment_names": Strings(Name(NAME), "an empty list allows no name at all"),
    }
)

SOURCES = Table(
    {
        "channels": _NAMES,
        "deny_channels": _NAMES,
        "channel_priority": Choice(("flexible", "strict")),
        "indexes": _NAMES,
        "min_age": Age(),
    }
)

DOCUMENT = Table(
    {
        "schema": Number(SCHEMA, f"schema {{}} is not known; this version reads {SCHEMA}"),
        "extends": OneOrMore(_BASE, Tables(_BASE)),
        "policy": HEAD,
        "rules": RULES,
        "sources": SOURCES,
        "packages": Table({"deny": Strings(Denied()), "prefer_conda": _NAMES}),
        "environments": Tables(ENVIRONMENT),
        "actors": Table(dict.fromkeys(ACTORS, RULES)),
        "exceptions": Tables(EXCEPTION),
    }
)
