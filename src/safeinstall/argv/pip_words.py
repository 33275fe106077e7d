"""Split a requirements file into lines and words, as pip's ``req/req_file.py`` does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of the lines that are not empty, joined and without comments."""
    for number, line in joined(text):
        bare = without_comment(line).strip()
        if bare:
            yield number, bare


def joined(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of the lines. A line that ends in a backslash is joined with the next one; a
    comment line ends the joining.
    """
    first = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        comment = without_comment(line) == "" and "#" in line
        first = first if parts else number
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
            continue
        parts.append(" " + line if comment else line)
        yield first, "".join(parts)
        parts = []
    if parts:
        yield first, "".join(parts)


def without_comment(line: str) -> str:
    """The line up to a ``#`` at its start or after white space."""
    place = line.find("#")
    while place >= 0:
        if place == 0 or line[place - 1].isspace():
            return line[:place].rstrip()
        place = line.find("#", place + 1)
    return line


def expand(line: str, environ: Mapping[str, str]) -> str:
    """Replace ``${NAME}`` where NAME is upper case and set."""
    start = line.find("${")
    while start >= 0:
        end = line.find("}", start)
        name = line[start + 2 : end] if end > 0 else ""
        value = environ.get(name) if name and VARIABLE.issuperset(name) else None
        if value:
            line = line[:start] + value + line[end + 1 :]
        start = line.find("${", start + (len(value) if value else 2))
    return line


def split(line: str) -> tuple[str, list[str]]:
    """The requirement, and the words of the options after it."""
    tokens = line.split(" ")
    for place, token in enumerate(tokens):
        if token[:1] == "-":
            return " ".join(tokens[:place]), shell_words(" ".join(tokens[place:]))
    return line, []


def shell_words(text: str) -> list[str]:
    """The words of a line as a POSIX shell splits it; ``shlex`` would cost 10 ms."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    letters = iter(text)
    for letter in letters:
        if quote and letter == quote:
            quote = ""
        elif letter == "\\" and quote != "'":
            following = next(letters, "")
            keep = quote and following not in ('"', "\\")
            word = (word or "") + ("\\" if keep else "") + following
        elif quote:
            word = (word or "") + letter
        elif letter in "'\"":
            quote, word = letter, word or ""
        elif letter in " \t\r\n":
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + letter
    return words if word is None else [*words, word]
