"""Operations as the journal tells them, made up."""

from __future__ import annotations

from typing import Any

from safeinstall.journal import ids
from safeinstall.journal.operations import DETAILS, FIELDS

NOW = "2026-11-22T12:00:00.000Z"


def operation(*argv: str, **fields: Any) -> dict[str, Any]:
    """Something that was done, with every field that ``history`` may ask for."""
    empty: dict[str, Any] = dict.fromkeys(FIELDS + DETAILS)
    lists: dict[str, list[Any]] = {
        name: [] for name in ("findings", "changes", "warnings", "policy", "exceptions")
    }
    known = {
        "op": ids.operation(),
        "seq": 1,
        "time": NOW,
        "actor": {"user": "ada"},
        "tool": {"name": argv[0] if argv else None},
        "argv": list(argv),
        "environment": {"prefix": "/envs/nlp", "name": "nlp"},
        "verdict": "allow",
        "status": "done",
        "duration_s": 3.2,
    }
    return {**empty, **lists, **known, **fields}


def change(
    name: str, before: str | None, after: str | None, owner: str = "pip", was: str = ""
) -> dict[str, Any]:
    """A package that changed."""
    return {
        "name": name,
        "before": before and {"version": before, "owner": was or owner},
        "after": after and {"version": after, "owner": owner},
    }


def blocked(*argv: str, rule: str = "SI202", **fields: Any) -> dict[str, Any]:
    """A command that a rule stopped."""
    finding = {"rule": rule, "name": "a-rule", "level": "block", "message": "No."}
    return operation(
        *argv, findings=[finding], verdict="block", status="blocked", duration_s=0.0, **fields
    )


def drift(*changes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What others did."""
    known = {"status": "drift", "verdict": None, "duration_s": None, "tool": None}
    return operation(changes=list(changes), **{**known, **fields})
