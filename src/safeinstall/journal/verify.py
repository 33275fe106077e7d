"""Is the record still what was written?

The chain shows every edit, removal and insertion in a file. That the tail was cut off, or the
whole file rewritten by somebody who can compute hashes, shows against the mirror only: the promise
is "tamper-evident since the last record the mirror has".
"""

from __future__ import annotations

import itertools
import os

from safeinstall.errors import JournalError
from safeinstall.journal import line, places, store, tail
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Json

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


class Report(Value):
    """What became of one environment's journal."""

    prefix: str
    records: int = 0  # whole records in the file that was checked first
    head: str = ""  # the last whole record's hash, to be kept elsewhere
    anchored: bool = False  # a mirror was there to compare with
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
    journals = [path for path in files if os.path.basename(path) == places.FILE]
    try:
        return _verify(prefix, list(filter(os.path.isfile, journals)))
    except OSError as error:
        raise JournalError(f"the journal cannot be read: {error.strerror}") from error


def _verify(prefix: str, journals: list[str]) -> Report:
    checks = [_Check(path).run() for path in journals]
    if not checks:
        return Report(prefix)
    first, *others = checks
    problems = [problem for check in checks for problem in check.problems]
    if others:
        problems += _compare(first, others[0])
    return Report(
        prefix,
        records=first.count,
        head=first.head,
        anchored=bool(others) and others[0].count > 0,
        repairs=first.repairs,
        problems=tuple(problems),
    )


class _Check:
    """One pass over one file, in constant memory."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.count = 0
        self.repairs = 0
        self.head = ""
        self.problems: list[Problem] = []
        self._previous: Json | None = None
        self._damaged: list[int] = []  # lines since the last whole record

    def run(self) -> _Check:
        for number, data in enumerate(_lines(self.path)):
            record = line.read(data)
            if record is None:
                self._damaged.append(number)
            else:
                self._whole(number, record)
        if len(self._damaged) == 1:
            self._report("torn", self._damaged[0], "the last record is not whole")
        else:
            self._report_damaged()
        return self

    def _whole(self, number: int, record: Json) -> None:
        if not self._damaged:
            self._check_link(number, record)
        self._report_damaged()
        self.count += 1
        self.repairs += record.get("kind") == "repair"
        self.head = record["hash"]
        self._previous = record

    def _check_link(self, number: int, record: Json) -> None:
        before = self._previous or {"hash": "", "seq": -1, "chain": record["chain"]}
        expected = (before["chain"], before["seq"] + 1, before["hash"])
        if (record["chain"], record["seq"], record["prev"]) != expected:
            where = "the one before it" if self._previous else "the beginning"
            self._report("altered", number, f"does not follow on {where}")

    def _report_damaged(self) -> None:
        for number in self._damaged:
            self._report("altered", number, "is not as it was written")
        self._damaged = []

    def _report(self, status: str, number: int, message: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(status, self.path, number, message))


def _compare(primary: _Check, mirror: _Check) -> list[Problem]:
    """The primary against the mirror, which may lag behind it but not differ."""
    if primary.head == mirror.head or not mirror.head:
        return []
    if _rest(primary.path, mirror.head) is not None:
        return []
    missing = _rest(mirror.path, primary.head) if primary.head else b"\n" * mirror.count
    if missing is not None:
        more = missing.count(b"\n")
        message = f"is followed by {more} more in the mirror, {mirror.path}"
        return [Problem("truncated", primary.path, primary.count - 1, message)]
    number = _first_difference(primary.path, mirror.path)
    message = f"differs from the mirror, {mirror.path}"
    return [Problem("rewritten", primary.path, number, message)]


def _first_difference(one: str, other: str) -> int:
    pairs = itertools.zip_longest(_lines(one), _lines(other))
    return next((number for number, (a, b) in enumerate(pairs) if a != b), 0)


def _rest(path: str, head: str) -> bytes | None:
    fd = os.open(path, store.READ)
    try:
        return tail.after(fd, head)
    finally:
        os.close(fd)


def _lines(path: str) -> Iterator[bytes]:
    with open(os.open(path, store.READ), "rb") as file:
        yield from file
