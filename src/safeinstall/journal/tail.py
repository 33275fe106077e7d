"""The end of a journal. What reading it costs does not depend on the journal's size.

Functions that take a ``directory`` go on in its closed files where the open one is exhausted.
Those that take ``failed`` call it with the OSError of what cannot be opened, its path in
``filename``, and pass that over; as a rule it raises the error.
"""

from __future__ import annotations

import errno
import os
import stat

from safeinstall.journal import line as lines
from safeinstall.journal import places
from safeinstall.probe.files import close
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


class Tail(Value):
    """Where a journal stands."""

    size: int = 0  # of the open file in bytes
    end: int = 0  # of the last whole line that is a record, or was one; less than size: torn
    record: dict[str, Any] | None = None  # the last whole record, perhaps of a closed file

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
    for offset, line in backwards(fd, size):
        record = lines.read(line)
        if not end and (record or lines.claims(line)):
            end = offset + len(line)
        if record is not None:
            return Tail(size=size, end=end, record=record)
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
    for _, _, line in _backwards_closed(directory, failed):
        record = lines.read(line)
        if record is not None:
            return record
    return None


def sequence(
    fd: int, path: str, end: int, failed: Callable[[OSError], object] = throw
) -> Iterator[tuple[str, int, bytes]]:
    """All lines, the last one first, each with its file and offset. Raises OSError.

    ``path`` is that of the open file ``fd``, which is read from ``end`` on.
    """
    for offset, line in backwards(fd, end):
        yield path, offset, line
    if os.path.basename(path) == places.FILE:
        yield from _backwards_closed(os.path.dirname(path), failed)


def _backwards_closed(
    directory: str, failed: Callable[[OSError], object] = throw
) -> Iterator[tuple[str, int, bytes]]:
    for path in tried(places.closed, directory, failed) or ():
        fd = tried(opened, path, failed)
        if fd is None:
            continue
        try:
            for offset, line in backwards(fd, os.fstat(fd).st_size):
                yield path, offset, line
        finally:
            close(fd)


def backwards(fd: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The lines of one file before ``end`` with their offsets, the last one first, newlines
    included.
    """
    pending = b""
    block = _FIRST_BLOCK
    while end > 0:
        start = max(0, end - block)
        pending = _exactly(fd, end - start, start) + pending
        stop = len(pending)
        while (cut := pending.rfind(b"\n", 0, stop - 1)) >= 0:
            yield start + cut + 1, pending[cut + 1 : stop]
            stop = cut + 1
        pending = pending[:stop]
        end = start
        block = min(2 * block, _LARGEST_BLOCK)
    if pending:
        yield 0, pending


def after(fd: int, directory: str, value: str) -> Iterator[bytes] | None:
    """All bytes behind the record with this hash, in order and file by file; None where there is
    no such record. ``""`` stands before the first. Raises OSError, also while it is read.
    """
    size = os.fstat(fd).st_size
    if not value:
        return _from(fd, 0, places.closed(directory)[::-1], 0)
    closing = lines.closing(value)
    for offset, line in backwards(fd, size):
        if line.endswith(closing):
            return _from(fd, offset + len(line), [], 0)
    newer: list[str] = []
    for path, offset, line in _backwards_closed(directory):
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
            yield _exactly(older, os.fstat(older).st_size - first, first)
        finally:
            close(older)
        first = 0
    yield _exactly(fd, os.fstat(fd).st_size - start, start)


def _exactly(fd: int, length: int, offset: int) -> bytes:
    """pread may give less than asked for, and gives nothing where the file was cut meanwhile."""
    data = os.pread(fd, length, offset)
    while len(data) < length:
        more = os.pread(fd, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data
