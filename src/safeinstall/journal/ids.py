"""Identifiers and instants, without importing ``uuid`` or ``datetime``."""

from __future__ import annotations

import os
import time


def operation() -> str:
    """A new UUIDv7 (RFC 9562): sorts by time, here to a quarter of a microsecond."""
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = rest * 4096 // 1_000_000  # RFC 9562 section 6.2, method 3
    value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | fraction << 64
    value |= 0b10 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    digits = f"{value:032x}"
    return "-".join(
        (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]),
    )


def chain() -> str:
    """A new chain's name: 32 random hexadecimal digits."""
    return os.urandom(16).hex()


def now() -> str:
    """This instant after RFC 3339, in UTC, to the millisecond."""
    return instant(time.time_ns())


def instant(nanoseconds: int) -> str:
    """Nanoseconds since 1970 after RFC 3339, in UTC, to the millisecond; sorts as a string."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{moment}.{rest // 1_000_000:03d}Z"
