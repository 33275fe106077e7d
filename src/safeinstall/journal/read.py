"""Reads the records of one environment or of all, newest first, also from damaged files."""

from __future__ import annotations

import fcntl
import heapq
import itertools
import os
import time

from safeinstall.files import close
from safeinstall.journal import copies, places, rewritten, seal, tail
from safeinstall.journal.rewritten import Brought
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from safeinstall.model import Json

    _File = tuple[str, int]  # the path, and the open descriptor

_BEFORE_ALL: Json = {"seq": -1}
_SINGLY = 500  # more damaged lines in a row are reported together
_PATIENCE = 0.2  # seconds to wait for a writer to finish its line


class Damage(Value):
    """Something in one copy of the journal that could not be read, and was skipped.

    The other records are read, and the same records from the other copy, if it has them.
    """

    file: str
    number: int = 0  # of the line, from 1; 0 where it is about the whole file
    message: str = "not a whole record, passed over"

    def __str__(self) -> str:
        place = f"{self.file}:{self.number}" if self.number else self.file
        return f"{place}: {self.message}"


class Known(Value):
    """An environment that has a journal in the state directory; it may not exist any more."""

    prefix: str  # the mirror's directory, where no record names the prefix
    name: str
    files: tuple[str, ...]

    @property
    def gone(self) -> bool:
        """Does the prefix not exist any more?"""
        return not os.path.isdir(self.prefix)


def of_prefix(prefix: str, state_dir: str) -> tuple[str, ...]:
    """The paths of the journal files of the environment at ``prefix``, including files that are
    missing or cannot be read. What a copied environment has brought along is :class:`Brought`.
    """
    primary, mirror = places.primary(prefix), places.mirror(prefix, state_dir)
    main = primary.path
    theirs, ours = _files(primary.directory), _files(mirror.directory)
    ours += [file for directory in places.formers(mirror.directory) for file in _files(directory)]
    if ours and main not in theirs and os.path.isdir(primary.directory):
        theirs.insert(0, main)  # it existed once, so a missing file must be reported
    if tail.is_strange(tail.at(primary.path), tail.at(mirror.path)):
        kin = copies.look(prefix, mirror)
        if kin and kin.what == "moved":
            ours = _files(kin.mirror) + ours
        if kin and kin.what == "moved" and not kin.whole and not _is_ahead(kin):
            theirs = []  # the mirror has the same records
        elif kin and not (kin.what == "moved" and kin.whole):
            theirs = [Brought.of(file, kin.prefix or "", kin.undo) for file in theirs]
    return (*theirs, *ours)


def _is_ahead(kin: copies.Kin) -> bool:
    """Has the moved journal records that its mirror lacks?"""
    mirror = tail.at(os.path.join(kin.mirror, places.FILE))
    return kin.undo is not None and mirror is not None and mirror.seq < kin.seq


def known(state_dir: str) -> list[Known]:
    """Every environment with a journal in the state directory."""
    directory = places.mirrors(state_dir)
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    mirrors = filter(os.path.isdir, (os.path.join(directory, name) for name in names))
    found = (_known(mirror, state_dir) for mirror in mirrors)
    return [item for item in found if item]


def records(files: Iterable[str], damages: list[Damage]) -> Iterator[Json]:
    """The records in these files, newest first and each once; damage is added to ``damages``.

    Within one chain they are in the chain's order; several chains are merged by time. Records that
    are damaged or missing in one copy are taken from the other copy. A file that cannot be read is
    left out, and is a damage, too.
    """
    opened = _opened(dict.fromkeys(files), damages)
    try:
        chains: dict[str, list[Iterator[Json]]] = {}
        for chain, copies in _equal(opened):
            chains.setdefault(chain, []).append(_whole(copies, damages))
        merged = [heapq.merge(*files, key=_seq, reverse=True) for files in chains.values()]
        seen: set[str] = set()
        for record in heapq.merge(*merged, key=_time, reverse=True):
            if record["hash"] not in seen:
                seen.add(record["hash"])
                yield record
    finally:
        for _, fd in opened:
            close(fd)


def _seq(record: Json) -> int:
    return int(record["seq"])


def _time(record: Json) -> tuple[str, str]:
    """The sort key by time; the operation's ID has a finer resolution than a millisecond."""
    return str(record.get("time", "")), str(record.get("op", ""))


def _files(directory: str) -> list[str]:
    """The path of the journal in a directory, and those in its directories :data:`places.ASIDE`."""
    main = os.path.join(directory, places.FILE)
    try:
        names = os.listdir(directory)
        found = [main] if places.is_there(directory) else []
    except FileNotFoundError:
        return []
    except OSError:
        return [main]  # opening it fails, and the reason is reported
    aside = sorted(name for name in names if name.startswith(places.ASIDE))
    return found + [file for name in aside for file in _files(os.path.join(directory, name))]


def _known(directory: str, state_dir: str) -> Known | None:
    files = _files(directory)
    if not files:
        return None
    said = (record["environment"] for record in records(files, []) if _has_prefix(record))
    environment = next(said, {"prefix": directory})
    prefix = environment["prefix"]
    if places.mirror(prefix, state_dir).directory == directory:
        files = list(of_prefix(prefix, state_dir))
    return Known(prefix, str(environment.get("name") or os.path.basename(prefix)), tuple(files))


def _has_prefix(record: Json) -> bool:
    environment = record.get("environment")
    prefix = environment.get("prefix") if isinstance(environment, dict) else None
    return isinstance(prefix, str) and _may_be_path(prefix)


def _may_be_path(text: str) -> bool:
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _opened(paths: Iterable[str], damages: list[Damage]) -> list[_File]:
    """The files, opened. One that cannot be opened is treated as empty, because the closed files
    before it can still be read.
    """
    failed: list[OSError] = []
    found = [(path, tail.tried(tail.opened, path, failed.append)) for path in paths]
    there = [(path, fd) for path, fd in found if fd is not None]
    # A primary that only another user may read is no damage if this user's mirror can be read.
    told = [error for error in failed if not (there and error.errno in tail.DENIED)]
    damages += map(_unreadable, told)
    names = [str(error.filename) for error in told if error.errno not in tail.DENIED]
    return there + [(name, os.open(os.devnull, tail.READ)) for name in names]


def _unreadable(error: OSError) -> Damage:
    return Damage(str(error.filename), message=f"cannot be read: {error.strerror}")


def _equal(opened: list[_File]) -> list[tuple[str, list[_File]]]:
    """The files in groups with the same last record, each group with its chain. A file with a torn
    end is a group of its own, so that the torn end is reported.
    """
    groups: list[tuple[str, list[_File]]] = []
    by_end: dict[str, list[_File]] = {}
    for path, fd in opened:
        end = _end(path, fd)
        if end.size == end.end and end.hash in by_end:
            by_end[end.hash].append((path, fd))
            continue
        groups.append((end.chain, [(path, fd)]))
        if end.hash:
            by_end.setdefault(end.hash, groups[-1][1])
    return groups


def _end(path: str, fd: int) -> tail.Tail:
    try:
        return tail.read(fd, os.path.dirname(path), tail.pass_over)
    except OSError:  # reported when the file's records are read
        return tail.Tail()


def _whole(copies: list[_File], damages: list[Damage]) -> Iterator[Json]:
    """The records of the first copy, with missing ones filled in from the other copies.

    The other copies are read only if a record is missing.
    """
    (path, fd), *others = copies
    spare = heapq.merge(*(_stream(*other, []) for other in others), key=_seq, reverse=True)
    due, own = -1, list[Damage]()  # the number expected next; damages since the last record
    for record in itertools.chain(_stream(path, fd, own), [_BEFORE_ALL]):
        seq = record["seq"]
        if seq < due and not own:
            own.append(_gap(path, seq + 1, due))
        damages += own
        own.clear()
        if seq < due:
            yield from _between(spare, seq, due)
        if record is not _BEFORE_ALL:
            yield record
        due = seq - 1


def _gap(path: str, first: int, last: int) -> Damage:
    which = f"record {first} is" if first == last else f"records {first} to {last} are"
    return Damage(path, message=f"{which} missing")


def _between(spare: Iterator[Json], below: int, last: int) -> Iterator[Json]:
    """The records with numbers from ``last`` down to ``below`` (exclusive)."""
    for record in spare:
        if record["seq"] <= last:
            yield record
        if record["seq"] <= below + 1:
            return


def _stream(path: str, fd: int, damages: list[Damage]) -> Iterator[Json]:
    def failed(error: OSError) -> None:
        damages.append(_unreadable(error))

    try:
        whole = rewritten.as_written(path)
        yield from _of_file(path, fd, _settled_size(fd), damages, whole)
        if os.path.basename(path) == places.FILE:
            for closed in tail.closed(os.path.dirname(path), failed):
                yield from _of_file(*closed, damages, whole)
    except OSError as error:  # reading failed in the middle of a file
        failed(OSError(error.errno, error.strerror, error.filename or path))


def _of_file(
    path: str, fd: int, end: int, damages: list[Damage], as_written: Callable[[bytes], bytes]
) -> Iterator[Json]:
    """The records of one file, newest first; bytes between two records are damage."""
    damage, above = _Damages(path, fd, end), end
    for offset, data in tail.backwards(fd, end, seal.MARK):
        record = seal.read(as_written(data))
        if record is not None:
            damages += damage.between(offset + len(data), above)
            yield record
            above = offset
    damages += damage.between(0, above)


class _Damages:
    """Finds the line numbers of damage. Counts the lines of a file from its end, each line once."""

    def __init__(self, path: str, fd: int, end: int) -> None:
        self.path = path
        self.fd = fd
        self.place = end
        self.number = 0  # of the line that begins at ``place``; 0: not counted yet

    def between(self, start: int, stop: int) -> Iterator[Damage]:
        """The damages for the bytes between two records; none if there are no bytes."""
        if start == stop:
            return
        behind, first = self._number(stop), self._number(start)
        unfinished = os.pread(self.fd, 1, stop - 1) != b"\n"
        count = behind - first + unfinished
        if count > _SINGLY:
            yield Damage(self.path, first, f"{count:,} lines that are no records, passed over")
        else:
            yield from (Damage(self.path, first + at) for at in reversed(range(count)))

    def _number(self, offset: int) -> int:
        if not self.number:
            self.number = 1 + _newlines(self.fd, 0, self.place)
        self.number -= _newlines(self.fd, offset, self.place)
        self.place = offset
        return self.number


def _newlines(fd: int, start: int, stop: int) -> int:
    """The number of line feeds between two offsets."""
    found = 0
    while start < stop and (block := os.pread(fd, min(1 << 20, stop - start), start)):
        found += block.count(b"\n")
        start += len(block)
    return found


def _settled_size(fd: int) -> int:
    """The file's size while no process is writing: a partial line is damage then, not a line that
    is still being written. Waits for at most ``_PATIENCE``.
    """
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.002)
            continue
        except OSError:  # a file system without locks
            break
        size = os.fstat(fd).st_size
        fcntl.flock(fd, fcntl.LOCK_UN)
        return size
    return os.fstat(fd).st_size
