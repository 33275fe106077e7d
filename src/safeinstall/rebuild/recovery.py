"""What is done about a rebuild that was killed, before anything else happens to its environment."""

from __future__ import annotations

import os
from contextlib import contextmanager

from safeinstall.journal import locate
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.rebuild import staging
from safeinstall.rebuild.chronicle import record_outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.journal import Journal
    from safeinstall.rebuild.staging import Mark
    from safeinstall.settings import Session


@contextmanager
def settled(prefix: str, session: Session) -> Iterator[None]:
    """Hold the environment's lock; what a killed rebuild has left is put away first."""
    with locate.lock(prefix, session.settings):
        settle(prefix, session)
        yield


def settle(prefix: str, session: Session) -> None:
    """Finish, or clear away, a rebuild of this environment, or out of it, that was killed. For a
    caller that holds the lock.
    """
    mark = staging.left(prefix, session.settings)
    if mark is None:
        return
    if mark.source and os.path.realpath(prefix) == mark.source:
        with locate.lock(mark.prefix, session.settings):
            _settle(mark, session)
    else:
        _settle(mark, session)


def _settle(mark: Mark, session: Session) -> None:
    journal = locate.journal(mark.prefix, session.settings)
    if staging.finish(mark, session.settings.home) and not _is_recorded(journal, mark.op):
        before = inventory.scan(describe(mark.backup))
        record_outcome(journal, mark.op, before, mark.prefix, done=True)
    staging.forget(mark, session.settings)


def _is_recorded(journal: Journal, op: str) -> bool:
    return any(
        item.get("op") == op and item.get("kind") == "outcome" for item in journal.backwards()
    )
