"""What a command would change in a file, for ``--dry-run``."""

from __future__ import annotations

import difflib
import os

from safeinstall.output.shown import printable


def difference(path: str, old: bytes | None, new: bytes | None) -> str:
    """The change of a file as a unified diff; ``None`` stands for a file that is not there."""
    before, after = (
        [os.fsdecode(line) for line in (content or b"").splitlines(keepends=True)]
        for content in (old, new)
    )
    name = printable(path)
    lines = difflib.unified_diff(before, after, name, "nothing" if new is None else name)
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)
