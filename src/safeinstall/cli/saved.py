"""The file that a command writes where the user wants one."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from safeinstall import files
from safeinstall.errors import OutputError

if TYPE_CHECKING:
    from typing import TextIO


def save(path: str, text: str, out: TextIO) -> None:
    """Write the text in UTF-8 to the file; ``-`` is ``out``. Raises OutputError."""
    if path == "-":
        out.flush()
        out.buffer.write(text.encode("utf-8"))  # whatever encoding the stream has
        out.buffer.flush()
    else:
        write(path, text)


def write(path: str, text: str) -> None:
    """Write a file in one step, with the mode of a new file under the umask.

    Raises OutputError, also if the path is a symbolic link or no regular file.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise OutputError(f"{path} is there and is no file; name another one, or - for stdout")
    try:
        files.write(path, text.encode(), lambda handle: os.fchmod(handle, 0o666 & ~_umask()))
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
