"""A lock file: one guarded operation at a time in an environment.

``flock``, which :mod:`filelock` uses on POSIX, too, so that slow commands can lock the same file
through that library.

The tool inherits the descriptor: if this process alone is killed, the lock lasts until the tool has
ended. Processes that the tool starts may inherit it, too, unless the tool closes unknown
descriptors, as Python does. So the lock is released by ``LOCK_UN``, which releases it for all
processes that share the descriptor: a daemon left behind by a build does not hold the lock.
"""

from __future__ import annotations

import os
import time

from safeinstall.errors import EnvironmentBusy
from safeinstall.files import close
from safeinstall.journal.flock import lend, let_go, try_flock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

_STEP = 0.1  # seconds between two tries


class Lock:
    """A context manager that holds the lock. Entering waits; ``on_wait`` is called once then.

    If the file cannot be created, or the file system has no locks, the command runs without a lock.
    Raises :class:`EnvironmentBusy` after ``timeout`` seconds.
    """

    def __init__(
        self, root: str, directory: str, timeout: float, on_wait: Callable[[], None]
    ) -> None:
        self.root = root  # must exist: a removed environment must not be created again
        self.directory = directory  # "" for no lock at all
        self.timeout = timeout
        self.on_wait = on_wait
        self._descriptor: int | None = None

    @property
    def path(self) -> str:
        """The lock file."""
        return os.path.join(self.directory, "lock")

    def __enter__(self) -> Self:
        if self.directory:
            try:
                self._descriptor = lend(self._open())
                self._wait(self._descriptor)
            except OSError:
                self._close()
        return self

    def __exit__(self, *_: object) -> None:
        # The file is not removed: otherwise two processes could hold locks on two files.
        self._close()

    def _open(self) -> int:
        try:
            (os.mkdir if self.root else os.makedirs)(self.directory, 0o700)
        except FileExistsError:
            if os.path.islink(self.directory):  # an attacker's link would make us write elsewhere
                raise
        flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            return os.open(self.path, os.O_RDWR | flags)
        except FileNotFoundError:
            return self._create(flags | os.O_RDWR | os.O_CREAT)
        except PermissionError:  # another user's file in a shared environment
            return os.open(self.path, os.O_RDONLY | flags)

    def _create(self, flags: int) -> int:
        from safeinstall.journal.permissions import share
        from safeinstall.journal.places import Place

        descriptor = os.open(self.path, flags, 0o600)
        try:  # without regard to the umask: each user who may write the environment must lock it
            share(Place(self.root, self.directory), self.directory, descriptor)
        except OSError:
            close(descriptor)
            raise
        return descriptor

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self.timeout
        waited = False
        while not try_flock(descriptor):
            if time.monotonic() >= deadline:
                raise EnvironmentBusy(
                    f"another operation is still running in this environment ({self.path}); "
                    "try again when it is done"
                )
            if not waited:
                self.on_wait()
                waited = True
            time.sleep(_STEP)

    def _close(self) -> None:
        if self._descriptor is not None:
            let_go(self._descriptor)
            self._descriptor = None
