"""What is done about a rebuild that was killed, before anything else happens to its environment."""

from __future__ import annotations

from contextlib import contextmanager

from safeinstall.journal import changes, locate, record, snapshot
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.rebuild import staging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.journal import Journal
    from safeinstall.settings import Session


@contextmanager
def settled(prefix: str, session: Session) -> Iterator[None]:
    """Hold the environment's lock; what a killed rebuild has left is put away first."""
    with locate.lock(prefix, session.settings):
        settle(prefix, session)
        yield


def settle(prefix: str, session: Session) -> bool:
    """Finish, or clear away, a rebuild of this environment that was killed. For a caller that
    holds the lock. True if there was one.
    """
    mark = staging.left(prefix, session.settings)
    if mark is None:
        return False
    journal = locate.journal(mark.prefix, session.settings)
    if staging.finish(mark, session.settings.home) and not _is_recorded(journal, mark.op):
        before, after = (inventory.scan(describe(p)) for p in (mark.backup, mark.prefix))
        entry = record.outcome(
            mark.op,
            exit_code=0,
            signal=None,
            duration_ms=0,
            changes=changes.between(before, after),
            warnings=(),
        )
        snapshot.keep(journal, journal.append(entry)["seq"], after)
    staging.forget(mark, session.settings)
    return True


def _is_recorded(journal: Journal, op: str) -> bool:
    return any(
        item.get("op") == op and item.get("kind") == "outcome" for item in journal.backwards()
    )
