"""A backup put back in the place of the environment, which becomes a backup itself."""

from __future__ import annotations

import contextlib
import os
import time

from safeinstall.journal import locate
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.protection import lay as protection
from safeinstall.rebuild import staging
from safeinstall.rebuild.chronicle import Chronicle
from safeinstall.settings import ENVIRONMENT_DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Verdict
    from safeinstall.rebuild.backups import Backup
    from safeinstall.settings import Session


def restore(
    prefix: str,
    backup: Backup,
    session: Session,
    words: tuple[str, ...],
    judged: tuple[Verdict, str],
) -> None:
    """For a caller that holds the environment's lock. ``judged`` are the verdict and the override
    reason, for the journal. Raises SafeinstallError, and OSError.
    """
    prefix = os.path.realpath(prefix)
    environment = describe(prefix)
    chronicle = Chronicle(environment, inventory.scan(environment), session)
    journal = locate.journal(prefix, session.settings)
    started = time.monotonic()
    chronicle.record_intent(journal, words, *judged)
    done = False
    mark = staging.begin_with(chronicle.op, prefix, backup.path, session.settings)
    try:
        protection.as_before(backup.path, backup.path)
        former = os.path.join(backup.path, ENVIRONMENT_DIRECTORY)
        if os.path.isdir(former):
            staging.remove(former)
        chronicle.bring_journal(backup.path)  # with what protects the environment now
        staging.swap(mark)
    finally:
        done = staging.finish(mark, session.settings.home)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(backup.path))
        chronicle.record_outcome(journal, started, done=done)
        staging.forget(mark, session.settings)
