"""The text that a shell is given to run, if it is one plain command: ``bash -c "pip install x"``.

Read as POSIX has it. Wherever a shell would do more than take words apart (expand something, start
a second command, redirect) there is no reading. Only a pattern that no file will match is left as
it stands, as the shell leaves it: ``fastapi[all]``, ``numpy==1.26.*``.
"""

from __future__ import annotations

from safeinstall.output.quoting import paste
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "ash")
LETTERS = frozenset("aceilpuvx")  # options that leave the text what it is; "o" takes a name
LONG = ("--login", "--norc", "--noprofile", "--posix")
BLANKS = " \t"
SPECIAL = frozenset(";&|<>(){}$`\n")
QUOTES = ("'", '"')
ESCAPED = frozenset('$`"\\')  # by a backslash inside of double quotes
STARTS = (*BLANKS, "\n")  # what the first letter of a word stands behind
HOMES = (*STARTS, "=", ":")  # and a ~ that means somebody's home


class Call(Value):
    """A shell that is started with a text."""

    at: int  # the index of the text
    roams: bool  # startup files are read first, and may lead it to other tools


class Refused(Exception):  # noqa: N818 - no error: the text is the shell's to read
    """More than one plain command."""


def call(words: Sequence[str], environ: Mapping[str, str]) -> Call | None:
    """How the shell is started; ``None`` where it is none, or does not run a text."""
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
    """The words of the command, without the assignments before it; empty where it is not plain."""
    words = [word for word, _ in _read(text)]
    while words and _assigns(words[0]):
        del words[0]
    return words


def with_words(text: str, left: int, more: Iterable[str]) -> str:
    """The text with more words put in before its last ``left``; all the rest as it was typed."""
    read = _read(text)
    end = read[len(read) - left - 1][1]
    return f"{text[:end]} {paste(more)}{text[end:]}"


def with_other(text: str, left: int, words: Iterable[str]) -> str:
    """The text with other words in the place of its last ``left``."""
    read = _read(text)[:-left]
    return f"{text[: read[-1][1]]} {paste(words)}" if read else paste(words)


def _assigns(word: str) -> bool:
    """Is it ``NAME=VALUE``? With another PATH it would be anybody's pip."""
    name, sign, _ = word.partition("=")
    return bool(sign) and name.isascii() and name.isidentifier() and name != "PATH"


def _read(text: str) -> list[tuple[str, int]]:
    try:
        return list(_words(text))
    except Refused:
        return []


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Each word, without its quotes, and where it ends in the text."""
    word: str | None = None
    for at, piece in _pieces(text):
        if piece is not None:
            word = (word or "") + piece
        elif word is not None:
            yield word, at
            word = None


def _pieces(text: str) -> Iterator[tuple[int, str | None]]:
    """What each letter adds to its word; ``None`` where a word may end."""
    quote = ""
    letters = enumerate(text)
    for at, letter in letters:
        if letter == "\\" and quote != "'":
            following = next(letters, (at, ""))[1]
            if following != "\n":  # else the line goes on
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
    """Does the letter say something to the shell, where it stands?"""
    letter, previous = text[at], text[at - 1 : at] or " "
    if quote:
        return quote == '"' and letter in "$`"
    if letter in "*?":
        return "=" not in text[:at].replace("\t", " ").rpartition(" ")[2]
    if letter == "~":
        return previous in HOMES
    return letter in SPECIAL or (letter in "#=" and previous in STARTS)
