"""The lock that the writer of a journal holds, for about a millisecond.

``flock`` on the journal itself. On a file system without such locks (NFS without a lock daemon,
some FUSE), a file beside the journal (:mod:`.lock_file`).
"""

from __future__ import annotations

import errno
import fcntl
import os
import time

from safeinstall.files import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from safeinstall.journal.lock_file import LockFile

PATIENCE = 30.0  # seconds
_OUT_OF_THE_WAY = 100  # descriptors: scripts use those from 3 on, shells those from 10 on
_UNKNOWN = frozenset((errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL))


class Lock:
    """A held lock; released by :meth:`release`, or by closing the journal."""

    def __init__(self, file: LockFile | None = None) -> None:
        self.file = file

    def release(self) -> None:
        """Remove the lock file, if there is one. ``flock`` ends when the journal is closed."""
        if self.file is not None:
            self.file.release()
            self.file = None


def take(fd: int, directory: int) -> Lock:
    """Wait for the lock on a journal. Raises OSError; EAGAIN after :data:`PATIENCE`."""
    try:
        _wait(lambda: try_flock(fd))
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
    else:
        return Lock()
    from safeinstall.journal.lock_file import LockFile  # rarely needed

    file = LockFile(directory)
    _wait(file.try_take)
    return Lock(file)


def hold(fd: int, held: Lock) -> None:
    """Lock a new file that is about to replace the journal; ``held`` is the journal's lock."""
    if held.file is None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # no other process uses this file yet


def try_flock(fd: int) -> bool:
    """Lock the file; False if another process holds the lock. Raises OSError without locks."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def let_go(fd: int) -> None:
    """Unlock a file (for all processes that share the descriptor) and close it."""
    unlock(fd)
    close(fd)


def unlock(fd: int) -> None:
    """Release the lock on a file, for all processes that share the descriptor."""
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        fcntl.flock(fd, fcntl.LOCK_UN)
    except OSError:
        pass  # a file system without locks


def lend(fd: int) -> int:
    """Move the file to a descriptor that the tool inherits, with a number it hardly uses itself."""
    try:
        inherited = fcntl.fcntl(fd, fcntl.F_DUPFD, _OUT_OF_THE_WAY)
    except OSError:  # the limit on open files is lower
        os.set_inheritable(fd, True)
        return fd
    close(fd)
    return inherited


def _wait(attempt: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    pause = 0.0005
    while not attempt():
        if time.monotonic() > deadline:
            raise OSError(errno.EAGAIN, "locked by another process")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
