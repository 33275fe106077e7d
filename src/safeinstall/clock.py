"""Times as RFC 3339 text, without importing ``datetime``."""

from __future__ import annotations

import time


def now() -> str:
    """The current time after RFC 3339, in UTC, to the millisecond."""
    return instant(time.time_ns())


def instant(nanoseconds: int) -> str:
    """Nanoseconds since 1970 after RFC 3339, in UTC, to the millisecond; sorts as a string."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{moment}.{rest // 1_000_000:03d}Z"


def stamp() -> str:
    """The time, UTC, down to the nanosecond: ``20260101T000000.000000000Z``."""
    nanoseconds = time.time_ns()
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(nanoseconds // 1_000_000_000))
    return f"{moment}.{nanoseconds % 1_000_000_000:09d}Z"
