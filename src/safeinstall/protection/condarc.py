"""``path_conflict: prevent`` in ``PREFIX/.condarc``, which conda reads where the environment is
active: it does not write over files that it does not own. Pure.
"""

from __future__ import annotations

from safeinstall.files import documents
from safeinstall.protection.nouns import Refused

KEY, VALUE = "path_conflict", "prevent"
LINE = b"path_conflict: prevent  # by safeinstall: over no file that conda does not own\n"


def text(before: bytes) -> tuple[int, bytes]:
    """Where in the file lines are inserted, and these lines; none where the file says so already.

    Raises Refused where it says something else, or where there is no place for it.
    """
    old = _read(before)
    if old is None:
        raise Refused("cannot be read as conda does")
    if KEY in old:
        if old[KEY] == VALUE:
            return len(before), b""
        raise Refused(f"says {KEY}: {old[KEY]}, and stays so")
    inserted = LINE if not before or before.endswith(b"\n") else b"\n" + LINE
    if _read(before + inserted) != {**old, KEY: VALUE}:
        raise Refused(f"has no place for {KEY}")
    return len(before), inserted


def without_key(content: bytes) -> dict[str, object] | None:
    """The settings besides; ``None`` where conda cannot read it."""
    found = _read(content)
    return None if found is None else {k: v for k, v in found.items() if k != KEY}


def _read(content: bytes) -> dict[str, object] | None:
    try:
        return documents.yaml(content.decode())
    except UnicodeDecodeError:
        return None
