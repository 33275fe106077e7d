"""A cache of parsed files, valid as long as ``stat`` of the file gives the same result.

Reading a TOML file costs 25 ms of imports before the first line is parsed, a YAML file more. The
hot path needs the same few files each time, so their parsed content is kept in the user's cache
directory and used as long as path, size, times and inode of the file are unchanged.

``marshal`` is a built-in module and reads only plain data, but trusts its input. So a cache file is
not used if it is not a regular file, belongs to another user, or fails its checksum. A lost cache
costs only time.
"""

from __future__ import annotations

import marshal
import os
import stat
import time

from safeinstall import files
from safeinstall.canonical import digest
from safeinstall.files import read_bytes, write
from safeinstall.redaction import holds_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_FORMAT = 10
_DIGEST = 64  # bytes
_FRESH_NS = 2_000_000_000  # a file this young may still change without its times showing it


def load(place: str, mark: object) -> Any:
    """The data in the cache file ``place``; ``None`` where there is none with this mark."""
    try:
        status = os.lstat(place)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            return None
        content = read_bytes(place) or b""
        if digest(content[_DIGEST:]).encode() != content[:_DIGEST]:
            return None
        kept = marshal.loads(content[_DIGEST:])  # noqa: S302 - our own file, see above
    except (OSError, ValueError, EOFError, TypeError):
        return None
    whole = isinstance(kept, tuple) and len(kept) == 2 and kept[0] == mark
    return kept[1] if whole else None


def keep(place: str, mark: Any, data: Any) -> None:
    """Write plain data with a mark to the cache file ``place``. Errors are ignored."""
    try:
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        content = marshal.dumps((mark, data))
        write(place, digest(content).encode() + content)
    except (OSError, ValueError):
        return


def parsed(path: str, parse: Callable[[str], Any], cache_dir: str) -> Any:
    """``parse(path)``, from the cache if the file has not changed since.

    The result must be plain data (what ``marshal`` takes). Errors of ``parse`` are passed on and
    not cached, nor is what was made of a file that could not be read for a moment. A result with a
    secret is not cached, so that the secret is in one file only.
    Without a cache directory (``""``), or if it cannot be used, the file is parsed each time.
    """
    try:
        status = os.stat(path)
    except OSError:
        return parse(path)
    if not cache_dir:
        return parse(path)
    identity = (_FORMAT, path, *_seen(status))
    place = os.path.join(cache_dir, "parsed", f"{hash_of(path):016x}")
    remembered = load(place, identity)
    if remembered is not None:
        return remembered
    before = files.hiccups
    answer = parse(path)
    if files.hiccups == before and _is_settled(status) and not holds_secret(answer):
        keep(place, identity, answer)
    return answer


class Family:
    """One cache file for many files or directories that are read together.

    The parsed results must be plain data. Without a ``cache_dir`` nothing is cached.
    """

    def __init__(self, name: str, cache_dir: str) -> None:
        self.mark = (_FORMAT, name)
        self.place = os.path.join(cache_dir, "families", f"{hash_of(name):016x}")
        self.known: dict[str, Any] = (cache_dir and load(self.place, self.mark)) or {}
        self.asked: dict[str, Any] = {}
        self.cached = bool(cache_dir)

    def parsed(self, path: str, parse: Callable[[str], Any], about: str = "") -> Any:
        """As :func:`parsed`. A directory's result is valid until an entry is added or removed.

        ``about`` tells apart several results for the same path.
        """
        try:
            status = os.stat(path)
        except OSError:
            return parse(path)
        seen = _seen(status)
        key = path + about
        remembered = self.known.get(key)
        before = files.hiccups
        if remembered is None or remembered[0] != seen:
            remembered = (seen, parse(path))
        if files.hiccups == before and _is_settled(status):
            self.asked[key] = remembered
        return remembered[1]

    def keep(self) -> None:
        """Write the cache file: the results asked for since ``__init__``, and no older ones."""
        if self.cached and self.asked != self.known:
            keep(self.place, self.mark, self.asked)


def _seen(status: os.stat_result) -> tuple[int, ...]:
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return (status.st_size, *times, status.st_ino, status.st_dev)


def _is_settled(status: os.stat_result) -> bool:
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _FRESH_NS


def hash_of(text: str) -> int:
    """FNV-1a over the text, 64 bits, for names of cache files. A collision only costs time."""
    value = 0xCBF29CE484222325
    for byte in os.fsencode(text):
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value
