"""One guarded operation at a time in an environment.

``flock`` on a file below the environment (or beside its mirror where the environment cannot be
written). :mod:`filelock` locks the same way, so that slow commands can use it on the same file.
"""

from __future__ import annotations

import fcntl
import os
import time

from safeinstall.errors import EnvironmentBusy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_STEP = 0.1  # seconds between two tries


class Lock:
    """A lock that is held from :meth:`acquire` until :meth:`release` or the end of the process."""

    def __init__(self, root: str, directory: str) -> None:
        self.root = root  # must be there already: an environment that is gone is not made again
        self.path = os.path.join(directory, "lock")
        self._descriptor: int | None = None

    def acquire(self, timeout: float, on_wait: Callable[[], None] = lambda: None) -> bool:
        """Take the lock, waiting up to ``timeout`` seconds; ``on_wait`` is called once if we must.

        False where the file system knows no locks or the file cannot be made: then there is none.
        Raises :class:`EnvironmentBusy` when the time is over.
        """
        try:
            self._descriptor = self._open()
            return self._wait(self._descriptor, timeout, on_wait)
        except OSError:
            self.release()
            return False

    def release(self) -> None:
        """Let others in. The file stays: removing it would let two hold it at once."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        directory = os.path.dirname(self.path)
        try:
            (os.mkdir if self.root else os.makedirs)(directory, 0o700)
        except FileExistsError:
            if os.path.islink(directory):  # planted: it would lead us to write elsewhere
                raise
        flags = os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self.path, os.O_RDWR | flags, 0o666)
        except PermissionError:  # another user's file in a shared environment
            return os.open(self.path, os.O_RDONLY | flags)

    def _wait(self, descriptor: int, timeout: float, on_wait: Callable[[], None]) -> bool:
        deadline = time.monotonic() + timeout
        waited = False
        while not _try(descriptor):
            if time.monotonic() >= deadline:
                raise EnvironmentBusy(
                    f"another operation is still running in this environment ({self.path}); "
                    "try again when it is done"
                )
            if not waited:
                on_wait()
                waited = True
            time.sleep(_STEP)
        return True


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
