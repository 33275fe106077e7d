"""The metadata directories of Python distributions that conda-meta records list; for a package
without any, its modules.

A record lists every file of its package, and the records of one environment have some ten
megabytes. Only the list of files in each is searched, without parsing JSON.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.files import names_in, read_bytes
from safeinstall.probe.spare_files import STRAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.cache import Family

    Claim = tuple[int, tuple[str, ...], bool, tuple[str, ...]]

_ENOUGH = (1 << 16, 1 << 26)  # bytes to read: first a part, which most often has the whole list
_PLACE = b"site-packages/"  # vendored distributions lie deeper, and are not looked for
_OPENING = (b"", b" ", b"\n", b"\r", b"\t", b",", b"[", b"\\")  # before a quote that closes nothing
# The closing quote excludes longer names that only begin in this way.
_ENDINGS = (b'.dist-info/METADATA"', b'.egg-info"', b'.egg-info/PKG-INFO"')


def read(directory: str, family: Family, cache_dir: str = "") -> dict[str, Claim]:
    """For each record in ``conda-meta``, by file name: when it was written (ns), the names of the
    metadata directories that it lists, whether its list of files is complete, and the modules that
    it lists if it lists no metadata.

    ``family`` caches the whole result until a record is added or removed; a second cache below
    ``cache_dir`` has the result for each record.
    """

    def each(meta: str) -> dict[str, Claim]:
        records = cache.Family(meta, cache_dir)
        names = [name for name in names_in(meta) if name.endswith(".json")]
        found = {name: records.parsed(f"{meta}/{name}", _claim) for name in names}
        records.keep()
        return found

    found: dict[str, Claim] = family.parsed(directory, each)
    return found


def _claim(path: str) -> Claim:
    try:
        written = os.stat(path).st_mtime_ns
    except OSError:
        return 0, (), False, ()
    return written, *_listed(path)


def _listed(path: str) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    record, end = b"", -1
    for limit in _ENOUGH:
        record = read_bytes(path, limit) or b""
        end = _end_of_files(record)
        if end >= 0 or len(record) < limit:
            break
    names, modules = listed_in(record, end if end >= 0 else len(record))
    return names, end >= 0, modules if end >= 0 else ()


def listed_in(paths: bytes, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metadata directories among the quoted paths up to the index ``end``; if there are none,
    the modules.
    """
    names = tuple(sorted(set(_names(paths, end))))
    return names, () if names else tuple(sorted(set(_modules(paths, end))))


def _end_of_files(record: bytes) -> int:
    """The index of the bracket that closes the list of files (not one in a file's name), or -1."""
    start = record.find(b'"files"')
    at = record.find(b"]", start) if start >= 0 else -1
    while at >= 0:
        before = record[max(start, at - 64) : at].rstrip()
        empty = before.endswith(b"[") and before[:-1].rstrip().endswith(b":")
        closed = before.endswith(b'"') and before[-2:-1] not in _OPENING
        if empty or closed:
            return at
        at = record.find(b"]", at + 1)
    return -1


def _names(record: bytes, end: int) -> Iterator[str]:
    for ending in _ENDINGS:
        at = record.find(ending, 0, end)
        while at >= 0:
            slash = record.rfind(b"/", 0, at) + 1
            if record[slash - len(_PLACE) : slash] == _PLACE:
                suffix = ending.partition(b"/")[0].rstrip(b'"')
                yield (record[slash:at] + suffix).decode("utf-8", "replace")
            at = record.find(ending, at + 1, end)


def _modules(record: bytes, end: int) -> Iterator[str]:
    """The public modules directly in site-packages, without those that nobody would miss."""
    at = record.find(_PLACE, 0, end)
    while at >= 0:
        start = at + len(_PLACE)
        path = record[start : record.find(b'"', start)].decode("utf-8", "replace")
        first, slash, rest = path.partition("/")
        name = first if slash else first.partition(".")[0]
        is_module = rest.startswith("__init__.") if slash else path.endswith((".py", ".so"))
        public = name.isidentifier() and name.isascii() and name.strip("_") == name
        if is_module and public and name not in STRAY:
            yield name
        at = record.find(_PLACE, start, end)
