"""Is the record still what was written?

The chain shows every edit, removal and insertion in a file. That the tail was cut off, or the
whole file rewritten by somebody who can compute hashes, shows against the mirror only: the promise
is "tamper-evident since the last record the mirror has".
"""

from __future__ import annotations

import itertools
import os

from safeinstall.errors import JournalError
from safeinstall.journal import line, places, tail
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Json

    _Line = tuple[int, str, int, bytes]  # number, file, number in the file, the line itself

STATUSES = ("empty", "verified", "repaired", "torn", "truncated", "rewritten", "altered")
"""From the best to the worst; a journal has the worst that was found."""

SOUND = frozenset(("empty", "verified", "repaired"))

_MOST_PROBLEMS = 20


class Problem(Value):
    """Something that is not as it was written."""

    status: str
    file: str
    record: int  # counted from 0, as ``seq``
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
    the primary and its mirror, or one of them. Raises JournalError where the disk gives up.
    """
    journals = [path for path in files if os.path.isfile(path) and not places.is_aside(path)]
    present = [path for path in journals if not places.is_former(os.path.dirname(path))]
    readable = [path for path in present or journals if os.access(path, os.R_OK)]
    try:
        return _verify(prefix, readable or journals)  # another user's may be for them alone
    except OSError as error:
        raise JournalError(f"the journal cannot be read: {error.strerror}") from error


def _verify(prefix: str, journals: list[str]) -> Report:
    checks = [_Check(path).run() for path in journals]
    if not checks:
        return Report(prefix)
    first, *others = checks
    problems = [problem for check in checks for problem in check.problems]
    # What we may not write has never been mirrored: then the other copy is a journal of its own.
    mirrored = bool(others) and os.access(first.path, os.W_OK)
    if mirrored:
        problems += _compare(first, others[0])
    return Report(
        prefix,
        records=first.count,
        head=first.head,
        anchored=mirrored and others[0].count > 0,
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
        self._previous: Json | None = None
        self._damaged: list[_Line] = []  # since the last whole record
        self._torn = False  # may the last one of them have been cut short?

    def run(self) -> _Check:
        for where in _lines(self.path):
            record = line.read(where[3])
            if record is None:
                self._damaged.append((*where[:3], b""))
                self._torn = _may_be_torn(where, self.path)
            else:
                self._whole(where, record)
        self._end()
        return self

    def _end(self) -> None:
        if len(self._damaged) == 1 and self._torn:
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
    return where[1] == path and line.claims(where[3]) is None


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
    for mine, theirs in itertools.zip_longest(_lines(one), _lines(other)):
        last = mine or (theirs[0], *last[1:])
        if not (mine and theirs) or mine[3] != theirs[3]:
            break
    return last


def _behind(path: str, head: str) -> int | None:
    """How many lines follow on the record with this hash; None where it is not there."""
    fd = os.open(path, tail.READ)
    try:
        parts = tail.after(fd, os.path.dirname(path), head)
        return None if parts is None else sum(part.count(b"\n") for part in parts)
    finally:
        os.close(fd)


def _lines(path: str) -> Iterator[_Line]:
    """Every line with its number, its file and its number there."""
    counter = itertools.count()
    for file in [*places.closed(os.path.dirname(path))[::-1], path]:
        with open(os.open(file, tail.READ), "rb") as opened:
            for at, data in enumerate(opened, 1):
                yield next(counter), file, at, data
