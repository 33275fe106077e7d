"""Work done while the tool runs: the guard is idle then, so slow imports cost the user nothing.

The work runs in a thread, so that the main thread can pass on signals to the tool at once. When
the tool has ended, the guard waits at most ``_PATIENCE`` for each errand; the result of an
unfinished errand is not used.
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
_SOON = 1.0  # seconds: a tool that ends sooner has most likely changed nothing
_NICE = 10  # lower priority than the tool's, but high enough to finish while the tool runs


class Background:
    """Finds the running processes of the environment (SI105) and its state before the journal
    began (the baseline), and refreshes the list of channel packages (for the next SI301).
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
        """Called when the tool has ended: errands that have not begun are left out."""
        self._ended.release()

    def running(self) -> tuple[Process, ...]:
        """The processes running from the environment; looks for them now if it was not done yet."""
        if not self._neighbours.taken:
            self._neighbours.take()
            self._neighbours.run()
        self._neighbours.is_over()
        return self._running

    def beginning(self) -> list[Json]:
        """The baseline records of an environment whose journal has none; else an empty list."""
        if not self._past.is_over():
            try:
                self._look_back(quickly=True)
            except JournalError:  # the next operation finds no baseline, and tries again
                return []
        return self._beginning

    def _work(self) -> None:
        _give_way()
        self._past.run()
        self._make_ready()
        self._sweep()
        self._renew()
        if self._ended.acquire(timeout=_SOON):
            return
        self._neighbours.take()
        self._neighbours.run()
        try:
            self._refresh()
        except Exception:  # see _Errand.run
            return

    def _make_ready(self) -> None:
        """Import the modules that are needed as soon as the tool has ended."""
        try:
            from safeinstall.rails import tool_output  # noqa: F401
        except Exception:  # Operation._hear imports the same module, and reports the error
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
        """Update the cached list of packages in the channels."""
        facts = self._facts
        if facts.environment.kind != "conda" and not facts.command.asks_conda:
            return
        from safeinstall.probe import place, repodata

        known = place.conda_installation(self._session)
        installation = known.replace(root_prefix=facts.root_prefix or known.root_prefix)
        where = repodata.directories(installation, facts.environment.prefix)
        repodata.refresh(where, self._session.settings.cache_dir)

    def _renew(self) -> None:
        """Write anew what new shells load, where an older safeinstall has written it."""
        try:
            from safeinstall.integration import stored

            stored.refresh(self._session.settings.state_dir)
        except Exception:  # see _Errand.run
            return

    def _sweep(self) -> None:
        """Remove the private directories of guards that were killed."""
        session = self._session
        try:
            from safeinstall.guard import leftovers
            from safeinstall.guard.private_directory import PrivateDirectory

            places = PrivateDirectory("", session.environ, session.settings.cache_dir).places
            leftovers.sweep(places)
        except Exception:  # see _Errand.run
            return


def _give_way() -> None:
    """Lower the priority of this thread. Only Linux has a priority for each thread."""
    if sys.platform == "linux":
        try:
            os.setpriority(os.PRIO_PROCESS, _thread.get_native_id(), _NICE)
        except OSError:  # a sandbox may not allow it
            return


class _Errand:
    """A piece of work that is done once, by the background thread or by the main thread."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.taken = False
        self._work = work
        self._busy = _thread.allocate_lock()

    def take(self) -> None:
        """Reserve the work for the caller, who must call :meth:`run` next."""
        self.taken = True
        self._busy.acquire()

    def run(self) -> None:
        """Do the work, after :meth:`take`. Errors are dropped: a bug of ours or a damaged library
        must not print between the lines of the tool.
        """
        try:
            self._work()
        except Exception:
            return
        finally:
            self._busy.release()

    def is_over(self) -> bool:
        """Is no thread working on it? Waits for at most ``_PATIENCE``."""
        over = self._busy.acquire(timeout=_PATIENCE)
        if over:
            self._busy.release()
        return over
