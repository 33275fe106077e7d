"""One journal file, open and locked: the only place that writes one."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time

from safeinstall.journal import places, tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec, TypeVar

    from safeinstall.journal.places import Place
    from safeinstall.journal.tail import Tail

    P = ParamSpec("P")
    T = TypeVar("T")

_LOCK_PATIENCE = 30.0  # seconds; a lock is held for about a millisecond

_FILE = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class StoreError(Exception):
    """A journal file could not be used; ``store`` is None where it could not be opened."""

    def __init__(self, place: Place, error: OSError, store: Store | None = None) -> None:
        super().__init__(f"{place.path}: {error.strerror or error}")
        self.errno = error.errno
        self.store = store


def _reporting(method: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """An OSError leaves the method as a StoreError that says which store it was."""

    def reporting(self: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except OSError as error:
            raise StoreError(self.place, error, self) from error

    return reporting


class Store:
    """An open journal, exclusively ours until closed. Raises StoreError for what goes wrong."""

    def __init__(self, place: Place, fd: int, directory: int) -> None:
        self.place = place
        self.fd = fd
        self.directory = directory
        self.tail: Tail = tail.Tail()
        self._fresh = os.fstat(fd).st_size == 0

    def close(self) -> None:
        """Let go of the file and its lock."""
        _close(self.fd)
        _close(self.directory)

    @_reporting
    def refresh(self) -> None:
        """Look again where the file stands."""
        self.tail = tail.read(self.fd)

    @_reporting
    def after(self, value: str) -> bytes | None:
        """All bytes behind the record with this hash; None where there is no such record."""
        return tail.after(self.fd, value)

    @_reporting
    def everything(self) -> bytes:
        """All bytes of the file."""
        return tail.everything(self.fd)

    @_reporting
    def write(self, data: bytes, *, durable: bool = True) -> None:
        """Add bytes in one write, wholly or not at all."""
        before = os.fstat(self.fd).st_size
        try:
            _write_whole(self.fd, data)
            if durable:
                self._flush()
        except BaseException:
            self._back_to(before)
            raise

    @_reporting
    def set_aside(self, what: str, start: int) -> tuple[str, bytes]:
        """Move the bytes from ``start`` on into a file of their own; its name, and the bytes."""
        data = os.pread(self.fd, os.fstat(self.fd).st_size - start, start)
        name = self._keep(f"{places.FILE}.{what}-{_stamp()}", data)
        os.ftruncate(self.fd, start)
        return name, data

    def _keep(self, name: str, data: bytes) -> str:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        mode = stat.S_IMODE(os.fstat(self.fd).st_mode)
        fd = os.open(name, flags, mode, dir_fd=self.directory)
        try:
            _adopt(fd, os.fstat(self.directory), mode)
            _write_whole(fd, data)
            os.fsync(fd)
        except OSError:
            os.unlink(name, dir_fd=self.directory)
            raise
        finally:
            os.close(fd)
        os.fsync(self.directory)
        return name

    def _flush(self) -> None:
        _sync(self.fd)
        if self._fresh:
            os.fsync(self.directory)
            self._fresh = False

    def _back_to(self, size: int) -> None:
        try:  # noqa: SIM105 - contextlib has no place on the hot path
            os.ftruncate(self.fd, size)
        except OSError:
            pass  # the next append finds a torn tail and repairs it


def _close(fd: int) -> None:
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        os.close(fd)
    except OSError:
        pass  # what counts has been flushed, and the descriptor is gone all the same


def open_store(place: Place) -> Store:
    """Open a journal, creating it where allowed, and wait for its lock. Raises StoreError."""
    try:
        while True:
            store = _open(place)
            if os.fstat(store.fd).st_nlink:
                store.refresh()
                return store
            store.close()  # removed while we waited for the lock: the lock guards nothing
    except OSError as error:
        raise StoreError(place, error) from error


def _open(place: Place) -> Store:
    directory = _open_directory(place)
    fd = -1
    try:
        fd = os.open(places.FILE, _FILE, 0o600, dir_fd=directory)
        _demand_regular(fd)
        _lock(fd)
        if os.fstat(fd).st_size == 0:
            _share(place, directory, fd)
    except BaseException:
        for item in (fd, directory):
            if item >= 0:
                _close(item)
        raise
    return Store(place, fd, directory)


def _open_directory(place: Place) -> int:
    try:
        return os.open(place.directory, _DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        _make(place.directory, place.root)
    return os.open(place.directory, _DIRECTORY | os.O_NOFOLLOW)


def _make(path: str, root: str) -> None:
    """Make a directory; those above it, too, unless there is a root that must be there."""
    parent = os.path.dirname(path)
    if not root and parent != path and not os.path.lexists(parent):
        _make(parent, root)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    above = os.open(parent, _DIRECTORY)
    try:
        _adopt(path, os.fstat(above), 0o700)
        os.fsync(above)
    finally:
        os.close(above)


def _share(place: Place, directory: int, fd: int) -> None:
    """Who may read and write a new journal: in a shared environment its group, else its owner."""
    if not place.root:
        return _adopt(fd, os.fstat(directory), 0o600)
    above = os.stat(place.root)
    inherited = above.st_mode & stat.S_ISGID
    group = 0o060 if above.st_mode & stat.S_IWGRP else 0o040 if inherited else 0
    # Whoever made the directory may have known nothing of sharing.
    _adopt(directory, above, 0o700 | group | (0o010 if group else 0) | inherited)
    return _adopt(fd, above, 0o600 | group)


def _write_whole(fd: int, data: bytes) -> None:
    """One write; where the disk takes a part only, the next one says why."""
    while data:
        written = os.write(fd, data)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[written:]


def _demand_regular(fd: int) -> None:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")


def _adopt(item: int | str, above: os.stat_result, mode: int) -> None:
    """Give what we made the mode we mean, whatever the umask, and the owner of its surroundings.

    Root's ``sudo conda install`` must not leave a journal its user cannot write; in a shared
    environment the group has to match.
    """
    try:
        if os.geteuid() == 0 and above.st_uid != 0:
            os.chown(item, above.st_uid, above.st_gid)
        elif mode & 0o060:
            os.chown(item, -1, above.st_gid)
        os.chmod(item, mode)
    except PermissionError:
        pass  # made by somebody else at this very moment, who sets it as well


def _lock(fd: int) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE
    pause = 0.0005
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EAGAIN, "locked by another process") from None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def _stamp() -> str:
    nanoseconds = time.time_ns()
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(nanoseconds // 1_000_000_000))
    return f"{moment}.{nanoseconds % 1_000_000_000:09d}Z"
