"""Is the record still what was written?

The chain shows every edit, removal and insertion in a file. That the tail was cut off, or the
whole file rewritten by somebody who can compute hashes, shows against the mirror only: the promise
is "tamper-evident since the last record the mirror has".
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os

from safeinstall.files import close
from safeinstall.journal import places, seal, tail
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from safeinstall.model import Json

    _Line = tuple[int, str, int, bytes]  # number, file, number in the file, the line itself

STATUSES = (
    *("empty", "verified", "repaired", "torn", "truncated"),
    *("missing", "unreadable", "rewritten", "altered"),
)
"""From the best to the worst; a journal has the worst that was found."""

SOUND = frozenset(("empty", "verified", "repaired"))

_MOST_PROBLEMS = 20


class Problem(Value):
    """Something that is not as it was written."""

    status: str
    file: str
    record: int | None  # counted from 0, as ``seq``; None where a whole file is meant
    message: str
    line: int = 0  # in the file, counted from 1; 0 where no line is meant


class Report(Value):
    """What became of one environment's journal."""

    prefix: str
    records: int = 0  # whole records in the file that was checked first
    head: str = ""  # the last whole record's hash, to be kept elsewhere
    anchored: bool = False  # a mirror was there to compare with
    since: str = ""  # when the first whole record was written
    repairs: int = 0  # damage that was found and mended earlier, on record
    problems: tuple[Problem, ...] = ()

    @property
    def status(self) -> str:
        """One of :data:`STATUSES`."""
        mended = "repaired" if self.repairs else "verified"
        found = [problem.status for problem in self.problems]
        return max([*found, mended if self.records else "empty"], key=STATUSES.index)


def verify(prefix: str, files: Iterable[str]) -> Report:
    """Check every record of a journal, given as :mod:`safeinstall.journal.read` names its files:
    the primary and its mirror, or one of them. What cannot be read is one of the problems.
    """
    journals = [path for path in files if not places.is_aside(path)]
    present = [path for path in journals if not places.is_former(os.path.dirname(path))]
    checks = [_Check(path).run() for path in present or journals]
    ours = [check for check in checks if not check.denied]
    return _report(prefix, ours or checks)  # another user's may be for them alone


def _report(prefix: str, checks: list[_Check]) -> Report:
    if not checks:
        return Report(prefix)
    readable = [check for check in checks if not check.failed]
    first = (readable or checks)[0]
    # What we may not write has never been mirrored: then the other copy is a journal of its own.
    mirrored = len(readable) == len(checks) > 1 and os.access(first.path, os.W_OK)
    problems = [problem for check in checks for problem in check.problems]
    if mirrored:
        problems += _compared(first, checks[1])
    return Report(
        prefix,
        records=first.count,
        head=first.head,
        anchored=mirrored and checks[1].count > 0,
        since=first.since,
        repairs=first.repairs,
        problems=tuple(problems),
    )


class _Check:
    """One pass over one sequence of files, in constant memory."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.count = 0
        self.repairs = 0
        self.head = ""
        self.since = ""
        self.problems: list[Problem] = []
        self.failed: list[OSError] = []  # for what of it could not be read
        self._previous: Json | None = None
        self._damaged: list[_Line] = []  # since the last whole record, the first of them
        self._torn = False  # may the last one of them have been cut short?

    def run(self) -> _Check:
        for where in _lines(self.path, self.failed.append):
            record = seal.read(where[3])
            if record is None:
                if len(self._damaged) < _MOST_PROBLEMS:
                    self._damaged.append((*where[:3], b""))
                self._torn = len(self._damaged) == 1 and _may_be_torn(where, self.path)
            else:
                self._whole(where, record)
        self._end()
        self.problems += map(_unreadable, self.failed)
        return self

    @property
    def denied(self) -> bool:
        """Is it not for us to read?"""
        return any(e.errno in tail.DENIED and e.filename == self.path for e in self.failed)

    def _end(self) -> None:
        if self._damaged and self._torn:
            self._report("torn", self._damaged[0], "the last record is not whole")
        else:
            self._report_damaged()

    def _whole(self, where: _Line, record: Json) -> None:
        if not self._damaged:
            self._check_link(where, record)
        self._report_damaged()
        self.count += 1
        self.repairs += record.get("kind") == "repair"
        self.head = record["hash"]
        self.since = self.since or str(record.get("time", ""))
        self._previous = record

    def _check_link(self, at: _Line, record: Json) -> None:
        before = self._previous or {"hash": "", "seq": -1, "chain": record["chain"]}
        expected = (before["chain"], before["seq"] + 1, before["hash"])
        if (record["chain"], record["seq"], record["prev"]) != expected:
            where = "the one before it" if self._previous else "the beginning"
            self._report("altered", at, f"does not follow on {where}")

    def _report_damaged(self) -> None:
        for where in self._damaged:
            self._report("altered", where, "is not as it was written")
        self._damaged = []

    def _report(self, status: str, where: _Line, message: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            number, file, at, _ = where
            self.problems.append(Problem(status, file, number, message, at))


def _may_be_torn(where: _Line, path: str) -> bool:
    """A write is cut short at the end of the open file only; what still is a record was altered."""
    return where[1] == path and seal.claims(where[3]) is None


def _unreadable(error: OSError) -> Problem:
    if error.errno == errno.ENOENT:
        return Problem("missing", str(error.filename), None, "there is no such file")
    return Problem("unreadable", str(error.filename), None, str(error.strerror))


def _compared(primary: _Check, mirror: _Check) -> list[Problem]:
    try:
        return _compare(primary, mirror)
    except OSError as error:
        return [_unreadable(_named(error, primary.path))]


def _compare(primary: _Check, mirror: _Check) -> list[Problem]:
    """The primary against the mirror, which may lag behind it but not differ."""
    if primary.head == mirror.head or not mirror.head:
        return []
    if _behind(primary.path, mirror.head) is not None:
        return []
    more = _behind(mirror.path, primary.head)
    if more is not None:
        message = f"is followed by {more} more in the mirror, {mirror.path}"
        return [Problem("truncated", primary.path, primary.count - 1, message)]
    number, file, at, _ = _first_difference(primary.path, mirror.path)
    return [Problem("rewritten", file, number, f"differs from the mirror, {mirror.path}", at)]


def _first_difference(one: str, other: str) -> _Line:
    last = (0, one, 0, b"")
    pairs = itertools.zip_longest(_lines(one, tail.throw), _lines(other, tail.throw))
    for mine, theirs in pairs:
        last = mine or (theirs[0], *last[1:])
        if not (mine and theirs) or mine[3] != theirs[3]:
            break
    return last


def _behind(path: str, head: str) -> int | None:
    """How many lines follow on the record with this hash; None where it is not there."""
    fd = tail.opened(path)
    try:
        parts = tail.after(fd, os.path.dirname(path), head)
        return None if parts is None else sum(part.count(b"\n") for part in parts)
    finally:
        close(fd)


def _lines(path: str, failed: Callable[[OSError], object]) -> Iterator[_Line]:
    """Every line with its number, its file and its number there."""
    counter = itertools.count()
    for name, file in _files(path, failed):
        try:
            for at, data in enumerate(_bounded(file), 1):
                yield next(counter), name, at, data
        except OSError as error:
            failed(_named(error, name))


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """The lines; what is too long for a record without all that follows on its beginning."""
    while data := file.readline(seal.LONGEST):
        yield data
        while data and not data.endswith(b"\n"):
            data = file.readline(seal.LONGEST)


def _files(path: str, failed: Callable[[OSError], object]) -> Iterator[tuple[str, BinaryIO]]:
    """The open file and those closed before it, the oldest first.

    The open one is opened before the others are listed: it may be closed at any moment, and would
    be left out. Then it is among them, perhaps with newer ones behind it.
    """
    with _tried(path, failed) as last:
        for name in reversed(tail.tried(places.closed, os.path.dirname(path), failed) or []):
            with _tried(name, failed) as file:
                if file and last and os.path.sameopenfile(file.fileno(), last.fileno()):
                    break
                if file:
                    yield name, file
        if last:
            yield path, last


def _tried(
    path: str, failed: Callable[[OSError], object]
) -> contextlib.AbstractContextManager[BinaryIO | None]:
    return tail.tried(_opened, path, failed) or contextlib.nullcontext()


def _opened(path: str) -> BinaryIO:
    return open(tail.opened(path), "rb")


def _named(error: OSError, path: str) -> OSError:
    return OSError(error.errno, error.strerror, error.filename or path)
