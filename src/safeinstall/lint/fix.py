"""The edits of findings that are safe to make: as a diff, and written."""

from __future__ import annotations

import difflib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.lint.nouns import Edit
    from safeinstall.lint.run import Linted


def fixed(linted: Linted) -> str:
    """The file's text with the edits of all its findings made."""
    return _applied(linted.source.text, (e for told in linted.told for e in told.edits))


def _applied(text: str, edits: Iterable[Edit]) -> str:
    ordered = sorted({(e.span.start, e.span.end, e.text) for e in edits}, reverse=True)
    before = len(text) + 1
    for start, end, new in ordered:
        if end <= before:  # two edits of one place: the next run makes the other one
            text = text[:start] + new + text[end:]
            before = start
    return text


def diff(linted: Linted) -> str:
    """The edits as a unified diff; ``""`` where there are none."""
    path = linted.source.path
    return "".join(
        difflib.unified_diff(
            linted.source.text.splitlines(keepends=True),
            fixed(linted).splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
        )
    )
