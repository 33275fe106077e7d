"""Make text from outside safe to show. Pure.

Names, versions, addresses, paths and texts of policies come from files that anybody may have
written. Unchanged, they could control the terminal, imitate a line of safeinstall, reveal a secret,
or be a megabyte long. Therefore each message, line of evidence and table cell is one line of
printable characters, and a command is offered only if it can be pasted unchanged.
"""

from __future__ import annotations

from safeinstall import redaction
from safeinstall.redaction.names import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Finding

# In characters
LONGEST_WORD = 200
LONGEST_LINE = 2000
LONGEST_ARGUMENT = 300  # of a word in a command: a conda prefix may have 255
LONGEST_COMMAND = 8000

_READ = 10_000  # characters of a text that are processed; the rest is cut off
_COLOUR = "\x1b["
_COLOURS = frozenset("0123456789;")


def printable(text: str) -> str:
    """The text with unprintable characters as Python escapes: line ends, terminal escapes,
    direction marks, zero-width characters, undecodable bytes.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def one_line(text: str) -> str:
    """The text as one printable line without secrets, with long words shortened."""
    shown = printable(redaction.argument(_looked_at(text)))
    if len(shown) <= LONGEST_WORD:
        return shown
    shown = " ".join(map(_shortened, shown.split(" ")))
    return shown if len(shown) <= LONGEST_LINE else shown[: LONGEST_LINE - 1] + "…"


def value(text: str) -> str:
    """A value for use in a sentence: quoted if it is empty or has blanks or escapes in it."""
    return text if text and text.isprintable() and " " not in text else repr(text)


def values(texts: Iterable[str]) -> str:
    """Several values for use in a sentence, separated by commas."""
    return ", ".join(map(value, texts))


def finding(found: Finding) -> Finding:
    """The finding without secrets, and without commands that cannot be pasted."""
    return found.replace(
        message=redaction.argument(_looked_at(found.message)),
        evidence=tuple(redaction.argument(_looked_at(item)) for item in found.evidence),
        fixes=tuple(filter(is_command, found.fixes)),
    )


def is_command(text: str) -> bool:
    """Can the command be pasted unchanged? Not if it is too long, unprintable or has a secret."""
    return (
        text.isprintable()
        and len(text) <= LONGEST_COMMAND
        and all(len(word) <= LONGEST_ARGUMENT for word in text.split(" "))
        and HIDDEN not in text
        and redaction.argument(text) == text
    )


def page(text: str) -> str:
    """Our own text, with lines and colours kept and everything else unprintable escaped: the last
    check before it is written.
    """
    return "\n".join(map(_coloured, text.split("\n")))


def _coloured(text: str) -> str:
    if text.isprintable():
        return text
    before, *pieces = text.split(_COLOUR)
    return printable(before) + "".join(map(_piece, pieces))


def _piece(piece: str) -> str:
    """The text after ``ESC [``: kept if it is a colour, else made printable."""
    style, found, rest = piece.partition("m")
    if found and _COLOURS.issuperset(style):
        return f"{_COLOUR}{style}m{printable(rest)}"
    return printable(_COLOUR + piece)


def _looked_at(text: str) -> str:
    """The beginning of a very long text, cut between words: in half a word, a secret would not be
    recognised.
    """
    return text if len(text) <= _READ else text[:_READ].rpartition(" ")[0] + "…"


def _shortened(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[:140]}…{word[-50:]}"
