"""Parsed files, remembered by what ``stat`` says of them.

Reading a TOML file costs 25 ms of imports before the first line is parsed, a YAML file more. The
hot path needs the same few files each time, so their parsed content is kept in the user's cache
directory and used as long as the file is the same one: path, size, times and inode. ``marshal``
is a built-in module and reads only plain data; the file lies in a directory of the user's own.
"""

from __future__ import annotations

import marshal
import os
import stat
import time

from safeinstall.probe.files import read_bytes

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
    remembered = _load(place)
    if remembered is not None and remembered[0] == identity:
        return remembered[1]
    answer = parse(path)
    if time.time_ns() - max(times) > _FRESH_NS:
        _store(place, (identity, answer))
    return answer


def hash_of(text: str) -> int:
    """FNV-1a over the text, 64 bits: a file name, not a promise; collisions only cost time."""
    value = 0xCBF29CE484222325
    for byte in os.fsencode(text):
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value


def _load(place: str) -> tuple[Any, Any] | None:
    try:
        status = os.lstat(place)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            return None
        remembered = marshal.loads(read_bytes(place) or b"")  # noqa: S302 - our own file, see above
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return remembered if isinstance(remembered, tuple) and len(remembered) == 2 else None


def _store(place: str, remembered: tuple[Any, Any]) -> None:
    temporary = f"{place}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(marshal.dumps(remembered))
        os.replace(temporary, place)
    except (OSError, ValueError):
        return
