"""Identifiers of operations and chains, without importing ``uuid``."""

from __future__ import annotations

import os
import time

from safeinstall import clock


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


def time_of(op: str) -> str:
    """When the operation began, after RFC 3339, in UTC; ``""`` if it is no UUIDv7."""
    digits = op.replace("-", "")
    if len(digits) != 32 or digits[12] != "7":
        return ""
    try:
        return clock.instant(int(digits[:12], 16) * 1_000_000)
    except ValueError:
        return ""


def chain() -> str:
    """A new chain's name: 32 random hexadecimal digits."""
    return os.urandom(16).hex()
