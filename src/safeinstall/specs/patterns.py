"""Patterns for names, as in a shell: ``*`` stands for any text. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def matches_one(text: str, patterns: Iterable[str]) -> bool:
    """Does one of the patterns match the whole text, with upper and lower case told apart?"""
    from fnmatch import fnmatchcase  # imports re: only where patterns have to be matched

    return any(fnmatchcase(text, pattern) for pattern in patterns)
