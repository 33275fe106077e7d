"""Parsed files, remembered by what ``stat`` says of them.

Reading a TOML file costs 25 ms of imports before the first line is parsed, a YAML file more. The
hot path needs the same few files each time, so their parsed content is kept in the user's cache
directory and used as long as the file is the same one: path, size, times and inode.
"""

from __future__ import annotations

import os
import time

from safeinstall import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_FORMAT = 2
_FRESH_NS = 2_000_000_000  # a file this young may still change without its times showing it


def parsed(path: str, parse: Callable[[str], Any], cache_dir: str) -> Any:
    """``parse(path)``, or what it answered for this very file before.

    The answer must be plain data (what ``marshal`` takes). Errors of ``parse`` are passed on and
    never remembered; a cache that cannot be read or written is as good as none.
    """
    try:
        status = os.stat(path)
    except OSError:
        return parse(path)
    times = (status.st_mtime_ns, status.st_ctime_ns)
    identity = (_FORMAT, path, status.st_size, *times, status.st_ino, status.st_dev)
    place = os.path.join(cache_dir, "parsed", f"{hash_of(path):016x}")
    remembered = kept.load(place, identity)
    if remembered is not None:
        return remembered
    answer = parse(path)
    if time.time_ns() - max(times) > _FRESH_NS:
        kept.keep(place, identity, answer)
    return answer


def hash_of(text: str) -> int:
    """FNV-1a over the text, 64 bits: a file name, not a promise; collisions only cost time."""
    value = 0xCBF29CE484222325
    for byte in os.fsencode(text):
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value
