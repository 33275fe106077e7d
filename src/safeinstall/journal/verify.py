"""Checks whether a journal is still as it was written.

The chain of hashes shows every edit, removal and insertion in a file. That the end was cut off, or
that the whole file was rewritten with new hashes, is only seen by comparing with the mirror. So the
promise is "tamper-evident since the last record the mirror has".
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os

from safeinstall.files import close
from safeinstall.journal import places, rewritten, seal, tail
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
"""From the best to the worst; a journal has the worst status that was found."""

SOUND = frozenset(("empty", "verified", "repaired"))

_MOST_PROBLEMS = 20


class Problem(Value):
    """Something that is not as it was written."""

    status: str
    file: str
    record: int | None  # counted from 0, as ``seq``; None if it is about a whole file
    message: str
    line: int = 0  # in the file, counted from 1; 0 if it is about a whole file


class Report(Value):
    """The result of checking one environment's journal."""

    prefix: str
    records: int = 0  # valid records in the copy that was checked first
    head: str = ""  # the last valid record's hash, which users may keep elsewhere
    anchored: bool = False  # it was compared with a mirror
    since: str = ""  # when the first valid record was written
    repairs: int = 0  # repair records: damage that was found and repaired earlier
    copied_from: str = ""  # where the environment has brought all of it along: the other prefix
    replaced: bool = False  # that prefix was replaced in the lines, and is read in its place
    problems: tuple[Problem, ...] = ()

    @property
    def status(self) -> str:
        """One of :data:`STATUSES`."""
        mended = "repaired" if self.repairs else "verified"
        found = [problem.status for problem in self.problems]
        return max([*found, mended if self.records else "empty"], key=STATUSES.index)


def verify(prefix: str, paths: Iterable[str]) -> Report:
    """Check every record of a journal. ``paths`` are those that :mod:`.read` returns: of the
    primary and the mirror, or of one of them. A file that cannot be read is one of the problems,
    and so is a damaged line in what the environment has brought along.
    """
    files = tuple(paths)
    journals = [path for path in files if not places.is_aside(path)]
    own = [path for path in journals if not isinstance(path, rewritten.Brought)] or journals
    present = [path for path in own if not places.is_former(os.path.dirname(path))]
    checks = [_Check(path).run() for path in present or own]
    ours = [check for check in checks if not check.denied]
    report = _report(prefix, ours or checks)  # a copy may be readable for another user only
    brought = [path for path in journals if path not in own]
    brought += filter(places.is_origin, files)
    damage = [problem for path in brought for problem in _damage(path)]
    return report.replace(problems=(*report.problems, *damage))


def _damage(path: str) -> Iterator[Problem]:
    """The damaged lines in what came along with a copied environment. Whether its records follow on
    each other is not asked: if keeping them was interrupted, they are in two directories.
    """
    for problem in _Check(path, linked=False).run().problems:
        if problem.status in ("altered", "torn"):  # nobody will set aside a torn end there
            yield problem.replace(status="altered")


def _report(prefix: str, checks: list[_Check]) -> Report:
    if not checks:
        return Report(prefix)
    readable = [check for check in checks if not check.failed]
    first = (readable or checks)[0]
    # A mirror is no copy of a primary that this user may not write, but a separate journal.
    mirrored = len(readable) == len(checks) > 1 and os.access(first.path, os.W_OK)
    problems = [problem for check in checks for problem in check.problems]
    brought = first.path if isinstance(first.path, rewritten.Brought) else None
    if mirrored:
        problems += _compared(first, checks[1])
    return Report(
        prefix,
        records=first.count,
        head=first.head,
        anchored=mirrored and checks[1].count > 0,
        since=first.since,
        repairs=first.repairs,
        copied_from=brought.home or "elsewhere" if brought else "",
        replaced=bool(brought and brought.undo),
        problems=tuple(problems),
    )


class _Check:
    """Checks the files of one copy of a journal, in constant memory."""

    def __init__(self, path: str, *, linked: bool = True) -> None:
        self.path = path
        self.linked = linked  # each record must follow on the one before it
        self.count = 0
        self.repairs = 0
        self.head = ""
        self.since = ""
        self.problems: list[Problem] = []
        self.failed: list[OSError] = []  # for files that could not be read
        self._previous: Json | None = None
        self._damaged: list[_Line] = []  # the first damaged lines after the last valid record
        self._torn = False  # there is one damaged line, which may have been cut short

    def run(self) -> _Check:
        as_written = rewritten.as_written(self.path)
        for where in _lines(self.path, self.failed.append):
            record = seal.read(as_written(where[3]))
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
        """Was this user not allowed to read the open file?"""
        return any(e.errno in tail.DENIED and e.filename == self.path for e in self.failed)

    def _end(self) -> None:
        if self._damaged and self._torn:
            self._report("torn", self._damaged[0], "the last record is not whole")
        else:
            self._report_damaged()

    def _whole(self, where: _Line, record: Json) -> None:
        if self.linked and not self._damaged:
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
    """Can the line be the result of an interrupted write? Only if it is in the open file, and is no
    complete record: such a record was altered.
    """
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
    """Compare the primary with the mirror, which may lack newer records but must not differ."""
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
    """The number of lines after the record with this hash; None where there is no such record."""
    fd = tail.opened(path)
    try:
        parts = tail.after(fd, os.path.dirname(path), head)
        return None if parts is None else sum(part.count(b"\n") for part in parts)
    finally:
        close(fd)


def _lines(path: str, failed: Callable[[OSError], object]) -> Iterator[_Line]:
    """Every line: its number, its file, its number in that file, and its bytes."""
    counter = itertools.count()
    for name, file in _files(path, failed):
        try:
            for at, data in enumerate(_bounded(file), 1):
                yield next(counter), name, at, data
        except OSError as error:
            failed(_named(error, name))


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """The lines; of a line that is too long for a record, only the beginning."""
    while data := file.readline(seal.LONGEST):
        yield data
        while data and not data.endswith(b"\n"):
            data = file.readline(seal.LONGEST)


def _files(path: str, failed: Callable[[OSError], object]) -> Iterator[tuple[str, BinaryIO]]:
    """The closed files, the oldest first, then the open file.

    The open file is opened before the closed ones are listed, because it may be closed at any
    moment and would be left out. If it is found among the closed ones, newer files are ignored.
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
