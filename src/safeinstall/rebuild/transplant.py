"""Copies the files of an environment to the same places in another one.

Never a hard link to what somebody may write to. A file system that can do so (Btrfs, XFS) lets the
copy share the blocks of the original until one of the two is written.
"""

from __future__ import annotations

import errno
import os
import shutil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FICLONE = 0x40049409  # linux/fs.h
_PIECE = 1 << 20  # bytes
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Copier:
    """Copies from other prefixes to ``target``. Paths are relative to the prefix."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.final: set[str] = set()  # the files that were copied, with nothing to be replaced
        self._clones = True  # until the file system says that it cannot
        self._made = {""}

    def copy(self, source: str, paths: Iterable[str]) -> None:
        """Copy these files with modes, times and links. Left out is what is not there, and what
        is there already: it may be a hard link into conda's cache. Directories get their modes by
        :mod:`safeinstall.rebuild.ownership`, when nothing is to be put into them any more.

        Raises OSError.
        """
        for path in paths:
            original = os.path.join(source, path)
            target = os.path.join(self.target, path)
            if not os.path.lexists(original) or os.path.lexists(target):
                continue
            if os.path.isdir(original) and not os.path.islink(original):
                self._make(path)
            elif self._make(os.path.dirname(path)):
                self._copy(original, target)
                self.final.add(path)

    def complete(self, python: str, environ: Mapping[str, str]) -> None:
        """What is to be done when all is copied: nothing here. ``python`` is the new one's."""

    def _copy(self, source: str, target: str) -> None:
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif not (self._clones and self._clone(source, target)):
            (_copy_sparse if _is_sparse(source) else shutil.copyfile)(source, target)
        shutil.copystat(source, target, follow_symlinks=False)

    def _clone(self, source: str, target: str) -> bool:
        import fcntl

        with open(source, "rb") as old, open(target, "wb") as new:
            try:
                fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
            except OSError as error:
                if error.errno in _FULL:
                    raise
                self._clones = False
        return self._clones

    def _make(self, directory: str) -> bool:
        """Make the directory, and those above it. False where a file has its name."""
        if directory in self._made:
            return True
        if not self._make(os.path.dirname(directory)):
            return False
        path = os.path.join(self.target, directory)
        if not os.path.isdir(path):
            if os.path.lexists(path):
                return False
            os.mkdir(path)
        self._made.add(directory)
        return True


def _is_sparse(path: str) -> bool:
    status = os.stat(path)
    return status.st_blocks * 512 < status.st_size


def _copy_sparse(source: str, target: str) -> None:
    """Copy a file with its holes. Raises OSError."""
    with open(source, "rb") as old, open(target, "wb") as new:
        size, at = os.fstat(old.fileno()).st_size, 0
        while at < size:
            try:
                begin = os.lseek(old.fileno(), at, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # nothing but a hole is left
                    break
                raise
            at = os.lseek(old.fileno(), begin, os.SEEK_HOLE)
            old.seek(begin)
            new.seek(begin)
            while begin < at:
                piece = old.read(min(_PIECE, at - begin))
                begin += new.write(piece)
        new.truncate(size)
