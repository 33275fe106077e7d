"""Every file of a prefix with its hash, and copies of a prefix that share nothing with it."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import time
from collections.abc import Mapping

Tree = Mapping[str, str]
"""Path relative to the prefix → type, mode and SHA-256, or where a link leads."""

OURS = ".safeinstall"
_SETTLED = 0.1  # seconds after which a change of the file surely gets another ctime

_known: dict[tuple[int, ...], str] = {}


def tree(prefix: str) -> Tree:
    """Every file but safeinstall's own records, byte code included. Empty where there is none."""
    found: dict[str, str] = {}
    for directory, names, files in os.walk(prefix):
        if directory == prefix and OURS in names:
            names.remove(OURS)
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        for name in [*files, *links]:
            path = os.path.join(directory, name)
            found[os.path.relpath(path, prefix)] = _describe(path)
    return found


def sha256(path: str) -> str:
    """The file's SHA-256. Remembered for as long as neither the file nor its inode changes: the
    time of the last change of an inode cannot be set by anybody."""
    about = os.stat(path)
    key = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
    if key in _known:
        return _known[key]
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time() - about.st_ctime > _SETTLED:
        _known[key] = digest
    return digest


def changed(before: Tree, after: Tree) -> list[str]:
    """The paths that are not as they were."""
    paths = before.keys() | after.keys()
    return sorted(path for path in paths if before.get(path) != after.get(path))


def copy(prefix: str, place: str) -> None:
    """Copy a prefix with its modes and times; no file of the copy is a hard link."""
    subprocess.run(["cp", "-a", "--no-preserve=links", prefix, place], check=True)


def move(place: str, to: str) -> None:
    """Rename a directory; nothing happens where there is none."""
    if os.path.isdir(place):
        os.rename(place, to)


def _describe(path: str) -> str:
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return f"-> {os.readlink(path)}"
    if not stat.S_ISREG(mode):
        return f"{stat.S_IFMT(mode):o}"
    return f"{stat.S_IMODE(mode):o} {sha256(path)}"
