"""The journal: one chain of records for each environment.

A record that :meth:`Journal.append` has returned is on the disk: as a rule in two copies, the
primary in the environment and the mirror in the user's state directory; in the mirror alone where
the environment cannot be written. Changes to written records can be detected
(:mod:`safeinstall.journal.verify`).
"""

from __future__ import annotations

import errno
import os

from safeinstall import clock, redaction
from safeinstall.errors import JournalError
from safeinstall.files import close
from safeinstall.journal import ids, places, record, seal, store, sync, tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from safeinstall.journal.places import Place
    from safeinstall.journal.store import Store
    from safeinstall.journal.tail import Tail
    from safeinstall.model import Json
    from safeinstall.settings import Settings

# Errors of the primary that are no problem: it does not exist yet, or this user may not write it.
# The mirror alone is used then.
_EXPECTED = frozenset((errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS))

_TOLD = "told-of-the-other-copy"  # a mark file beside the mirror

_ADVICE = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some of your quota",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f)",
    errno.EACCES: "make it writable for you",
    errno.EPERM: "make it writable for you",
    errno.EROFS: "set XDG_STATE_HOME to a directory that can be written",
    errno.ELOOP: "remove the symbolic link in its path",
    errno.ENOTDIR: "remove the file or symbolic link in its path",
    errno.EAGAIN: "end the process that holds it",
}


class Journal:
    """The journal of one environment."""

    def __init__(self, prefix: str, places: tuple[Place, ...]) -> None:
        self.prefix = prefix
        self.places = places
        self.problem = ""
        """Why the last append reached one copy only, for the user; ``""`` where it reached all."""

    @classmethod
    def open(cls, prefix: str, settings: Settings, *, primary: bool = True) -> Self:
        """The journal of the environment at ``prefix``, an absolute path. Reads no file; only
        resolves symbolic links.

        ``primary=False`` makes a journal without a copy in the prefix: for a system prefix, and for
        a directory that a tool is about to make into an environment.
        """
        mirror = places.mirror(prefix, settings.state_dir)
        return cls(prefix, (places.primary(prefix), mirror) if primary else (mirror,))

    def append(self, entry: Json) -> Json:
        """Add a record and return it as written: secrets removed; number, time, chain, hash added.

        Raises JournalError if it could be written to no copy.
        """
        return self.extend([entry])

    def extend(self, entries: Sequence[Json]) -> Json:
        """Add several records, all of them or none. Returns the last record; otherwise as
        :meth:`append`.

        Without ``entries``, only records about the journal itself (repairs, origin) are written, if
        there are any, and the journal's last record is returned.
        """
        clean: list[Json] = [redaction.value(entry) for entry in entries]
        failures: list[store.StoreError] = []
        repairs: list[Json] = []
        stores = self._open(failures)
        clean = self._recognise(stores, failures) + clean
        try:
            while stores:
                try:
                    return self._write(stores, clean, repairs, failures)
                except store.StoreError as error:
                    failures.append(error)
                    _discard(stores, error.store)
        finally:
            for item in stores:
                item.close()
            self.problem = "; ".join(map(str, filter(self._is_worth_saying, failures)))
        raise JournalError(_message(failures))

    def _is_worth_saying(self, error: store.StoreError) -> bool:
        if error.errno not in _EXPECTED:
            return True
        # A primary that belongs to another user, in an environment that this user may write, is
        # reported once.
        theirs = error.errno in tail.DENIED and os.access(self.prefix, os.W_OK)
        return theirs and self._marked(_TOLD)

    def _marked(self, name: str) -> bool:
        """Create the mark file ``name`` beside the mirror; False where it exists already."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            close(os.open(os.path.join(self.places[-1].directory, name), flags, 0o600))
        except OSError:
            return False
        return True

    def last(self) -> Json | None:
        """The newest valid record, at a cost that does not depend on the journal's size."""
        return next(self.backwards(), None)

    def backwards(self) -> Iterator[Json]:
        """The valid records, newest first. Damaged lines, and closed files that cannot be opened,
        are skipped.

        Raises JournalError where the disk cannot be read.
        """
        path = self._leading()
        try:
            fd = tail.opened(path)
        except FileNotFoundError:  # there is no journal
            return
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror}") from error
        try:
            yield from tail.sound(tail.sequence(fd, path, os.fstat(fd).st_size, tail.pass_over))
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror}") from error
        finally:
            close(fd)

    def _open(
        self, failures: list[store.StoreError], only: tuple[Place, ...] | None = None
    ) -> list[Store]:
        stores: list[Store] = []
        for place in self.places if only is None else only:
            try:
                stores.append(store.open_store(place))
            except store.StoreError as error:
                failures.append(error)
        return stores

    def _recognise(self, stores: list[Store], failures: list[store.StoreError]) -> list[Json]:
        """Handle a primary that was copied or moved here from another prefix; returns the record
        about that, if there is one.
        """
        if len(stores) < 2 or not tail.is_strange(stores[0].tail, stores[1].tail):
            return []
        from safeinstall.journal import copies

        kin = copies.look(self.prefix, self.places[-1])
        try:
            return [copies.settle(stores, kin, self.prefix)] if kin else []
        except (OSError, store.StoreError) as error:
            told = error if isinstance(error, OSError) else OSError(error.errno, str(error))
            failures.append(store.StoreError(self.places[0], told))
            for item in stores:
                item.close()
            stores[:] = self._open(failures, self.places[1:])
            return []

    def _write(
        self,
        stores: list[Store],
        entries: list[Json],
        repairs: list[Json],
        failures: list[store.StoreError],
    ) -> Json:
        sync.settle(stores, repairs)
        notes = [record.repair(self.prefix, note) for note in repairs]
        first, *others = stores
        data, full = _link([*notes, *entries], first.tail)
        first.write(data)
        for other in others:
            try:
                # Not flushed: after a power failure, lost records are restored from the first copy.
                other.write(data, durable=False)
            except store.StoreError as error:
                failures.append(error)
        return full

    def _leading(self) -> str:
        """The path of the copy with the newer records, in doubt the primary; ``""`` for none."""
        mirror = self.places[-1].path
        ends = [tail.at(place.path) for place in self.places]
        first, other = ends[0], ends[-1]
        if len(ends) == 2 and tail.is_strange(first, other):
            from safeinstall.journal import copies

            kin = copies.look(self.prefix, self.places[-1])
            if kin:
                return mirror if kin.what == "copied" else os.path.join(kin.mirror, places.FILE)
        if first is None or (other and self._is_ahead(other, first)):
            return mirror if other else ""
        return self.places[0].path

    def _is_ahead(self, mirror: Tail, primary: Tail) -> bool:
        if mirror.chain == primary.chain:
            return mirror.seq > primary.seq
        # The mirror is never a copy of a primary that this user may not write: it is a separate
        # journal then.
        return not primary.record or not os.access(self.places[0].path, os.W_OK)


def _link(entries: list[Json], end: Tail) -> tuple[bytes, Json]:
    """The lines of new records, chained to the journal's end, and the last record in full."""
    previous = end.record or {"chain": ids.chain(), "seq": -1, "hash": ""}
    data = b""
    for entry in entries:
        full = {
            **entry,
            "schema": seal.SCHEMA,
            "chain": previous["chain"],
            "seq": previous["seq"] + 1,
            "prev": previous["hash"],
            "time": clock.now(),
        }
        sealed, full["hash"] = seal.seal(full)
        if len(sealed) > seal.LARGEST:
            from safeinstall.journal import fitting

            sealed, full = fitting.sealed(full)
        data += sealed
        previous = full
    return data, previous


def _discard(stores: list[Store], failed: Store | None) -> None:
    if failed is None:
        stores.clear()
        return
    stores.remove(failed)
    failed.close()


def _message(failures: list[store.StoreError]) -> str:
    reasons = "; ".join(map(str, failures))
    advice = [_ADVICE[error.errno] for error in failures if error.errno in _ADVICE]
    return f"the journal cannot be written: {reasons}" + (f" ({advice[-1]})" if advice else "")
