"""Text of a file, and where in the file each character of a part of it stands."""

from __future__ import annotations

from bisect import bisect_right

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Span(Value):
    """A part of a file, by offsets of characters; ``end`` is the first offset behind it."""

    start: int
    end: int


class Source:
    """A file's text. Lines and columns count from 1, columns in characters."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.starts = [0]
        at = text.find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        line = bisect_right(self.starts, min(offset, len(self.text)))
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end; ``""`` where there is no such line."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r")

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a place."""
        return self.starts[min(line, len(self.starts)) - 1] + column - 1


class Fragment(Value):
    """A text that a program is given to read, taken from a file in one or more pieces.

    A script in a YAML file is indented there, and comment lines inside a RUN instruction are no
    part of what the shell gets; so each piece says where it comes from.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]  # offset in the text, offset in the file; ascending
    exact: bool = True  # False: characters are escaped in the file, so nothing can be edited there

    def at(self, offset: int) -> int:
        """Where in the file the character at ``offset`` stands."""
        piece = self.pieces[max(0, bisect_right(self.pieces, (offset, 1 << 62)) - 1)]
        return piece[1] + max(0, offset - piece[0])

    def span(self, start: int, end: int) -> Span:
        """Where in the file the characters from ``start`` up to ``end`` stand."""
        first = self.at(start)
        return Span(first, max(first, self.at(end - 1) + 1) if end > start else first)

    def part(self, start: int, end: int) -> Fragment:
        """A part of this text as a fragment of its own."""
        inside = ((at - start, place) for at, place in self.pieces if start < at < end)
        return Fragment(self.text[start:end], ((0, self.at(start)), *inside), self.exact)

    def kept_at(self, start: int) -> Fragment:
        """The same text with each character at one place, as where it is not written literally."""
        return Fragment(self.text, ((0, start),), exact=False)


def joined(parts: Iterable[tuple[str, int]], *, exact: bool = True) -> Fragment:
    """The fragment of these texts, each with its offset in the file."""
    texts, pieces, length = [], [], 0
    for text, place in parts:
        if text:
            texts.append(text)
            pieces.append((length, place))
            length += len(text)
    return Fragment("".join(texts), tuple(pieces) or ((0, 0),), exact)


class Fault(Exception):  # noqa: N818 - one file cannot be judged, the others can
    """A file, or a part of one, that cannot be read. ``offset`` is the place in the file."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
