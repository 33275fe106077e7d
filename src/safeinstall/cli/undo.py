"""``safeinstall undo`` and ``rollback``: back to the state before an operation, or after one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.export import asked
from safeinstall.cli.history import operations_of, report
from safeinstall.cli.rebuild import carried_out, require_conda, told
from safeinstall.errors import UsageError
from safeinstall.journal import locate, record, select, snapshot
from safeinstall.journal.net import net_changes
from safeinstall.model import CONDA_OWNERS
from safeinstall.output import stderr
from safeinstall.output.quoting import paste
from safeinstall.output.shown import one_line
from safeinstall.probe import inventory
from safeinstall.rebuild import backups
from safeinstall.rebuild.chronicle import drift
from safeinstall.rebuild.recovery import settled
from safeinstall.rebuild.undo import Undo
from safeinstall.render import words as render
from safeinstall.state.past import before

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.journal.read import Damage
    from safeinstall.model import Environment, Inventory, Json
    from safeinstall.settings import Session


def undo(
    prefix: str,
    session: Session,
    name: str,
    words: tuple[str, ...],
    out: TextIO,
    *,
    after: bool = False,
    nearest: bool = False,
    dry_run: bool = False,
    yes: bool = False,
) -> int:
    """Take back the operation called ``name`` (``""``: the last one that changed anything); with
    ``after``, all that came after it.

    Returns 0, or 1 if the answer was no. Raises UsageError if there is no such operation,
    SafeinstallError if it cannot be done: the environment is as it was then.
    """
    environment = require_conda(prefix, session)
    with settled(prefix, session), told(environment):
        now = inventory.scan(environment)
        _record_drift(environment, now, session)
        changes, what = _changes(prefix, session, name, after=after)
        if not changes:
            stderr.note("nothing has changed since")
            return 0
        target = before(now.packages, map(record.as_change, changes))
        out.write(one_line(f"undo: {what}") + "\n")
        for package in target.since:
            out.write(one_line(f"note: {package} was changed since, and stays as it is") + "\n")
        made = Undo(
            prefix,
            session,
            target,
            asked(prefix, session),
            backups.of(prefix),
            nearest=nearest,
        )
        if _is_so_already(made, now):
            out.flush()
            name = environment.name or environment.prefix
            stderr.note(f"{name} is as it was before that already; nothing is done")
            return 0
        return carried_out(made, words, out, dry_run=dry_run, yes=yes)


def _is_so_already(made: Undo, now: Inventory) -> bool:
    """Would the new environment have the same packages, and pip's same marks?"""
    left = {item.package.name for item in made.aim.pip.left}
    marked = {(package.name, package.requested) for package in now.not_owned_by(*CONDA_OWNERS)}
    wanted = {(p.name, p.requested) for p in made.target.pip if p.name not in left}
    return not made.aim.changes and wanted <= marked


def _record_drift(environment: Environment, now: Inventory, session: Session) -> None:
    """What happened past the guard, or in an operation that was interrupted, can be undone, too."""
    journal = locate.journal(environment.prefix, session.settings)
    entries = drift(journal, environment, now, session)
    if entries:
        snapshot.keep(journal, journal.extend(entries)["seq"], now)


def _changes(prefix: str, session: Session, name: str, *, after: bool) -> tuple[list[Json], str]:
    """The changes to take back, and in words whose they are."""
    damages: list[Damage] = []
    found = list(operations_of([prefix], session.settings, damages))
    selector = environments.selector([prefix], session.environ)
    report(damages, selector)
    if after:
        newer = list(select.span(found, name, "last", selector))
        return net_changes(newer), f"everything after {name}"
    if name:
        item = select.find(found, name, selector)
    else:
        changing = [item for item in found if item["changes"]]
        if not changing:
            raise UsageError("nothing in the history has changed this environment")
        item = changing[0]
    if not item["changes"]:
        raise UsageError("this operation has changed nothing")
    return net_changes([item]), _told(item)


def _told(item: Json) -> str:
    command = paste(item["argv"]) if item["argv"] else "what was done without the guard"
    day = str(item["time"])[:16].replace("T", " ")
    return f"{command} ({day} UTC): {render.counted(len(item['changes']), 'change')}"
