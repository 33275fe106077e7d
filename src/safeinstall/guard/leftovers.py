"""Removes the private directories of guards that were killed before they could remove them.

Called while a tool runs, never before it starts. A directory in use is locked by its guard or by
the tool that the guard started.
"""

from __future__ import annotations

import os
import stat
import time

from safeinstall import settings, site_packages
from safeinstall.files import names_in
from safeinstall.journal.flock import let_go, try_flock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GROUPS = [8, 4, 4, 4, 12]  # a UUID of version 7, as journal.ids makes them
_HEXADECIMAL = frozenset("0123456789abcdef-")
_OLD = 86_400.0  # seconds; on a file system without locks, an older directory is not in use
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def sweep(places: Iterable[str]) -> list[str]:
    """Remove private directories of ours that are not locked and whose operation does not run.

    ``places`` are the parent directories of the private ones. Returns the removed paths.
    """
    ours = [path for place in dict.fromkeys(places) for path in _ours(place)]
    held = [(path, descriptor) for path in ours if (descriptor := _taken(path)) is not None]
    if not held:
        return []
    try:
        return list(_removed(path for path, _ in held))
    finally:
        for _, descriptor in held:
            let_go(descriptor)


def _removed(paths: Iterable[str]) -> Iterator[str]:
    import shutil  # takes 30 ms with everything that it imports

    going_on = _going_on()
    for path in paths:
        if _operation(path) not in going_on:
            shutil.rmtree(path, ignore_errors=True)
            yield path


def _ours(place: str) -> Iterator[str]:
    for name in names_in(place):
        path = os.path.join(place, name)
        if _operation(path) and _is_private(path):
            yield path


def _taken(path: str) -> int | None:
    """A descriptor of the directory, locked for us; ``None`` where another process holds it."""
    try:
        descriptor = os.open(path, _DIRECTORY)
    except OSError:
        return None
    try:
        free = try_flock(descriptor)
    except OSError:  # a file system without locks
        free = time.time() - os.fstat(descriptor).st_mtime > _OLD
    if free:
        return descriptor
    let_go(descriptor)
    return None


def _operation(path: str) -> str:
    """The operation that a directory is named after; ``""`` for any other name."""
    name = os.path.basename(path)
    operation = name.removeprefix("safeinstall-")
    whole = [len(part) for part in operation.split("-")] == _GROUPS and operation[14] == "7"
    known = whole and _HEXADECIMAL.issuperset(operation)
    return operation if known and name != operation else ""


def _is_private(path: str) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    return private and status.st_uid == os.getuid()


def _going_on() -> set[str]:
    """The ids of running operations, from the environment variables of all processes."""
    site_packages.enable()
    import psutil

    found = set()
    for process in psutil.process_iter():
        try:
            said = process.environ().get(settings.OPERATION, "")
        except (psutil.Error, OSError):
            continue
        found.add(said.partition(" ")[0])
    return found
