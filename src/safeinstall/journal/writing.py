"""What every writer of journal files needs: bytes written whole, and names that sort by time."""

from __future__ import annotations

import errno
import os
import time


def write_whole(fd: int, data: bytes) -> None:
    """One write; where the disk takes a part only, the next one says why."""
    while data:
        written = os.write(fd, data)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[written:]


def stamp() -> str:
    """The time, UTC, down to the nanosecond: ``20260101T000000.000000000Z``."""
    nanoseconds = time.time_ns()
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(nanoseconds // 1_000_000_000))
    return f"{moment}.{nanoseconds % 1_000_000_000:09d}Z"
