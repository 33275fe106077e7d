"""What is done while the tool runs: the guard is idle then, and may import what it likes.

In a thread, so that signals for the tool are passed on at once. It is never waited for longer than
a moment: what is not known when the tool has ended stays unknown until the next time.
"""

from __future__ import annotations

import _thread
import time

from safeinstall import records, site_packages
from safeinstall.probe import surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Json, Process, Situation
    from safeinstall.settings import Settings

_PATIENCE = 0.2  # seconds


class Meanwhile:
    """Who else runs in the environment (SI105), what the channels have (SI301, next time), and
    what was there before the journal began.
    """

    def __init__(
        self, situation: Situation, configuration: Settings, environ: Mapping[str, str], cwd: str
    ) -> None:
        self._arguments = (situation, configuration, environ, cwd)
        self._running: tuple[Process, ...] = ()
        self._looked = _thread.allocate_lock()
        self._started = 0
        self._beginning: list[Json] = []
        self._begun = _thread.allocate_lock()

    def start(self) -> None:
        """Called when the tool has just been started."""
        self._started = time.time_ns()
        self._looked.acquire()
        self._begun.acquire()
        try:
            _thread.start_new_thread(self._work, ())
        except RuntimeError:  # no more threads for this user: then it stays unknown
            self._looked.release()
            self._begun.release()

    def running(self) -> tuple[Process, ...]:
        """The processes that were found."""
        self._looked.acquire(timeout=_PATIENCE)
        return self._running

    def beginning(self) -> list[Json]:
        """The baseline of an environment whose journal has none; else nothing."""
        in_time = self._begun.acquire(timeout=_PATIENCE)
        return self._beginning if in_time else self._look_back(quickly=True)

    def _begin(self) -> None:
        try:
            self._beginning = self._look_back()
        except Exception:  # a thread's bug must not speak up between the tool's lines
            self._beginning = []
        finally:
            self._begun.release()

    def _look_back(self, *, quickly: bool = False) -> list[Json]:
        from safeinstall.journal import baseline

        situation, configuration, environ, _ = self._arguments
        journal = records.journal(situation.environment.prefix, configuration)
        started = self._started
        return baseline.look_back(journal, situation, environ, started, quickly=quickly)

    def _work(self) -> None:
        self._begin()
        try:
            self._look()
            surroundings.refresh(*self._arguments)
            self._sweep()
        except Exception:  # as above: a bug, or a library that is damaged
            return

    def _look(self) -> None:
        try:
            site_packages.enable()
            from safeinstall.probe import processes

            self._running = processes.running(self._arguments[0].environment.prefix)
        finally:
            self._looked.release()

    def _sweep(self) -> None:
        """Remove what guards left behind that were killed."""
        from safeinstall import leftovers
        from safeinstall.delegate.rails import PrivateDirectory

        _, configuration, environ, _ = self._arguments
        leftovers.sweep(PrivateDirectory("", environ, configuration.cache_dir).places)
