"""Helpers for writing journal files: complete writes, and names that sort by time."""

from __future__ import annotations

import errno
import os
import time


def write_whole(fd: int, data: bytes) -> None:
    """Write all bytes. After a partial write, the next write raises the reason as OSError."""
    while data:
        written = os.write(fd, data)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[written:]


def stamp() -> str:
    """The current time in UTC, to the nanosecond: ``20260101T000000.000000000Z``."""
    nanoseconds = time.time_ns()
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(nanoseconds // 1_000_000_000))
    return f"{moment}.{nanoseconds % 1_000_000_000:09d}Z"
