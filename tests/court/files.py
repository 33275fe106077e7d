"""Every file of a prefix with its hash, and copies of a prefix that share nothing with it."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping

Tree = Mapping[str, str]
"""Path relative to the prefix → type, mode and SHA-256, or where a link leads."""

OURS = ".safeinstall"
_SETTLED = 0.1  # seconds after which a change of the file surely gets another ctime

_known: dict[tuple[int, ...], str] = {}


def tree(prefix: str) -> Tree:
    """Every file but safeinstall's own records, byte code included. Empty where there is none."""
    if not os.path.isdir(prefix):
        return {}
    return {path: text for path, text in _walk(prefix, "") if not path.startswith(f"{OURS}/")}


def _walk(directory: str, below: str) -> Iterator[tuple[str, str]]:
    with os.scandir(directory) as entries:
        for entry in entries:
            path = below + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{path}/")
            else:
                yield path, _describe(entry)


def sha256(path: str, about: os.stat_result | None = None) -> str:
    """The file's SHA-256. Remembered for as long as neither the file nor its inode changes: the
    time of the last change of an inode cannot be set by anybody."""
    about = about or os.stat(path)
    key = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
    if key in _known:
        return _known[key]
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    if time.time() - about.st_ctime > _SETTLED:
        _known[key] = digest
    return digest


def changed(before: Tree, after: Tree) -> list[str]:
    """The paths that are not as they were."""
    paths = before.keys() | after.keys()
    return sorted(path for path in paths if before.get(path) != after.get(path))


def memory() -> str | None:
    """A directory in memory, where there is one with room: environments are copied all the time."""
    place = "/dev/shm"
    return place if os.access(place, os.W_OK) and shutil.disk_usage(place).free > 4e9 else None


def copy(prefix: str, place: str) -> None:
    """Copy a prefix with its modes and times; no file of the copy is a hard link."""
    subprocess.run(["cp", "-a", "--no-preserve=links", prefix, place], check=True)


def move(place: str, to: str) -> None:
    """Rename a directory; nothing happens where there is none."""
    if os.path.isdir(place):
        os.rename(place, to)


def _describe(entry: os.DirEntry[str]) -> str:
    about = entry.stat(follow_symlinks=False)
    if stat.S_ISLNK(about.st_mode):
        return f"-> {os.readlink(entry.path)}"
    if not stat.S_ISREG(about.st_mode):
        return f"{stat.S_IFMT(about.st_mode):o}"
    return f"{stat.S_IMODE(about.st_mode):o} {sha256(entry.path, about)}"
