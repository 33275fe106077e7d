"""One operation as the record sees it: alone in its environment, intent before, outcome after."""

from __future__ import annotations

import time

from safeinstall import changes, settings
from safeinstall.errors import JournalError
from safeinstall.journal import Journal, actor, ids, record
from safeinstall.lock import Lock
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.probe.situation import is_system
from safeinstall.render import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.consider import Considered
    from safeinstall.delegate.process import Result
    from safeinstall.model import Json
    from safeinstall.settings import Settings


class Operation:
    """A context in which the tool may run. Entering takes the lock and writes the intent."""

    def __init__(
        self,
        considered: Considered,
        configuration: Settings,
        environ: Mapping[str, str],
        cwd: str,
    ) -> None:
        self.considered = considered
        self.configuration = configuration
        self.environ = dict(environ)
        self.cwd = cwd
        self.override = ""
        self.op = ids.operation()
        self.started = 0.0
        environment = considered.situation.environment
        self.journal = Journal.open(
            environment.prefix, configuration, primary=_keeps_a_journal(environment.prefix)
        )
        self.lock = Lock(*self._lock_place())

    def __enter__(self) -> None:
        """Raises EnvironmentBusy, or JournalError where the policy says stop."""
        prefix = self.considered.situation.environment.prefix
        if prefix != self.configuration.outer_prefix:
            self.lock.acquire(self.configuration.lock_timeout, self._say_waiting)
        self.environ[settings.OPERATION] = f"{self.op} {prefix}"
        self._begin(record.intent(self.op, override=self.override or None, **self._circumstances()))
        self.started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def record_block(self) -> None:
        """Keep that the command was stopped."""
        self._begin(record.blocked(self.op, **self._circumstances()))

    def record_outcome(self, result: Result) -> None:
        """Keep what the tool really did. Nothing here may cost the tool's exit status."""
        duration = round((time.monotonic() - self.started) * 1000)
        situation = self.considered.situation
        before, prefix = situation.inventory, situation.environment.prefix
        after = inventory.scan(describe(prefix, situation.root_prefix))
        entry = record.outcome(
            self.op,
            exit_code=result.exit_code,
            signal=result.signal,
            duration_ms=duration,
            changes=changes.between(before, after),
            warnings=(),
        )
        try:
            self._append(entry)
        except JournalError as error:
            plain.say(f"safeinstall: {error}; what was done just now is not in the history")

    def _begin(self, entry: Json) -> None:
        try:
            self._append(entry)
        except JournalError as error:
            if self.considered.policy.on_journal_error == "block":
                raise
            plain.say(f"safeinstall: {error}; going on without a record")

    def _append(self, entry: Json) -> None:
        self.journal.append(entry)
        if self.journal.problem:
            plain.say(f"safeinstall: the journal has one copy only: {self.journal.problem}")

    def _circumstances(self) -> Json:
        return {
            "actor": actor.current(self.environ),
            "situation": self.considered.situation,
            "verdict": self.considered.verdict,
            "policy": self.considered.policy.describe(),
            "environ": self.environ,
            "cwd": self.cwd,
        }

    def _lock_place(self) -> tuple[str, str]:
        """Beside the journal that everybody who works in this environment shares."""
        shared, own = self.journal.places[0], self.journal.places[-1]
        place = shared if self.considered.situation.environment.writable else own
        return place.root, place.directory

    def _say_waiting(self) -> None:
        plain.say(
            "safeinstall: another operation is running in this environment; waiting up to "
            f"{self.configuration.lock_timeout:g} s"
        )


def _keeps_a_journal(prefix: str) -> bool:
    """Not a system's own prefix, and nothing that is no environment yet."""
    return not is_system(prefix) and describe(prefix).kind in ("conda", "venv")
