"""What is done while the tool runs: the guard is idle then, and may import what it likes.

In a thread, so that signals for the tool are passed on at once. It is never waited for longer than
a moment: what is not known when the tool has ended stays unknown until the next time.
"""

from __future__ import annotations

import _thread
import os
import sys
import time

from safeinstall import site_packages
from safeinstall.errors import JournalError
from safeinstall.journal import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from safeinstall.model import Facts, Json, Process
    from safeinstall.settings import Session

_PATIENCE = 0.2  # seconds
_SOON = 1.0  # seconds: what is over by then has most likely changed nothing
_NICE = 10  # the processors are the tool's; yet not so little that we would be waited for


class Background:
    """Who else runs in the environment (SI105), what the channels have (SI301, next time), and
    what was there before the journal began.
    """

    def __init__(self, facts: Facts, session: Session) -> None:
        self._facts = facts
        self._session = session
        self._started = 0
        self._ended = _thread.allocate_lock()
        self._running: tuple[Process, ...] = ()
        self._neighbours = _Errand(self._look)
        self._beginning: list[Json] = []
        self._past = _Errand(self._look_back)

    def start(self) -> None:
        """Called when the tool has just been started."""
        self._started = time.time_ns()
        self._ended.acquire()
        self._past.take()
        try:
            _thread.start_new_thread(self._work, ())
        except RuntimeError:  # no more threads for this user
            self._past.run()

    def end(self) -> None:
        """Called when the tool has ended: what has not been begun by now can wait."""
        self._ended.release()

    def running(self) -> tuple[Process, ...]:
        """The processes that were found; they are looked for now where that was put off."""
        if not self._neighbours.taken:
            self._neighbours.take()
            self._neighbours.run()
        self._neighbours.is_over()
        return self._running

    def beginning(self) -> list[Json]:
        """The baseline of an environment whose journal has none; else nothing."""
        if not self._past.is_over():
            try:
                self._look_back(quickly=True)
            except JournalError:  # the next operation finds that it is still needed
                return []
        return self._beginning

    def _work(self) -> None:
        _give_way()
        self._past.run()
        self._make_ready()
        self._sweep()
        if self._ended.acquire(timeout=_SOON):
            return
        self._neighbours.take()
        self._neighbours.run()
        try:
            self._refresh()
        except Exception:  # as with an errand
            return

    def _make_ready(self) -> None:
        """Load what is needed when the tool has ended."""
        try:
            from safeinstall.rails import tool_output  # noqa: F401
        except Exception:  # it is told of by who needs it
            return

    def _look(self) -> None:
        site_packages.enable()
        from safeinstall.probe import processes

        self._running = processes.running(self._facts.environment.prefix)

    def _look_back(self, *, quickly: bool = False) -> None:
        from safeinstall.journal import baseline

        facts, session = self._facts, self._session
        journal = locate.journal(facts.environment.prefix, session.settings)
        self._beginning = baseline.look_back(
            journal, facts, session.environ, self._started, quickly=quickly
        )

    def _refresh(self) -> None:
        """Bring the list of what the channels have up to date."""
        facts = self._facts
        if facts.environment.kind != "conda" and not facts.command.asks_conda:
            return
        from safeinstall.probe import place, repodata

        known = place.conda_installation(self._session)
        installation = known.replace(root_prefix=facts.root_prefix or known.root_prefix)
        where = repodata.directories(installation, facts.environment.prefix)
        repodata.refresh(where, self._session.settings.cache_dir)

    def _sweep(self) -> None:
        """Remove what guards left behind that were killed."""
        session = self._session
        try:
            from safeinstall.guard import leftovers
            from safeinstall.guard.private_directory import PrivateDirectory

            places = PrivateDirectory("", session.environ, session.settings.cache_dir).places
            leftovers.sweep(places)
        except Exception:  # as with an errand
            return


def _give_way() -> None:
    """Only Linux has a priority for each thread."""
    if sys.platform == "linux":
        try:
            os.setpriority(os.PRIO_PROCESS, _thread.get_native_id(), _NICE)
        except OSError:  # a sandbox may not allow it
            return


class _Errand:
    """Something to be found out once, by the thread or by who needs it."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.taken = False
        self._work = work
        self._busy = _thread.allocate_lock()

    def take(self) -> None:
        """Somebody is going to run it."""
        self.taken = True
        self._busy.acquire()

    def run(self) -> None:
        """Do it, once taken. A bug, or a library that is damaged, must not speak up between the
        lines of the tool.
        """
        try:
            self._work()
        except Exception:
            return
        finally:
            self._busy.release()

    def is_over(self) -> bool:
        """Is nobody at it, or not for long any more?"""
        over = self._busy.acquire(timeout=_PATIENCE)
        if over:
            self._busy.release()
        return over
