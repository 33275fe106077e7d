"""Checks the fields of a record before it is used. Pure.

A valid hash shows that a record is as it was written, but not who wrote it: it may have been
another release, another tool, or a person with an editor. So the types of its fields are checked
once, before other code relies on them.
"""

from __future__ import annotations

from safeinstall.journal.seal import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safeinstall.model import Json

    Check = Callable[[object], bool]
    Checks = Mapping[str, Check]

_LARGEST = 2**53  # every JSON reader reads integers up to this exactly


def fault(record: Json) -> str:
    """The name of the first field with a wrong type, or that is missing; ``""`` for none.

    Optional fields may be missing, or None.
    """
    for name, check in _MUST.items():
        if name not in record or not check(record[name]):
            return name
    return next((name for name, check in _MAY.items() if not _fits(record.get(name), check)), "")


def _fits(value: object, check: Check) -> bool:
    return value is None or check(value)


def _maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _of(check: Check) -> Check:
    """A check for a list whose items pass ``check``."""
    return lambda value: isinstance(value, list) and all(map(check, value))


def _object(must: Checks, may: Checks) -> Check:
    def check(value: object) -> bool:
        return (
            isinstance(value, dict)
            and all(name in value and check(value[name]) for name, check in must.items())
            and all(_fits(value.get(name), check) for name, check in may.items())
        )

    return check


def _text(value: object) -> bool:
    return isinstance(value, str)


def _whole(value: object) -> bool:
    return type(value) is int


def _number(value: object) -> bool:
    return type(value) in (int, float) and -_LARGEST <= value <= _LARGEST  # type: ignore[operator]


def _known(value: object) -> bool:
    return _whole(value) and value == SCHEMA


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _anything(_: object) -> bool:
    return True


_LIST = _of(_anything)
_SIDE = _object(
    {"version": _text, "owner": _text},
    {"source": _text, "build": _text, "origin": _object({}, {}), "requested": _flag},
)
_CHANGE = _object(
    {"name": _text, "before": _maybe(_SIDE), "after": _maybe(_SIDE)}, {"stays": _SIDE}
)
_FINDING = _object(
    {},
    {"rule": _text, "level": _text, "message": _text, "evidence": _LIST, "fixes": _of(_text)}
    | {"decided_by": _text},
)

_MUST = {"op": _text, "kind": _text}
_MAY = {
    "schema": _known,
    "chain": _text,
    "seq": _whole,
    "time": _text,
    "actor": _object({}, {"user": _text, "agent": _text, "ci": _text, "parents": _LIST}),
    "tool": _object({}, {"name": _text, "path": _text}),
    "argv": _of(_text),
    "cwd": _text,
    "env": _object({}, {}),
    "environment": _object({}, {"prefix": _text, "name": _text}),
    "command": _object({}, {"specs": _of(_object({}, {}))}),
    "policy": _LIST,
    "verdict": _text,
    "findings": _of(_FINDING),
    "exceptions": _LIST,
    "override": _text,
    "exit_code": _whole,
    "signal": _whole,
    "duration_s": _number,
    "changes": _of(_CHANGE),
    "warnings": _of(_text),
    "rails": _of(_text),
    "origin": _object({}, {}),
    "cut": _object({}, {}),
}
