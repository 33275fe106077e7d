"""What the journal keeps of a rebuild, and how it goes on in the new environment."""

from __future__ import annotations

import os
import shutil
import time

from safeinstall.files import names_in
from safeinstall.journal import actor, baseline, changes, ids, record, snapshot
from safeinstall.journal import drift as drifted
from safeinstall.model import Command, Facts
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.probe.place import conda_installation
from safeinstall.settings import ENVIRONMENT_DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.journal import Journal
    from safeinstall.model import Environment, Inventory, Json, Verdict
    from safeinstall.settings import Session


def drift(
    journal: Journal, environment: Environment, found: Inventory, session: Session
) -> list[Json]:
    """The record of what others have changed since the last one; none if nothing has changed."""
    changed = snapshot.drift(journal, found)
    if not changed:
        return []
    base = conda_installation(session).root_prefix
    return [drifted.entry(journal, environment, changed, session.environ, base)]


def record_outcome(
    journal: Journal,
    op: str,
    before: Inventory,
    prefix: str,
    *,
    done: bool,
    seconds: float = 0,
    rails: Sequence[str] = (),
) -> None:
    """Write down what an operation has changed at the prefix. Raises JournalError."""
    after = inventory.scan(describe(prefix))
    entry = record.outcome(
        op,
        exit_code=int(not done),
        signal=None,
        duration_ms=round(seconds * 1000),
        changes=changes.with_what_stays(changes.between(before, after), after),
        warnings=(),
        rails=rails,
    )
    snapshot.keep(journal, journal.append(entry)["seq"], after)


class Chronicle:
    """The records of one operation that exchanges an environment."""

    def __init__(self, environment: Environment, found: Inventory, session: Session) -> None:
        self.op = ids.operation()
        self._environment = environment
        self._before = found
        self._session = session

    def record_intent(
        self, journal: Journal, words: tuple[str, ...], verdict: Verdict, override: str
    ) -> None:
        """The baseline, if there is none, what others have changed, and what is going to be done.
        ``words`` are the command as typed.

        Raises JournalError.
        """
        environment, found, session = self._environment, self._before, self._session
        entries = drift(journal, environment, found, session)
        if baseline.needed(journal, found):
            past = baseline.told(environment, found)
            who = actor.current(session.environ)
            entries += baseline.entries(who, environment, found, past)
        said = self._circumstances(words, verdict)
        entries.append(record.intent(self.op, override=override or None, **said))
        journal.extend(entries)

    def record_blocked(self, journal: Journal, words: tuple[str, ...], verdict: Verdict) -> None:
        """That the policy has stopped it. Raises JournalError."""
        journal.append(record.blocked(self.op, **self._circumstances(words, verdict)))

    def record_outcome(
        self, journal: Journal, started: float, *, done: bool, rails: Sequence[str] = ()
    ) -> None:
        """What has changed. ``started`` is a time of the monotonic clock. Raises JournalError."""
        seconds = time.monotonic() - started
        prefix = self._environment.prefix
        record_outcome(
            journal, self.op, self._before, prefix, done=done, seconds=seconds, rails=rails
        )

    def _circumstances(self, words: tuple[str, ...], verdict: Verdict) -> Json:
        command = Command(words, tool="safeinstall", verb=words[1], mutates=True)
        return {
            "actor": actor.current(self._session.environ),
            "facts": Facts(command, words[0], self._environment, self._before),
            "verdict": verdict,
            "policy": (),
            "environ": self._session.environ,
            "cwd": self._session.cwd,
        }

    def bring_journal(self, new: str) -> None:
        """The journal goes on in the new environment. The lock is the same file: who waits for it
        in the old one has it in the new one as well.
        """
        source, target = (
            os.path.join(prefix, ENVIRONMENT_DIRECTORY)
            for prefix in (self._environment.prefix, new)
        )
        if not os.path.isdir(source):
            return
        os.mkdir(target)
        for name in names_in(source):
            path = os.path.join(source, name)
            if name == "lock":
                os.link(path, os.path.join(target, name))
            elif os.path.isdir(path):
                shutil.copytree(path, os.path.join(target, name), symlinks=True)
            else:
                shutil.copy2(path, os.path.join(target, name), follow_symlinks=False)
        shutil.copystat(source, target)
