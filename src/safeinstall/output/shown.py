"""What others have said, made fit to be shown. Pure.

Names, versions, addresses, paths and the texts of policies come from files that anybody may have
written. Shown as they are they could act on the terminal, look like a line of ours, give a secret
away, or be a megabyte long. So each message, each line of evidence and each cell is one line of
printable characters, and a command is offered only where it can be pasted as it stands.
"""

from __future__ import annotations

from safeinstall import redaction
from safeinstall.redaction.names import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Finding

LONGEST_WORD = 200  # characters of a word in a sentence
LONGEST_LINE = 2000
LONGEST_ARGUMENT = 300  # of a command: a prefix of conda's may have 255
LONGEST_COMMAND = 8000

RUN = " Run: "
"""Stands before the command at the end of a message of one line."""

_READ = 10_000  # characters that are looked at
_COLOUR = "\x1b["
_COLOURS = frozenset("0123456789;")


def printable(text: str) -> str:
    """The text with everything spelt out that is not printable: line ends, escapes, marks of
    direction, what takes no room, lone bytes.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def one_line(text: str) -> str:
    """The text as one line without secrets, its long words shortened."""
    shown = printable(redaction.argument(_looked_at(text)))
    if len(shown) <= LONGEST_WORD:
        return shown
    shown = " ".join(map(_shortened, shown.split(" ")))
    return shown if len(shown) <= LONGEST_LINE else shown[: LONGEST_LINE - 1] + "…"


def value(text: str) -> str:
    """A value inside a sentence: in quotes where one could not see where it ends."""
    return text if text and text.isprintable() and " " not in text else repr(text)


def values(texts: Iterable[str]) -> str:
    """Several of them, with commas between."""
    return ", ".join(map(value, texts))


def finding(found: Finding) -> Finding:
    """The finding without secrets, and without commands that cannot be pasted."""
    message, run, command = found.message.partition(RUN)
    message = redaction.argument(_looked_at(message))
    return found.replace(
        message=message + run + command if is_command(command) else message,
        evidence=tuple(redaction.argument(_looked_at(item)) for item in found.evidence),
        fixes=tuple(filter(is_command, found.fixes)),
    )


def is_command(text: str) -> bool:
    """Can it be pasted as it stands, and means what it says?"""
    return (
        text.isprintable()
        and len(text) <= LONGEST_COMMAND
        and all(len(word) <= LONGEST_ARGUMENT for word in text.split(" "))
        and HIDDEN not in text
        and redaction.argument(text) == text
    )


def page(text: str) -> str:
    """A text of ours, of several lines and in colours: the last look before it goes out."""
    return "\n".join(map(_coloured, text.split("\n")))


def _coloured(text: str) -> str:
    if text.isprintable():
        return text
    before, *pieces = text.split(_COLOUR)
    return printable(before) + "".join(map(_piece, pieces))


def _piece(piece: str) -> str:
    """What stands behind the beginning of an escape: a colour, or what is none of ours."""
    style, found, rest = piece.partition("m")
    if found and _COLOURS.issuperset(style):
        return f"{_COLOUR}{style}m{printable(rest)}"
    return printable(_COLOUR + piece)


def _looked_at(text: str) -> str:
    """Its beginning, if it is very long; a word that is cut off might hide what it is."""
    return text if len(text) <= _READ else text[:_READ].rpartition(" ")[0] + "…"


def _shortened(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[:140]}…{word[-50:]}"
