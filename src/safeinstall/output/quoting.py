"""Quote words for a shell. ``shlex`` could do it, but imports ``re``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")


def quote(word: str) -> str:
    """The word as one word of a POSIX shell, quoted only if necessary."""
    if word and _SAFE.issuperset(word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


def paste(words: Iterable[str]) -> str:
    """A command line that a shell reads as exactly these words."""
    return " ".join(quote(word) for word in words)
