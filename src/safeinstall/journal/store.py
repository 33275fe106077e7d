"""One journal file, open and locked. Only this module, with ``rotation``, writes journal files."""

from __future__ import annotations

import errno
import os
import stat

from safeinstall.canonical import digest
from safeinstall.clock import stamp
from safeinstall.files import close, write_all
from safeinstall.journal import flock, places, tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Concatenate, ParamSpec, TypeVar

    from safeinstall.journal.places import Place
    from safeinstall.journal.tail import Tail

    P = ParamSpec("P")
    T = TypeVar("T")

LIMIT = 1 << 24
"""A file with this many bytes is closed and a new one begun: some 15,000 operations."""

_LARGEST_COPY = 1 << 20  # bytes of damage that are copied to another file

_FILE = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class StoreError(Exception):
    """A journal file could not be used; ``store`` is None where it could not be opened."""

    def __init__(self, place: Place, error: OSError, store: Store | None = None) -> None:
        super().__init__(f"{place.path}: {error.strerror or error}")
        self.errno = error.errno
        self.store = store


def _reporting(method: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """Turn an OSError of the method into a StoreError with the store."""

    def reporting(self: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except OSError as error:
            raise StoreError(self.place, error, self) from error

    return reporting


class Store:
    """An open journal file, locked until it is closed. The methods raise StoreError."""

    def __init__(self, place: Place, directory: int, fd: int, lock: flock.Lock) -> None:
        self.place = place
        self.directory = directory
        self.fd = fd
        self.tail: Tail = tail.Tail()
        self.lock = lock
        self._fresh = os.fstat(fd).st_size == 0

    def close(self) -> None:
        """Close the file and release its lock. May be called twice."""
        if self.fd < 0:
            return
        self.lock.release()
        flock.let_go(self.fd)
        close(self.directory)
        self.fd = self.directory = -1

    @_reporting
    def refresh(self) -> None:
        """Read the end of the file again."""
        self.tail = tail.read(self.fd, self.place.directory)

    @_reporting
    def after(self, value: str) -> Iterator[bytes] | None:
        """All bytes after the record with this hash, in parts; for ``""``, all bytes. None where
        there is no such record.
        """
        parts = tail.after(self.fd, self.place.directory, value)
        return None if parts is None else self._guarded(parts)

    def _guarded(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from parts
        except OSError as error:
            raise StoreError(self.place, error, self) from error

    @_reporting
    def write(self, data: bytes, *, durable: bool = True) -> None:
        """Append bytes in one write, completely or not at all."""
        before = os.fstat(self.fd).st_size
        if before >= LIMIT and self._renewed(data):
            return
        try:
            write_all(self.fd, data)
            if durable:
                self._flush()
        except BaseException:
            self._back_to(before)
            raise

    @_reporting
    def set_aside(self, what: str, start: int) -> tuple[str, int, str]:
        """Move the bytes from ``start`` on into another file; returns its name, the number of
        bytes, and their SHA-256.

        If the bytes are many, the whole file is kept under that name, and a new one is begun
        without them.
        """
        name = f"{places.FILE}.{what}-{stamp()}"
        size = os.fstat(self.fd).st_size - start
        if size > _LARGEST_COPY:
            from safeinstall.journal import rotation

            return name, size, rotation.cut_off(self, start, name)
        data = b"".join(tail.blocks(self.fd, start))
        self._keep(name, data)
        os.ftruncate(self.fd, start)
        return name, size, digest(data)

    @_reporting
    def put_away(self, what: str) -> str:
        """Move all files into a new directory and begin an empty journal; returns the directory's
        name.
        """
        from safeinstall.journal import rotation

        name = rotation.put_away(self, what)
        self.tail = tail.Tail()
        return name

    def _keep(self, name: str, data: bytes) -> None:
        fd = self.create(name)
        try:
            write_all(fd, data)
            os.fsync(fd)
        except OSError:
            os.unlink(name, dir_fd=self.directory)
            raise
        finally:
            close(fd)
        os.fsync(self.directory)

    def create(self, name: str) -> int:
        """Create a file beside the journal, with the journal's mode and owner. Raises OSError."""
        from safeinstall.journal.permissions import hand_over

        mode = stat.S_IMODE(os.fstat(self.fd).st_mode)
        fd = os.open(name, _FILE | os.O_EXCL, mode, dir_fd=self.directory)
        try:
            hand_over(fd, os.fstat(self.directory), mode)
        except BaseException:
            close(fd)
            os.unlink(name, dir_fd=self.directory)
            raise
        return fd

    def become(self, fd: int) -> None:
        """Continue with the file ``fd``, which is locked and has replaced the journal's file."""
        # processes that wait for the old file's lock check by is_current() and open the new file
        flock.let_go(self.fd)
        self.fd = fd

    def is_current(self) -> bool:
        """Does the journal's name still lead to this file? False if the file was removed or closed
        while this process waited for its lock.
        """
        try:
            named = os.stat(places.FILE, dir_fd=self.directory, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(self.fd))

    def _renewed(self, data: bytes) -> bool:
        from safeinstall.journal import rotation

        return rotation.begin_another(self, data)

    def _flush(self) -> None:
        _sync(self.fd)
        if self._fresh:
            os.fsync(self.directory)
            self._fresh = False

    def _back_to(self, size: int) -> None:
        try:  # noqa: SIM105 - contextlib has no place on the hot path
            os.ftruncate(self.fd, size)
        except OSError:
            pass  # the next append finds the torn end and repairs it


def open_store(place: Place) -> Store:
    """Open a journal, create it if needed, and wait for its lock. Raises StoreError."""
    try:
        while True:
            store = _open(place)
            if _is_ready(store):
                return store
            store.close()
    except OSError as error:
        raise StoreError(place, error) from error


def _is_ready(store: Store) -> bool:
    try:
        if not store.is_current():
            return False
        if os.fstat(store.fd).st_nlink > 1:
            from safeinstall.journal import rotation

            rotation.demand_its_own(store)
        store.refresh()
    except BaseException:
        store.close()
        raise
    return True


def _open(place: Place) -> Store:
    directory = _open_directory(place)
    fd = -1
    try:
        fd = os.open(places.FILE, _FILE, 0o600, dir_fd=directory)
        _demand_regular(fd)
        lock = flock.take(fd, directory)
        if os.fstat(fd).st_size == 0:
            from safeinstall.journal.permissions import share

            share(place, directory, fd)
    except BaseException:
        for item in (fd, directory):
            if item >= 0:
                close(item)
        raise
    return Store(place, directory, fd, lock)


def _open_directory(place: Place) -> int:
    try:
        return os.open(place.directory, _DIRECTORY)
    except FileNotFoundError:
        from safeinstall.journal.permissions import make

        make(place.directory, place.root)
    return os.open(place.directory, _DIRECTORY)


def _demand_regular(fd: int) -> None:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
