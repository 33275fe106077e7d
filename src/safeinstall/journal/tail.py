"""Reads the end of a journal. The cost does not depend on the journal's size, and is bounded if the
end is damaged: lines that cannot be records are skipped without parsing them.

Functions with a parameter ``directory`` continue in its closed files when the open file has no more
lines. Functions with a parameter ``failed`` call it with the OSError of a file that cannot be
opened (its path in ``filename``), and then skip the file; the default raises the error.
"""

from __future__ import annotations

import errno
import os
import stat

from safeinstall.files import close
from safeinstall.journal import places
from safeinstall.journal import seal as lines
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    A = TypeVar("A")
    T = TypeVar("T")

DENIED = frozenset((errno.EACCES, errno.EPERM))
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_FIRST_BLOCK = 8192
_LARGEST_BLOCK = 1 << 18
_COPIED = 1 << 20
_FARTHEST = 1 << 28  # bytes that are searched for the last valid record
_MOST = 20_000  # lines that are searched for it, of those that look like records


class Tail(Value):
    """The end of a journal."""

    size: int = 0  # of the open file in bytes
    end: int = 0  # where the last complete record (even an altered one) ends; < size: a torn end
    record: dict[str, Any] | None = None  # the last valid record, perhaps in a closed file
    lost: bool = False  # there may be a valid record, but before too much damage to search

    @property
    def hash(self) -> str:
        """The last valid record's hash, ``""`` where there is none."""
        return str(self.record["hash"]) if self.record else ""

    @property
    def seq(self) -> int:
        """The last valid record's number, -1 where there is none."""
        return int(self.record["seq"]) if self.record else -1

    @property
    def chain(self) -> str:
        """The last valid record's chain, ``""`` where there is none."""
        return str(self.record["chain"]) if self.record else ""


def opened(path: str) -> int:
    """Open a journal file for reading. Raises OSError, also if it is not a regular file."""
    try:
        fd = os.open(path, READ)
    except OSError as error:
        raise _plainly(error) from None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    close(fd)
    raise OSError(errno.EINVAL, "not a regular file", path)


def _plainly(error: OSError) -> OSError:
    """The error with a better text for a symbolic link, which is not followed: the system's text is
    "too many levels of symbolic links".
    """
    if error.errno != errno.ELOOP:
        return error
    return OSError(error.errno, "a symbolic link", error.filename)


def throw(error: OSError) -> None:
    """The default for ``failed``: raise the error."""
    raise error


def pass_over(_: OSError) -> None:
    """A function for ``failed`` that ignores the error."""


def tried(work: Callable[[A], T], argument: A, failed: Callable[[OSError], object]) -> T | None:
    """``work(argument)``; where it raises OSError, ``failed`` is called, and None returned."""
    try:
        return work(argument)
    except OSError as error:
        failed(error)
        return None


def read(fd: int, directory: str, failed: Callable[[OSError], object] = throw) -> Tail:
    """The end of an open journal: its last valid record, and where the torn part begins. Raises
    OSError.

    Altered records after the last valid one are kept as evidence; they do not belong to the torn
    part, which is removed.
    """
    size, end = os.fstat(fd).st_size, 0
    floor = max(0, size - _FARTHEST)
    for count, (offset, line) in enumerate(backwards(fd, size, lines.MARK, floor)):
        record = lines.read(line)
        if not end and (record or lines.claims(line)):
            end = offset + len(line)
        if record is not None:
            return Tail(size=size, end=end, record=record)
        if count > _MOST:
            return Tail(size=size, end=end, lost=True)
    if floor:
        return Tail(size=size, end=end, lost=True)
    return Tail(size=size, end=end, record=_last_closed(directory, failed))


def at(path: str) -> Tail | None:
    """The end of the journal at ``path``; None where it cannot be read."""
    try:
        fd = opened(path)
    except OSError:
        return None
    try:
        return read(fd, os.path.dirname(path))
    except OSError:
        return None
    finally:
        close(fd)


def is_strange(primary: Tail | None, mirror: Tail | None) -> bool:
    """Has the primary records of another chain than the mirror, or the mirror none at all?"""
    if primary is None or not (primary.size or primary.record):
        return False
    return mirror is None or not mirror.chain or mirror.chain != primary.chain


def _last_closed(directory: str, failed: Callable[[OSError], object]) -> dict[str, Any] | None:
    return next(sound(_backwards_closed(directory, failed)), None)


def sound(lines_: Iterator[tuple[str, int, bytes]]) -> Iterator[dict[str, Any]]:
    """The valid records among the lines. Ends after ``_MOST`` invalid lines in a row."""
    damaged = 0
    for _, _, data in lines_:
        record = lines.read(data)
        if record is not None:
            damaged = 0
            yield record
        elif (damaged := damaged + 1) > _MOST:
            return


def sequence(
    fd: int, path: str, end: int, failed: Callable[[OSError], object] = throw
) -> Iterator[tuple[str, int, bytes]]:
    """All lines that may be records, the last one first, each with its file and offset. Raises
    OSError.

    ``path`` is the path of the open file ``fd``, of which the bytes before ``end`` are read.
    """
    for offset, line in backwards(fd, end, lines.MARK):
        yield path, offset, line
    if os.path.basename(path) == places.FILE:
        yield from _backwards_closed(os.path.dirname(path), failed)


def _backwards_closed(
    directory: str, failed: Callable[[OSError], object] = throw, mark: bytes = lines.MARK
) -> Iterator[tuple[str, int, bytes]]:
    for path, fd, size in closed(directory, failed):
        for offset, line in backwards(fd, size, mark):
            yield path, offset, line


def closed(
    directory: str, failed: Callable[[OSError], object] = throw
) -> Iterator[tuple[str, int, int]]:
    """The closed files of a journal, the newest first: path, descriptor and size.

    Each descriptor is closed when the next file is asked for.
    """
    for path in tried(places.closed, directory, failed) or ():
        fd = tried(opened, path, failed)
        if fd is None:
            continue
        try:
            yield path, fd, os.fstat(fd).st_size
        finally:
            close(fd)


def backwards(fd: int, end: int, mark: bytes = b"", floor: int = 0) -> Iterator[tuple[int, bytes]]:
    """The lines of one file before ``end``, the last one first: offset, and bytes with the newline;
    ``b""`` for a line that is too long for a record. Reading stops with the block that contains
    ``floor``.

    With a ``mark``, lines without the mark may be left out, which makes them cheap.
    """
    line = _Unfinished()
    block = _FIRST_BLOCK
    while end > floor:
        start = max(0, end - block)
        data = _exactly(fd, end - start, start)
        stop = len(data)
        while (cut := data.rfind(b"\n", 0, stop - (not line.parts))) >= 0:
            yield start + cut + 1, line.begun_by(data[cut + 1 : stop])
            stop = cut + 1
            if mark:
                stop = _after_mark(data, mark, stop)
        line.grow(data[:stop])
        end = start
        block = min(2 * block, _LARGEST_BLOCK)
    if line.parts and not end:
        yield 0, line.begun_by(b"")


def _after_mark(data: bytes, mark: bytes, stop: int) -> int:
    """The end of the last line before ``stop`` that has the mark; without one, the end of the first
    line, which may have begun before these bytes.
    """
    return data.find(b"\n", max(0, data.rfind(mark, 0, stop)), stop) + 1


class _Unfinished:
    """A line whose beginning has not been read yet."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []  # the last one first
        self.size = 0

    def grow(self, part: bytes) -> None:
        """Put a part before the others; a line that is too long for a record is dropped."""
        self.size += len(part)
        self.parts = [b""] if self.size > lines.LONGEST else [*self.parts, part]

    def begun_by(self, part: bytes) -> bytes:
        """The complete line, whose first part is ``part``; resets this object for the next line."""
        self.grow(part)
        line = b"".join(reversed(self.parts))
        self.parts, self.size = [], 0
        return line


def after(fd: int, directory: str, value: str) -> Iterator[bytes] | None:
    """All bytes after the record with this hash, in order, file by file; None where there is no
    such record. ``""`` stands for the place before the first record.

    Raises OSError, also while the result is iterated.
    """
    size = os.fstat(fd).st_size
    if not value:
        return _from(fd, 0, places.closed(directory)[::-1], 0)
    closing = lines.closing(value)
    for offset, line in backwards(fd, size, closing):
        if line.endswith(closing):
            return _from(fd, offset + len(line), [], 0)
    newer: list[str] = []
    for path, offset, line in _backwards_closed(directory, mark=closing):
        if path not in newer[:1]:
            newer.insert(0, path)
        if line.endswith(closing):
            return _from(fd, 0, newer, offset + len(line))
    return None


def _from(fd: int, start: int, before: list[str], first: int) -> Iterator[bytes]:
    """The bytes of closed files (the first one from ``first`` on), oldest first, then of ``fd``."""
    for path in before:
        older = opened(path)
        try:
            yield from _lines_of(older, first)
        finally:
            close(older)
        first = 0
    yield from _lines_of(fd, start)


def _lines_of(fd: int, start: int) -> Iterator[bytes]:
    """The bytes from ``start`` on, in parts that end at line ends: a part may be the last one of a
    file, and be followed by a part of another file.
    """
    part = b""
    for block in blocks(fd, start):
        cut = block.rfind(b"\n") + 1
        if cut or len(part) > lines.LONGEST:
            yield part + block[:cut]
            part = block[cut:]
        else:
            part += block
    if part:
        yield part


def blocks(fd: int, start: int, end: int = -1) -> Iterator[bytes]:
    """The bytes of a file between two offsets, or to its end, in parts."""
    left = (os.fstat(fd).st_size if end < 0 else end) - start
    while left > 0 and (data := _exactly(fd, min(left, _COPIED), start)):
        yield data
        start += len(data)
        left -= len(data)


def _exactly(fd: int, length: int, offset: int) -> bytes:
    """``length`` bytes; fewer if the file was cut in the meantime. ``pread`` may return a part."""
    data = os.pread(fd, length, offset)
    while len(data) < length:
        more = os.pread(fd, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data
