"""Quote words for a shell. ``shlex`` could do it, but imports ``re``.

A command line may end with a note for its reader, written as a comment. It is shown apart from the
command: an interactive zsh takes ``#`` for a word (its option ``interactive_comments`` is off).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")


_NOTE = "  # "
_EDIT = ("with ", "without ")


def quote(word: str) -> str:
    """The word as one word of a POSIX shell, quoted only if necessary."""
    if word and _SAFE.issuperset(word):
        return word
    return f"'{quoted(word)}'"


def quoted(text: str) -> str:
    """The text as it stands between two apostrophes."""
    return text.replace("'", "'\"'\"'")


def paste(words: Iterable[str]) -> str:
    """A command line that a shell reads as exactly these words."""
    return " ".join(quote(word) for word in words)


def noted(line: str, note: str) -> str:
    """The command line with a note at its end; without one if it is ``""``."""
    return f"{line}{_NOTE}{note}" if note else line


def leading_to(said: str, lead: str, words: Iterable[str]) -> str:
    """A message of our own, with the command at its end that is the next step. All of these are
    made here; those of rules are in :class:`safeinstall.model.Finding`.
    """
    return f"{said}; {lead}: {paste(words)}"


def without_note(line: str) -> tuple[str, str]:
    """The command line, and the note at its end; ``""`` for none."""
    command, mark, note = line.rpartition(_NOTE)
    return (command, note) if mark and _is_whole(command) else (line, "")


def is_edit(note: str) -> bool:
    """Does the note say what to change in a file before the command is run?"""
    return note.startswith(_EDIT)


def _is_whole(line: str) -> bool:
    import shlex  # only where a command is shown

    try:
        shlex.split(line)
    except ValueError:  # a quotation is open
        return False
    return True
