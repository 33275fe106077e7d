"""One operation as the record sees it: the intent before, the tool, the outcome after."""

from __future__ import annotations

import time

from safeinstall import changes, records, settings
from safeinstall.delegate import process
from safeinstall.errors import JournalError
from safeinstall.journal import actor, ids, record, snapshot
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.render import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.consider import Considered
    from safeinstall.delegate.process import Result
    from safeinstall.model import Json
    from safeinstall.settings import Settings


class Operation:
    """What is done after the verdict, with a record of every step."""

    def __init__(
        self,
        considered: Considered,
        configuration: Settings,
        environ: Mapping[str, str],
        cwd: str,
    ) -> None:
        self.considered = considered
        self.environ = environ
        self.cwd = cwd
        self.override = ""
        self.op = ids.operation()
        self.prefix = considered.situation.environment.prefix
        self.journal = records.journal(self.prefix, configuration)

    def record_drift(self) -> None:
        """Keep what others did to the environment since the last record."""
        situation = self.considered.situation
        if situation.drift:
            who = actor.current(self.environ)
            seen = {"environment": situation.environment, "changes": situation.drift}
            self._begin(record.observed("drift", actor=who, **seen))

    def record_block(self) -> None:
        """Keep that the command was stopped."""
        self._begin(record.blocked(self.op, **self._circumstances()))

    def record_intent(self) -> None:
        """Keep what is about to be done. Raises JournalError where the policy says stop."""
        override = self.override or None
        self._begin(record.intent(self.op, override=override, **self._circumstances()))

    def run(self, executable: str, words: tuple[str, ...]) -> Result:
        """Start the tool, wait for it, and keep what it really did."""
        started = time.monotonic()
        environ = {**self.environ, settings.OPERATION: f"{self.op} {self.prefix}"}
        result = process.run(executable, words, environ)
        self._record_outcome(result, round((time.monotonic() - started) * 1000))
        return result

    def _record_outcome(self, result: Result, duration_ms: int) -> None:
        situation = self.considered.situation
        after = inventory.scan(describe(self.prefix, situation.root_prefix))
        entry = record.outcome(
            self.op,
            exit_code=result.exit_code,
            signal=result.signal,
            duration_ms=duration_ms,
            changes=changes.between(situation.inventory, after),
            warnings=(),
        )
        try:
            written = self._append(entry)
        except JournalError as error:  # too late to stop anything
            plain.say(f"safeinstall: {error}; what was done just now is not in the history")
        else:
            snapshot.keep(self.journal, written["seq"], after)

    def _begin(self, entry: Json) -> None:
        try:
            self._append(entry)
        except JournalError as error:
            if self.considered.policy.on_journal_error == "block":
                raise
            plain.say(f"safeinstall: {error}; going on without a record")

    def _append(self, entry: Json) -> Json:
        written = self.journal.append(entry)
        if self.journal.problem:
            plain.say(f"safeinstall: the journal has one copy only: {self.journal.problem}")
        return written

    def _circumstances(self) -> Json:
        return {
            "actor": actor.current(self.environ),
            "situation": self.considered.situation,
            "verdict": self.considered.verdict,
            "policy": self.considered.policy.describe(),
            "environ": self.environ,
            "cwd": self.cwd,
        }
