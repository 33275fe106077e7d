"""Two names exchanged in one step: ``renameat2`` with RENAME_EXCHANGE (Linux 3.15)."""

from __future__ import annotations

import errno
import os

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNABLE = (errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.ENOTSUP)


def exchange(first: str, second: str) -> bool:
    """Exchange two names. False where the system or the file system cannot; raises OSError."""
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):  # another system, or an old C library
        return False
    done = library.renameat2(
        _AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE
    )
    if done == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNABLE:
        return False
    raise OSError(number, os.strerror(number), first, None, second)
