"""Small files: read, where a missing file is an empty answer, never an error; written whole."""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 1 << 16  # bytes
_LASTING = (
    errno.EACCES,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EPERM,
)

hiccups = 0
"""How often a file could not be read for a reason that may pass, such as a failing disk. What was
made of such an answer may be wrong the next time, with the same file.
"""


def _note(error: OSError | ValueError) -> None:
    global hiccups
    if isinstance(error, OSError) and error.errno not in _LASTING:
        hiccups += 1


def read_bytes(path: str, limit: int = 1 << 26, offset: int = 0) -> bytes | None:
    """Up to ``limit`` bytes of the file from ``offset`` on; ``None`` where it cannot be read.

    Only regular files are read: data in a pipe (``-r <(…)``, ``/dev/stdin``) is meant for the
    tool, which could not read it again after us. A named pipe is not even opened, because its
    writer would take us for the reader.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        _note(error)
        return None
    try:
        if offset:
            os.lseek(descriptor, offset, os.SEEK_SET)
        return _read(descriptor, max(0, status.st_size - offset), limit)
    except OSError as error:  # a failing disk
        _note(error)
        return None
    finally:
        close(descriptor)


def _read(descriptor: int, size: int, limit: int) -> bytes:
    """One call to ``os.read`` if the size is right; files in /proc report a size of 0."""
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
    """Close a descriptor and ignore errors: all data was read, or written and flushed before, and
    the descriptor is released even if closing fails.
    """
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        os.close(descriptor)
    except OSError:
        pass


def names_in(directory: str) -> list[str]:
    """The directory's entries, unsorted; ``[]`` where it cannot be listed."""
    try:
        return os.listdir(directory)
    except (OSError, ValueError) as error:
        _note(error)
        return []


def same(first: str, second: str) -> bool:
    """Do two paths lead to the same place?"""
    return os.path.realpath(first) == os.path.realpath(second)


def upward(directory: str) -> Iterator[str]:
    """The directory, its parent, and so on up to the root."""
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
    """Replace the file at ``place`` by a private one (mode 0600), whole or not at all.

    ``finish`` is called with the new file's descriptor: for another mode, or ``os.fsync``.
    Raises OSError.
    """
    temporary = f"{place}.safeinstall-{os.getpid()}"
    try:
        descriptor = _new(temporary)
        try:
            write_all(descriptor, content)
            if finish:
                finish(descriptor)
        finally:
            close(descriptor)
        os.replace(temporary, place)
    except BaseException:  # on a full disk the file can be created, but not written
        _remove(temporary)
        raise


def _new(path: str) -> int:
    """Open a file that we create: in ``/tmp`` an existing one could belong to anybody."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:  # left by a process that was killed
        os.unlink(path)
        return os.open(path, flags, 0o600)


def put(path: str, content: bytes) -> None:
    """Write a private file (mode 0600). Raises OSError if not all of the content was written."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        write_all(descriptor, content)
    finally:
        close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of the content. Raises OSError.

    If the disk takes a part only, the next ``os.write`` raises the error with the cause.
    """
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
