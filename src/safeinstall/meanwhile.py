"""What is done while the tool runs: the guard is idle then, and may import what it likes.

In a thread, so that signals for the tool are passed on at once. It is never waited for longer than
a moment: what is not known when the tool has ended stays unknown until the next time.
"""

from __future__ import annotations

import _thread

from safeinstall import site_packages
from safeinstall.probe import surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Process, Situation
    from safeinstall.settings import Settings

_PATIENCE = 0.2  # seconds


class Meanwhile:
    """Who else runs in the environment (SI105), and what the channels have (SI301, next time)."""

    def __init__(
        self, situation: Situation, configuration: Settings, environ: Mapping[str, str], cwd: str
    ) -> None:
        self._arguments = (situation, configuration, environ, cwd)
        self._running: tuple[Process, ...] = ()
        self._looked = _thread.allocate_lock()

    def start(self) -> None:
        """Called when the tool has just been started."""
        self._looked.acquire()
        try:
            _thread.start_new_thread(self._work, ())
        except RuntimeError:  # no more threads for this user: then it stays unknown
            self._looked.release()

    def running(self) -> tuple[Process, ...]:
        """The processes that were found."""
        self._looked.acquire(timeout=_PATIENCE)
        return self._running

    def _work(self) -> None:
        situation = self._arguments[0]
        try:
            site_packages.enable()
            from safeinstall.probe import processes

            self._running = processes.running(situation.environment.prefix)
        finally:
            self._looked.release()
        surroundings.refresh(*self._arguments)
