"""Small files: read, where an absence is an empty answer and never an error; written whole."""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 1 << 16  # bytes


def read_bytes(path: str, limit: int = 1 << 26, offset: int = 0) -> bytes | None:
    """Up to ``limit`` bytes of the file from ``offset`` on; ``None`` where it cannot be read.

    Only regular files are read: what comes through a pipe (``-r <(…)``, ``/dev/stdin``) is the
    tool's, and would be gone for it. A named one is not even opened, as whoever writes to it
    would take us for its reader.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None
    try:
        if offset:
            os.lseek(descriptor, offset, os.SEEK_SET)
        return _read(descriptor, max(0, status.st_size - offset), limit)
    except OSError:  # a failing disk
        return None
    finally:
        close(descriptor)


def _read(descriptor: int, size: int, limit: int) -> bytes:
    """One call for a file that is as long as it says; those of /proc say that they are empty."""
    first = os.read(descriptor, min(limit, size + 1 if size else _CHUNK))
    if len(first) == min(limit, size) and size:
        return first
    chunks = [first]
    left = limit - len(first)
    while left and (chunk := os.read(descriptor, min(left, _CHUNK))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def read_text(path: str, limit: int = 1 << 20) -> str:
    """The file as UTF-8 text, undecodable bytes as surrogates; ``""`` where it cannot be read."""
    return (read_bytes(path, limit) or b"").decode("utf-8", "surrogateescape")


def close(descriptor: int) -> None:
    """Close what was read, or written and flushed: nothing is lost where closing fails, and the
    descriptor is gone all the same.
    """
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        os.close(descriptor)
    except OSError:
        pass


def names_in(directory: str) -> list[str]:
    """The directory's entries, unsorted; ``[]`` where it cannot be listed."""
    try:
        return os.listdir(directory)
    except (OSError, ValueError):
        return []


def same(first: str, second: str) -> bool:
    """Do two paths lead to the same place?"""
    return os.path.realpath(first) == os.path.realpath(second)


def upward(directory: str) -> Iterator[str]:
    """The directory, the one that it is in, and so on up to the root."""
    while True:
        yield directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return
        directory = parent


def is_below(path: str, directory: str) -> bool:
    """Does ``path`` lie in ``directory``, or is it the directory itself?"""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def write(place: str, content: bytes, finish: Callable[[int], None] | None = None) -> None:
    """Put a private file in a place, whole or not at all. Raises OSError.

    ``finish`` may do more to the new file, by its descriptor: another mode, or ``os.fsync``.
    """
    temporary = f"{place}.{os.getpid()}"
    try:
        descriptor = _new(temporary)
        try:
            write_all(descriptor, content)
            if finish:
                finish(descriptor)
        finally:
            close(descriptor)
        os.replace(temporary, place)
    except BaseException:  # a full disk takes the name, but not the content
        _remove(temporary)
        raise


def _new(path: str) -> int:
    """A file that nobody else has made: in ``/tmp`` it could be anybody's."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:  # left by a process that was killed
        os.unlink(path)
        return os.open(path, flags, 0o600)


def put(path: str, content: bytes) -> None:
    """Write a private file. Raises OSError where it did not take all of the content."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        write_all(descriptor, content)
    finally:
        close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """One write; where the disk takes a part only, the next one says why. Raises OSError."""
    while content:
        written = os.write(descriptor, content)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        content = content[written:]


def _remove(path: str) -> None:
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        os.unlink(path)
    except OSError:
        pass
