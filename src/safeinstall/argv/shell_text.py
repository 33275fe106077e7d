"""Parse the text that a shell is given to run, if it is one command: ``bash -c "pip install x"``.

The rules are those of POSIX. If the shell would do more than split the text into words (expand a
variable, start a second command, redirect), the text is not parsed. A pattern that no file is
expected to match is kept unchanged, as the shell keeps it: ``fastapi[all]``, ``numpy==1.26.*``.
"""

from __future__ import annotations

from safeinstall.output.quoting import paste
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "ash")
# Options that do not change how the text is parsed; "o", which takes a name, is handled separately
LETTERS = frozenset("aceilpuvx")
LONG = ("--login", "--norc", "--noprofile", "--posix")
BLANKS = " \t"
SPECIAL = frozenset(";&|<>(){}$`\n")
QUOTES = ("'", '"')
ESCAPED = frozenset('$`"\\')  # characters that a backslash escapes inside double quotes
STARTS = (*BLANKS, "\n")  # characters before the first character of a word
HOMES = (*STARTS, "=", ":")  # characters before a ~ that means a home directory


class Call(Value):
    """A shell that is started with a text to run."""

    at: int  # the index of the text among the words
    roams: bool  # the shell reads startup files first, which may change PATH


class Refused(Exception):  # noqa: N818 - not an error: only the shell can parse the text
    """The text is more than one plain command."""


def call(words: Sequence[str], environ: Mapping[str, str]) -> Call | None:
    """The shell call in these words; ``None`` if it is no shell, or has no text to run."""
    shell = words[0].rpartition("/")[2] if words else ""
    if shell not in SHELLS:
        return None
    given: set[str] = set()
    at = 1
    while at < len(words) and words[at][:1] in ("-", "+"):
        word = words[at]
        at += 1
        if word in ("-", "--"):
            break
        if word in LONG:
            given.add(word)
            continue
        letters = word[1:].replace("o", "")
        at += len(word) - 1 - len(letters)
        if not LETTERS.issuperset(letters):
            return None
        given.update(letters if word[0] == "-" else ())
    if "c" not in given or at >= len(words):
        return None
    always = shell == "zsh" or (shell == "bash" and bool(environ.get("BASH_ENV")))
    return Call(at, always or not given.isdisjoint(("i", "l", "--login")))


def command(text: str) -> list[str]:
    """The words of the command, without the assignments before it; empty if it is not plain."""
    words = [word for word, _ in _read(text)]
    while words and _assigns(words[0]):
        del words[0]
    return words


def with_words(text: str, left: int, more: Iterable[str]) -> str:
    """The text with ``more`` words inserted before its last ``left`` words; the rest as typed."""
    read = _read(text)
    end = read[len(read) - left - 1][1]
    return f"{text[:end]} {paste(more)}{text[end:]}"


def with_other(text: str, left: int, words: Iterable[str]) -> str:
    """The text with its last ``left`` words replaced by ``words``."""
    read = _read(text)[:-left]
    return f"{text[: read[-1][1]]} {paste(words)}" if read else paste(words)


def _assigns(word: str) -> bool:
    """Is the word ``NAME=VALUE``? Not for PATH: then the tool would be another one."""
    name, sign, _ = word.partition("=")
    return bool(sign) and name.isascii() and name.isidentifier() and name != "PATH"


def _read(text: str) -> list[tuple[str, int]]:
    try:
        return list(_words(text))
    except Refused:
        return []


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Each word, without its quotes, and the index of its end in the text."""
    word: str | None = None
    for at, piece in _pieces(text):
        if piece is not None:
            word = (word or "") + piece
        elif word is not None:
            yield word, at
            word = None


def _pieces(text: str) -> Iterator[tuple[int, str | None]]:
    """The index and the text that each character adds to its word; ``None`` for a blank, which ends
    a word.
    """
    quote = ""
    letters = enumerate(text)
    for at, letter in letters:
        if letter == "\\" and quote != "'":
            following = next(letters, (at, ""))[1]
            if following != "\n":  # a backslash at the end of a line joins it with the next
                yield at, _escaped(following, quote)
        elif letter == quote or (letter in QUOTES and not quote):
            quote = "" if quote else letter
            yield at, ""
        elif letter in BLANKS and not quote:
            yield at, None
        elif _means_more(text, at, quote):
            raise Refused
        else:
            yield at, letter
    if quote:
        raise Refused
    yield len(text), None


def _escaped(letter: str, quote: str) -> str:
    if not letter:
        raise Refused
    return letter if not quote or letter in ESCAPED else "\\" + letter


def _means_more(text: str, at: int, quote: str) -> bool:
    """Does the character have a special meaning to the shell at this place?"""
    letter, previous = text[at], text[at - 1 : at] or " "
    if quote:
        return quote == '"' and letter in "$`"
    if letter in "*?":
        return "=" not in text[:at].replace("\t", " ").rpartition(" ")[2]
    if letter == "~":
        return previous in HOMES
    return letter in SPECIAL or (letter in "#=" and previous in STARTS)
