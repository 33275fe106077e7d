"""Plain data kept in a file of the user's own, as a short cut; losing it loses only time.

``marshal`` is a built-in module and reads only plain data, but trusts what it reads: a file that is
not a regular one, not ours, or not as it was written, is not read.
"""

from __future__ import annotations

import marshal
import os
import stat

from safeinstall.canonical import digest
from safeinstall.files import close, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_DIGEST = 64  # bytes


def load(place: str, mark: object) -> Any:
    """What was kept there under this mark; ``None`` for anything else."""
    try:
        status = os.lstat(place)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            return None
        content = read_bytes(place) or b""
        if digest(content[_DIGEST:]).encode() != content[:_DIGEST]:
            return None
        kept = marshal.loads(content[_DIGEST:])  # noqa: S302 - our own file, see above
    except (OSError, ValueError, EOFError, TypeError):
        return None
    whole = isinstance(kept, tuple) and len(kept) == 2 and kept[0] == mark
    return kept[1] if whole else None


def keep(place: str, mark: Any, data: Any) -> None:
    """Keep plain data under a mark. A file that cannot be written is as good as none."""
    try:
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        content = marshal.dumps((mark, data))
        write(place, digest(content).encode() + content)
    except (OSError, ValueError):
        return


def write(place: str, content: bytes) -> None:
    """Put a private file in a place, whole or not at all. Raises OSError."""
    temporary = f"{place}.{os.getpid()}"
    try:
        put(temporary, content)
        os.replace(temporary, place)
    except BaseException:  # a full disk takes the name, but not the content
        _remove(temporary)
        raise


def put(path: str, content: bytes) -> None:
    """Write a private file. Raises OSError where it did not take all of the content."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
    finally:
        close(descriptor)


def _remove(path: str) -> None:
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        os.unlink(path)
    except OSError:
        pass
