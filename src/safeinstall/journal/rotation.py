"""Replaces the journal's file by a new one: because it became too large, is damaged, has a second
hard link, or lines that another prefix was written into.

The journal's name leads to a complete file at every moment. A process that was waiting for the lock
of the old file finds out by :meth:`Store.is_current` that it is not the journal any more.
"""

from __future__ import annotations

import os
import stat

from safeinstall.clock import stamp
from safeinstall.files import close, write_all
from safeinstall.journal import flock, places, tail
from safeinstall.journal.permissions import hand_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.journal.rewritten import Undo
    from safeinstall.journal.store import Store

_NEXT = f"{places.FILE}.next"


def begin_another(store: Store, data: bytes) -> bool:
    """Close the file and begin a new one with ``data``.

    False where that cannot be done, as on a file system without hard links: the file grows then.
    """
    try:
        fd = _prepare(store, [data])
    except OSError:
        return False
    try:
        closed = places.next_closed(store.place.directory)
    except OSError:
        closed = ""
    if not (closed and _exchange(store, closed)):
        flock.let_go(fd)
        _remove(store, _NEXT)
        return False
    store.become(fd)
    return True


def _exchange(store: Store, closed: str) -> bool:
    here = {"src_dir_fd": store.directory, "dst_dir_fd": store.directory}
    try:
        os.link(places.FILE, closed, follow_symlinks=False, **here)
    except OSError:
        return False
    try:
        os.rename(_NEXT, places.FILE, **here)
    except OSError:
        _remove(store, closed)
        return False
    try:
        os.fsync(store.directory)
    except OSError:
        os.rename(closed, places.FILE, **here)
        return False
    return True


def demand_its_own(store: Store) -> None:
    """Make sure that the journal's file has no other hard link: writes would appear in that file,
    too. Raises OSError.

    If an attacker or ``cp -al`` has made a hard link, the journal is continued in a new file. If a
    process was killed between the two steps of :func:`begin_another`, the closed name is removed.
    """
    status = os.fstat(store.fd)
    for path in places.closed(store.place.directory)[:1]:
        if os.path.samestat(os.lstat(path), status):
            os.unlink(path)
    if os.fstat(store.fd).st_nlink > 1:
        whole = tail.after(store.fd, "", "")
        fd = _prepare(store, whole or [])
        os.rename(_NEXT, places.FILE, src_dir_fd=store.directory, dst_dir_fd=store.directory)
        os.fsync(store.directory)
        store.become(fd)


def cut_off(store: Store, end: int, name: str) -> str:
    """Continue in a new file with only the bytes before ``end``; the old file is kept as ``name``.

    Returns the SHA-256 of the bytes from ``end`` on. Raises OSError.
    """
    from hashlib import sha256  # OpenSSL's is several times as fast for large files

    sums = sha256()
    for part in tail.blocks(store.fd, end):
        sums.update(part)
    here = {"src_dir_fd": store.directory, "dst_dir_fd": store.directory}
    fd = _prepare(store, tail.blocks(store.fd, 0, end))
    try:
        os.link(places.FILE, name, follow_symlinks=False, **here)
    except OSError:  # a file system without hard links
        os.rename(places.FILE, name, **here)
    os.rename(_NEXT, places.FILE, **here)
    os.fsync(store.directory)
    store.become(fd)
    return sums.hexdigest()


def restore(store: Store, undo: Undo) -> None:
    """Write the lines of all files as they were before a replacement. Raises OSError.

    The open file is the last one: while its lines are not restored, it is seen that others may not
    be.
    """
    here = {"src_dir_fd": store.directory, "dst_dir_fd": store.directory}
    for path in reversed(places.closed(store.place.directory)):
        older = tail.opened(path)
        try:
            fd = _prepare(store, map(undo.part, tail.after(older, "", "") or ()))
        finally:
            close(older)
        os.rename(_NEXT, os.path.basename(path), **here)
        flock.let_go(fd)
    fd = _prepare(store, map(undo.part, tail.after(store.fd, "", "") or ()))
    os.rename(_NEXT, places.FILE, **here)
    os.fsync(store.directory)
    store.become(fd)


def put_away(store: Store, what: str) -> str:
    """Move all files into a new directory; returns its name. The journal is empty afterwards.

    Raises OSError.
    """
    name = f"{what}-{stamp()}"
    here = {"src_dir_fd": store.directory, "dst_dir_fd": store.directory}
    fd = _prepare(store, [])
    os.mkdir(name, 0o700, dir_fd=store.directory)
    above = os.fstat(store.directory)
    hand_over(os.path.join(store.place.directory, name), above, stat.S_IMODE(above.st_mode))
    for file in map(os.path.basename, reversed(places.closed(store.place.directory))):
        os.rename(file, f"{name}/{file}", **here)
    try:
        os.link(places.FILE, f"{name}/{places.FILE}", follow_symlinks=False, **here)
    except OSError:  # a file system without hard links
        os.rename(places.FILE, f"{name}/{places.FILE}", **here)
    os.rename(_NEXT, places.FILE, **here)
    os.fsync(store.directory)
    store.become(fd)
    return name


def _prepare(store: Store, parts: Iterable[bytes]) -> int:
    """Create the new file: complete, flushed and locked, but not under the journal's name yet."""
    _remove(store, _NEXT)  # left by a process that was killed here
    fd = store.create(_NEXT)
    try:
        flock.hold(fd, store.lock)
        for part in parts:
            write_all(fd, part)
        os.fsync(fd)
    except BaseException:
        flock.let_go(fd)
        _remove(store, _NEXT)
        raise
    return fd


def _remove(store: Store, name: str) -> None:
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        os.unlink(name, dir_fd=store.directory)
    except OSError:
        pass
