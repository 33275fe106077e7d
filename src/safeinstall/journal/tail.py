"""The end of a journal file. What reading it costs does not depend on the file's size."""

from __future__ import annotations

import os

from safeinstall.journal import line as lines
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FIRST_BLOCK = 8192
_LARGEST_BLOCK = 1 << 18


class Tail(Value):
    """Where a journal stands."""

    size: int = 0  # of the file in bytes
    end: int = 0  # where the last whole record ends; less than size: the rest is damaged
    record: dict[str, Any] | None = None  # the last whole record

    @property
    def hash(self) -> str:
        """The last whole record's hash, ``""`` where there is none."""
        return str(self.record["hash"]) if self.record else ""

    @property
    def seq(self) -> int:
        """The last whole record's number, -1 where there is none."""
        return int(self.record["seq"]) if self.record else -1


def read(fd: int) -> Tail:
    """The last whole record of an open journal, and what follows it."""
    size = os.fstat(fd).st_size
    for offset, line in backwards(fd, size):
        record = lines.read(line)
        if record is not None:
            return Tail(size=size, end=offset + len(line), record=record)
    return Tail(size=size)


def backwards(fd: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The lines before ``end`` with their offsets, the last one first, newlines included."""
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


def after(fd: int, value: str) -> bytes | None:
    """All bytes behind the record with this hash; None where there is no such record."""
    size = os.fstat(fd).st_size
    closing = lines.closing(value)
    for offset, line in backwards(fd, size):
        if line.endswith(closing):
            return _exactly(fd, size - offset - len(line), offset + len(line))
    return None


def everything(fd: int) -> bytes:
    """All bytes of the file."""
    return _exactly(fd, os.fstat(fd).st_size, 0)


def _exactly(fd: int, length: int, offset: int) -> bytes:
    """pread may give less than asked for, and gives nothing where the file was cut meanwhile."""
    data = os.pread(fd, length, offset)
    while len(data) < length:
        more = os.pread(fd, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data
