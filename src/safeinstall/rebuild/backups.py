"""The old environments that rebuilds have kept."""

from __future__ import annotations

import contextlib
import os

from safeinstall.files import names_in
from safeinstall.journal import ids
from safeinstall.rebuild.staging import backups_of, remove
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Backup(Value):
    """An environment as it was before an operation."""

    op: str  # the operation that has put it away
    path: str
    time: str  # UTC as in the journal


def of(prefix: str) -> tuple[Backup, ...]:
    """The environment's backups, the newest first."""
    place = backups_of(prefix)
    found = ((name, ids.time_of(name)) for name in sorted(names_in(place), reverse=True))
    return tuple(
        Backup(name, os.path.join(place, name), time)
        for name, time in found
        if time and os.path.isdir(os.path.join(place, name, "conda-meta"))
    )


def discard(backup: Backup) -> None:
    """Remove it, and the directories that are empty then. Raises OSError."""
    remove(backup.path)
    above = os.path.dirname(backup.path)
    with contextlib.suppress(OSError):  # there are others
        os.rmdir(above)
        os.rmdir(os.path.dirname(above))


def size(path: str, ending: str = "") -> int:
    """Bytes on the disk that removing the directory would free, or of it the files whose names end
    so: without what is hard-linked, which is in conda's cache as well.
    """
    return sum(_bytes(path, ending))


def _bytes(path: str, ending: str) -> Iterator[int]:
    for directory, _, files in os.walk(path):
        for name in filter(lambda name: name.endswith(ending), files):
            status = os.lstat(os.path.join(directory, name))
            if status.st_nlink == 1:
                yield status.st_blocks * 512
