"""The block of safeinstall in a shell's startup file: added, and removed again without a trace.

The file is handled as bytes: it may have any encoding, any kind of line ends, or no line end at its
end. The block itself has notes on how to undo it, so nothing is stored elsewhere.
"""

from __future__ import annotations

import os
import re
import stat

from safeinstall import files
from safeinstall.errors import RcFileError

BEGIN = b"# >>> safeinstall >>>"
END = b"# <<< safeinstall <<<"
_MADE = b"# This file was made for this block.\n"
_BROKE = b"# The line break above belongs to this block.\n"

_MARKER = re.compile(rb"^(?:" + BEGIN + rb"|" + END + rb")[ \t\r]*$", re.MULTILINE)
_BLOCK = re.compile(
    rb"^" + BEGIN + rb"[ \t\r]*\n"
    rb"(?P<inside>(?:(?!" + BEGIN + rb").*\n)*?)" + END + rb"[ \t\r]*(?:\n|\Z)",
    re.MULTILINE,
)


def add(content: bytes | None, lines: bytes) -> bytes:
    """``content`` with the block added at the end, or replaced where it already is.

    ``None`` stands for a file that does not exist.
    """
    if found := _BLOCK.search(content or b""):
        assert content is not None
        inside = found["inside"]
        note = b"".join(note for note in (_MADE, _BROKE) if note in inside)
        return content[: found.start()] + _wrapped(note, lines) + content[found.end() :]
    if content is None:
        return _wrapped(_MADE, lines)
    if content and not content.endswith(b"\n"):
        return content + b"\n" + _wrapped(_BROKE, lines)
    return content + _wrapped(b"", lines)


def remove(content: bytes) -> bytes | None:
    """``content`` without the block, as it was before :func:`add`; other changes are kept.

    ``None`` if the file was created by :func:`add` and has nothing else in it: it is to be deleted.
    """
    made = False
    while found := _BLOCK.search(content):
        before, after = content[: found.start()], content[found.end() :]
        made = made or _MADE in found["inside"]
        if _BROKE in found["inside"] and not after:
            before = before.removesuffix(b"\n")
        content = before + after
    return None if made and not content else content


def stray_marker(content: bytes) -> int | None:
    """The line number of a begin or end marker without its partner; ``None`` for none."""
    outside = _BLOCK.sub(lambda found: b"\n" * found[0].count(b"\n"), content)
    found = _MARKER.search(outside)
    return outside.count(b"\n", 0, found.start()) + 1 if found else None


def _wrapped(note: bytes, lines: bytes) -> bytes:
    return BEGIN + b"\n" + note + lines + END + b"\n"


def read(path: str) -> bytes | None:
    """The file's bytes, ``None`` where there is no file. Raises RcFileError."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RcFileError(f"cannot read {path}: {error.strerror}") from error
    if line := stray_marker(content):
        message = f"{path}:{line}: a safeinstall marker without its partner; delete that block"
        raise RcFileError(f"{message} by hand, then run this again")
    return content


def write(path: str, content: bytes | None, *, directory: bool = False) -> None:
    """Replace the file in one step; ``None`` deletes it. A symlink stays one; the mode is kept.

    With ``directory`` the directory is made, and removed where nothing else is in it.
    Raises RcFileError.
    """
    target = os.path.realpath(path)
    parent = os.path.dirname(target)
    try:
        if directory and content is not None:
            os.makedirs(parent, exist_ok=True)
        if content is None:
            os.unlink(target)
            if directory and not os.listdir(parent):
                os.rmdir(parent)
        elif _is_ours(target):
            files.write(target, content, lambda handle: _finish(handle, target))
        else:
            _write_into(target, content)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}; nothing was changed there"
        raise RcFileError(f"{message} (`--dry-run` shows what to change by hand)") from error


def _is_ours(target: str) -> bool:
    """Could a new file in its place have the same owner and group?"""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        return True
    groups = (os.getegid(), *os.getgroups())
    return os.geteuid() == 0 or (old.st_uid == os.geteuid() and old.st_gid in groups)


def _write_into(target: str, content: bytes) -> None:
    """Write into a file that could not be replaced by one of the same owner and group."""
    handle = os.open(target, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.ftruncate(handle, 0)
        files.write_all(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)


def _finish(handle: int, target: str) -> None:
    _dress(handle, target)
    os.fsync(handle)


def _dress(handle: int, target: str) -> None:
    """Give the new file the owner and mode of the file it replaces."""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        os.fchmod(handle, 0o644)
        return
    if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, stat.S_IMODE(old.st_mode))
