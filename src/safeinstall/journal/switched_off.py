"""What was done while ``SAFEINSTALL=off`` was set, as far as a door has seen it.

A door writes a line ``MILLISECONDS TOOL VERB`` into a file below the prefix that it stands in
(``note_off`` in :mod:`safeinstall.door.knock`): of conda, that is base's.
"""

from __future__ import annotations

import os

from safeinstall import clock, settings
from safeinstall.files import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE = "switched-off"
_LARGEST = 1 << 17  # bytes


def told(prefixes: Iterable[str], since: str) -> tuple[str, ...]:
    """A line for each command that is noted at these prefixes, from the instant ``since`` on."""
    notes = sorted({note for prefix in prefixes if prefix for note in _notes(prefix)})
    return tuple(
        f"{settings.SWITCH}=off was set for {what}, {instant}"
        for instant, what in notes
        if instant >= since
    )


def _notes(prefix: str) -> Iterator[tuple[str, str]]:
    path = os.path.join(prefix, settings.ENVIRONMENT_DIRECTORY, FILE)
    for line in read_text(path, _LARGEST).splitlines():
        time, _, what = line.partition(" ")
        if time.isascii() and time.isdecimal() and len(time) < 15 and what.isprintable():
            yield clock.instant(int(time) * 1_000_000), what
