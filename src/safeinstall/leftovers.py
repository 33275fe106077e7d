"""The private directories of guards that were killed: nobody else removes them.

Called while a tool runs, never before.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from safeinstall import settings
from safeinstall.probe.files import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GROUPS = [8, 4, 4, 4, 12]  # a UUID of version 7, as journal.ids makes them
_HEXADECIMAL = frozenset("0123456789abcdef-")
_OLD = 86_400.0  # seconds; an operation that was stopped (Ctrl-Z) may last long


def sweep(places: Iterable[str]) -> list[str]:
    """Remove what is ours, older than a day and of no operation that is still going on.

    ``places`` are the directories that private ones are made in. Answers what was removed.
    """
    found = [path for place in dict.fromkeys(places) for path in _old(place)]
    if not found:
        return []
    import shutil  # 30 ms with all that it brings along

    going_on, removed = _going_on(), []
    for path in found:
        if _operation(path) not in going_on:
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path)
    return removed


def _old(place: str) -> Iterator[str]:
    for name in names_in(place):
        path = os.path.join(place, name)
        if _operation(path) and _is_ours_and_old(path):
            yield path


def _operation(path: str) -> str:
    """The operation that a directory is named after; ``""`` for any other name."""
    name = os.path.basename(path)
    operation = name.removeprefix("safeinstall-")
    whole = [len(part) for part in operation.split("-")] == _GROUPS and operation[14] == "7"
    known = whole and _HEXADECIMAL.issuperset(operation)
    return operation if known and name != operation else ""


def _is_ours_and_old(path: str) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    return private and status.st_uid == os.getuid() and time.time() - status.st_mtime > _OLD


def _going_on() -> set[str]:
    """The operations whose tools are running, as their variables tell."""
    import psutil

    found = set()
    for process in psutil.process_iter():
        try:
            said = process.environ().get(settings.OPERATION, "")
        except (psutil.Error, OSError):
            continue
        found.add(said.partition(" ")[0])
    return found
