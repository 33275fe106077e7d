"""Combines records into operations: the objects of ``history --json``."""

from __future__ import annotations

import os
import time

from safeinstall import clock
from safeinstall.journal import process, schema
from safeinstall.journal.read import Damage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from safeinstall.model import Json

STATUSES = ("done", "failed", "blocked", "interrupted", "running", "drift")

# The fields that ``history --json`` shows, and those that ``history show --json`` shows besides.
FIELDS = (
    "op",
    "seq",
    "time",
    "actor",
    "tool",
    "argv",
    "environment",
    "verdict",
    "findings",
    "override",
    "status",
    "exit_code",
    "signal",
    "duration_s",
    "changes",
    "warnings",
)
DETAILS = (
    "schema",
    "chain",
    "kind",
    "cwd",
    "env",
    "command",
    "policy",
    "exceptions",
    "cut",
    "hash",
)

# An outcome has these if there were findings while the tool ran; they override the intent's fields.
_JUDGED = ("verdict", "findings", "override", "exceptions")

_FROM_OUTSIDE = (1, 2, 9, 15)  # SIGHUP, SIGINT, SIGKILL, SIGTERM: not the tool's own doing

_LISTS = ("argv", "findings", "changes", "warnings", "policy", "exceptions")
_DAY = 86_400


def operations(
    records: Iterable[Json],
    alive: Callable[[Json], bool] | None = None,
    damages: list[Damage] | None = None,
) -> Iterator[Json]:
    """The operations in ``records`` (newest first), newest first by their beginning.

    Each has :data:`FIELDS` and :data:`DETAILS`; ``None`` or an empty list stands for an unknown
    value. ``alive`` tells whether an actor's process is still running. Records of an unknown form
    are added to ``damages``. Repairs and baselines are not operations.
    """
    alive = alive or still_running
    outcomes: dict[str, Json] = {}
    for record in _sound(records, [] if damages is None else damages):
        kind, op = record.get("kind"), str(record.get("op"))
        if kind == "outcome" and "argv" not in record:
            outcomes[op] = record
        elif kind == "intent":
            yield _fold(record, outcomes.pop(op, None), alive)
        elif kind in ("outcome", "drift"):
            yield _shape(record, "blocked" if kind == "outcome" else "drift")
    for orphan in outcomes.values():  # outcomes whose intent is damaged or lost
        yield _shape(orphan, _ending(orphan))


def _sound(records: Iterable[Json], damages: list[Damage]) -> Iterator[Json]:
    for record in records:
        field = schema.fault(record)
        if field:
            said = f"its {field!r} is not as a record has it, passed over"
            damages.append(Damage(f"record {record['seq']} ({record['hash']})", message=said))
        else:
            yield record


def still_running(actor: Json) -> bool:
    """Is the process that began the operation still running?

    Processes of another machine cannot be seen: they count as running for a day.
    """
    if actor.get("host") == os.uname().nodename:
        pid = actor.get("pid")
        return isinstance(pid, int) and process.alive(pid, str(actor.get("started", "")))
    return str(actor.get("time", "")) > clock.instant(time.time_ns() - _DAY * 1_000_000_000)


def _fold(intent: Json, outcome: Json | None, alive: Callable[[Json], bool]) -> Json:
    if outcome is None:
        actor = {**(intent.get("actor") or {}), "time": intent.get("time")}
        return _shape(intent, "running" if alive(actor) else "interrupted")
    ended = ("exit_code", "signal", "duration_s", "changes", "warnings", *_JUDGED)
    results = {name: outcome[name] for name in ended if name in outcome}
    cut = {**(intent.get("cut") or {}), **(outcome.get("cut") or {})}
    return _shape({**intent, **results, "cut": cut or None}, _ending(outcome))


def _ending(outcome: Json) -> str:
    if outcome.get("verdict") == "block" and not outcome.get("override"):
        return "blocked"  # by a rail, after the tool had been started
    if outcome.get("signal") in _FROM_OUTSIDE:
        return "interrupted"
    return "done" if outcome.get("exit_code") == 0 and not outcome.get("signal") else "failed"


def _shape(record: Json, status: str) -> Json:
    shown = {name: record.get(name) for name in FIELDS + DETAILS}
    shown |= {name: shown[name] or [] for name in _LISTS}
    return {**shown, "status": status}
