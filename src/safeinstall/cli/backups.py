"""``safeinstall backups``: the old environments that rebuilds have kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safeinstall.errors import UsageError
from safeinstall.output import stderr
from safeinstall.output.shown import one_line
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.rebuild import backups as kept
from safeinstall.rebuild.recovery import settled
from safeinstall.rebuild.restore import restore
from safeinstall.render.words import counted

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.rebuild.backups import Backup
    from safeinstall.settings import Session

_MEBI = 1 << 20


def backups(prefix: str, out: TextIO, *, as_json: bool = False) -> int:
    """List the backups of the environment, newest first. Returns 0."""
    found = kept.of(prefix)
    if as_json:
        out.write(json.dumps({"schema": 1, "backups": [_as_json(b) for b in found]}) + "\n")
        return 0
    for backup in found:
        count = counted(len(inventory.scan(describe(backup.path)).packages), "package")
        size = f"{kept.size(backup.path) / _MEBI:,.0f} MiB"
        moment = backup.time[:16].replace("T", " ")
        out.write(one_line(f"{backup.op}  {moment} UTC  {count}, {size} of its own") + "\n")
    if not found:
        stderr.note("there are no backups of this environment")
    return 0


def put_back(prefix: str, session: Session, name: str, words: tuple[str, ...], out: TextIO) -> int:
    """Exchange the environment with the backup whose ID begins or ends with ``name``.

    Returns 0. Raises UsageError if there is no such backup.
    """
    with settled(prefix, session):
        backup = _named(kept.of(prefix), name)
        restore(prefix, backup, session, words)
    out.write(one_line(f"{prefix} is as it was before {backup.time[:16]} UTC") + "\n")
    return 0


def _named(found: tuple[Backup, ...], name: str) -> Backup:
    hits = [b for b in found if name and (b.op.startswith(name) or b.op.endswith(name))]
    if name == "last":
        hits = list(found[:1])
    if len(hits) != 1:
        raise UsageError(f"{len(hits)} backups have this name; see: safeinstall backups")
    return hits[0]


def _as_json(backup: Backup) -> dict[str, object]:
    size = kept.size(backup.path)
    return {"op": backup.op, "path": backup.path, "time": backup.time, "bytes": size}
