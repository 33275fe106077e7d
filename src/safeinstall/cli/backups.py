"""``safeinstall backups``: the old environments that rebuilds have kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.asking import agreed
from safeinstall.cli.rebuild import require_conda
from safeinstall.errors import OutputError, UsageError
from safeinstall.guard import remade
from safeinstall.journal import changes
from safeinstall.output import stderr
from safeinstall.output.quoting import leading_to
from safeinstall.output.shown import one_line
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.protection import keep as protection
from safeinstall.rebuild import backups as kept
from safeinstall.rebuild.recovery import settled
from safeinstall.rebuild.restore import restore
from safeinstall.render import rebuild as render
from safeinstall.render.look import look
from safeinstall.render.words import counted

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.rebuild.backups import Backup
    from safeinstall.settings import Session

_MEBI = 1 << 20
_SHORTEST = 4  # characters of an ID


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


def put_back(
    prefix: str,
    session: Session,
    name: str,
    words: tuple[str, ...],
    out: TextIO,
    *,
    dry_run: bool = False,
    yes: bool = False,
) -> int:
    """Show what would change, ask, and exchange the environment with the backup whose ID begins or
    ends with ``name``.

    Returns 0, or 1 if the answer was no. Raises UsageError if there is no such backup, Blocked if
    the policy denies what would come.
    """
    with settled(prefix, session):
        environment = require_conda(prefix, session)
        backup = _named(prefix, session, name)
        then = inventory.scan(describe(backup.path))
        now = inventory.scan(environment)
        changed = changes.between(now, then)
        look_ = look(session.environ, out)
        render.changes(changed, look_, out)
        judge = remade.Judge(environment, session, words)
        judge.admit(changed)
        out.flush()
        if dry_run:
            return 0
        if not yes and not agreed("Go on?", session.environ):
            return 1
        restore(prefix, backup, session, words, (judge.verdict, judge.reason))
        protection.keep(describe(prefix), session, anew=True)
    out.write(one_line(f"{prefix} is as it was before {backup.time[:16]} UTC") + "\n")
    return 0


def discard(prefix: str, session: Session, name: str, *, yes: bool = False) -> int:
    """Ask, and remove the backup. Returns 0, or 1 if the answer was no. Raises UsageError if there
    is no such backup, OutputError if it cannot be removed.
    """
    with settled(prefix, session):
        backup = _named(prefix, session, name)
        if not yes and not agreed(f"Remove the backup of {backup.time[:16]} UTC?", session.environ):
            return 1
        try:
            kept.discard(backup)
        except OSError as error:
            raise OutputError(f"{backup.path}: {error}") from error
    return 0


def _named(prefix: str, session: Session, name: str) -> Backup:
    found = kept.of(prefix)
    if name == "last" and found:
        return found[0]
    long_enough = len(name) >= _SHORTEST
    hits = [b for b in found if long_enough and (b.op.startswith(name) or b.op.endswith(name))]
    if len(hits) != 1:
        words = ["safeinstall", "backups", *environments.selector([prefix], session.environ)]
        raise UsageError(leading_to(f"{len(hits)} backups have this name", "see", words))
    return hits[0]


def _as_json(backup: Backup) -> dict[str, object]:
    size = kept.size(backup.path)
    return {"op": backup.op, "path": backup.path, "time": backup.time, "bytes": size}
