"""The end of a journal. What reading it costs does not depend on the journal's size, and is bounded
where the end is damaged: lines that cannot be records are passed over without being looked at.

Functions that take a ``directory`` go on in its closed files where the open one is exhausted.
Those that take ``failed`` call it with the OSError of what cannot be opened, its path in
``filename``, and pass that over; as a rule it raises the error.
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
_FARTHEST = 1 << 28  # bytes of damage behind the last whole record, or else it is not looked for
_MOST = 20_000  # lines that look like records and are none; likewise


class Tail(Value):
    """Where a journal stands."""

    size: int = 0  # of the open file in bytes
    end: int = 0  # of the last whole line that is a record, or was one; less than size: torn
    record: dict[str, Any] | None = None  # the last whole record, perhaps of a closed file
    lost: bool = False  # there may be a record, but it lies behind more damage than is looked at

    @property
    def hash(self) -> str:
        """The last whole record's hash, ``""`` where there is none."""
        return str(self.record["hash"]) if self.record else ""

    @property
    def seq(self) -> int:
        """The last whole record's number, -1 where there is none."""
        return int(self.record["seq"]) if self.record else -1

    @property
    def chain(self) -> str:
        """The last whole record's chain, ``""`` where there is none."""
        return str(self.record["chain"]) if self.record else ""


def opened(path: str) -> int:
    """A file of a journal, to be read. Raises OSError, also where it is no regular file."""
    try:
        fd = os.open(path, READ)
    except OSError as error:
        raise _plainly(error) from None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    close(fd)
    raise OSError(errno.EINVAL, "not a regular file", path)


def _plainly(error: OSError) -> OSError:
    """A link is not followed; "too many levels" of them is not what is wrong."""
    if error.errno != errno.ELOOP:
        return error
    return OSError(error.errno, "a symbolic link", error.filename)


def throw(error: OSError) -> None:
    """Nothing is passed over."""
    raise error


def pass_over(_: OSError) -> None:
    """For those who take what there is."""


def tried(work: Callable[[A], T], argument: A, failed: Callable[[OSError], object]) -> T | None:
    """What comes of it; None where it failed, after ``failed`` has been told."""
    try:
        return work(argument)
    except OSError as error:
        failed(error)
        return None


def read(fd: int, directory: str, failed: Callable[[OSError], object] = throw) -> Tail:
    """The last whole record of an open journal, and what follows it. Raises OSError.

    Altered records behind it are evidence, and no part of what is torn.
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
    """The same of a journal by its path; None where it cannot be read."""
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
    """Does the primary hold something of which the mirror, at the least, knows nothing?"""
    if primary is None or not (primary.size or primary.record):
        return False
    return mirror is None or not mirror.chain or mirror.chain != primary.chain


def _last_closed(directory: str, failed: Callable[[OSError], object]) -> dict[str, Any] | None:
    return next(sound(_backwards_closed(directory, failed)), None)


def sound(lines_: Iterator[tuple[str, int, bytes]]) -> Iterator[dict[str, Any]]:
    """The whole records among some lines, which are passed over until there is too much damage."""
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

    ``path`` is that of the open file ``fd``, which is read from ``end`` on.
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
    """The closed files of a journal, the newest first, each with its size and open as long as it
    is at hand.
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
    """The lines of one file before ``end`` with their offsets, the last one first, newlines
    included; ``b""`` for one that is too long to be a record. Nothing is looked at before
    ``floor``, as far as a block allows.

    With a ``mark``, lines without it may be left out; they cost next to nothing then.
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
    """Where the last line with the mark ends, before ``stop``; else the first line, which may have
    begun before these bytes.
    """
    return data.find(b"\n", max(0, data.rfind(mark, 0, stop)), stop) + 1


class _Unfinished:
    """A line whose beginning has not been read yet."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []  # the last one first
        self.size = 0

    def grow(self, part: bytes) -> None:
        """Put a part before the others, as long as it may still become a record."""
        self.size += len(part)
        self.parts = [b""] if self.size > lines.LONGEST else [*self.parts, part]

    def begun_by(self, part: bytes) -> bytes:
        """The whole line; the next one is begun."""
        self.grow(part)
        line = b"".join(reversed(self.parts))
        self.parts, self.size = [], 0
        return line


def after(fd: int, directory: str, value: str) -> Iterator[bytes] | None:
    """All bytes behind the record with this hash, in order and file by file; None where there is
    no such record. ``""`` stands before the first. Raises OSError, also while it is read.
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
    """Closed files, the oldest first and that one from ``first`` on, then the open one."""
    for path in before:
        older = opened(path)
        try:
            yield from _lines_of(older, first)
        finally:
            close(older)
        first = 0
    yield from _lines_of(fd, start)


def _lines_of(fd: int, start: int) -> Iterator[bytes]:
    """The bytes from ``start`` on, in parts that end where a line does: a part may be the last of a
    file, and the next one the first of another.
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
    """pread may give less than asked for, and gives nothing where the file was cut meanwhile."""
    data = os.pread(fd, length, offset)
    while len(data) < length:
        more = os.pread(fd, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data
