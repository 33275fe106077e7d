"""The place of each key and value in a TOML document, which tomllib does not report.

Loaded only after a file turned out to be invalid. tomllib decides whether the text is valid TOML;
this scanner only has to find where keys and values begin. In an invalid text it finds as many as it
can, and terminates.
"""

from __future__ import annotations

import tomllib

TYPE_CHECKING = False
if TYPE_CHECKING:
    Path = tuple[str | int, ...]  # ("exceptions", 0, "reason")
    Place = tuple[int, int]  # line and column, both from 1; columns count characters

DEEPEST = 64
"""Levels of nested brackets, or parts of a dotted key; a policy needs three."""

_BLANK = " \t"
_SPACE = " \t\n"
_ENDS_VALUE = frozenset(",]}#\r\n")
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class _TooDeep(Exception):  # noqa: N818 - it ends the walk
    pass


class Places:
    """The offsets of all keys and values in a text whose lines end in a plain newline.

    The offset of a table is that of its header, or of its name if it occurs only as a part of a
    dotted key or of a longer header. ``last`` is the offset of the last key; ``bare`` has the
    values that are neither strings nor brackets; ``deep`` is the offset at which the nesting
    exceeds DEEPEST, where the scan ends.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.last = 0
        self.bare: list[tuple[int, str]] = []
        self.deep: int | None = None
        self._tables: dict[Path, int] = {}  # number of tables so far, by array of tables
        try:
            self._document()
        except _TooDeep:
            self.deep = self.at

    def bare_around(self, offset: int) -> int:
        """The offset of the bare value around ``offset``, else ``offset`` itself."""
        around = (start for start, token in self.bare if start < offset < start + len(token))
        return next(around, offset)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, letters: str) -> None:
        while (letter := self._peek()) and letter in letters:
            self.at += 1

    def _skip_comments(self) -> None:
        self._skip(_SPACE)
        while self._peek() == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            self._skip(_SPACE)

    def _document(self) -> None:
        table: Path = ()
        before = -1
        while self.at > before:  # no progress: the text is not TOML
            before = self.at
            self._skip_comments()
            if self._peek() == "[":
                table = self._header()
            elif self._peek():
                self._pair(table, 0)

    def _header(self) -> Path:
        start = self.at
        several = self.text.startswith("[[", start)
        self.at += 2 if several else 1
        *parents, last = self._key() or [("", start)]
        path: Path = ()
        for name, offset in parents:
            path = self._into(self._name(path, name, offset))
        path = self._name(path, *last)
        if several:
            if path not in self._tables:
                self.values[path] = start
            self._tables[path] = self._tables.get(path, 0) + 1
            path = self._into(path)
        self.values[path] = start
        self._skip(_BLANK + "]")
        return path

    def _into(self, path: Path) -> Path:
        """The path of the table; for an array of tables, that of its last table."""
        count = self._tables.get(path)
        return (*path, count - 1) if count else path

    def _name(self, path: Path, name: str, offset: int) -> Path:
        path = (*path, name)
        self.keys.setdefault(path, offset)
        self.values.setdefault(path, offset)
        self.last = offset
        return path

    def _pair(self, table: Path, depth: int) -> None:
        parts = self._key()
        path = table
        for name, offset in parts:
            path = self._name(path, name, offset)
        if parts and self._peek() == "=":
            self.at += 1
            self._skip(_BLANK)
            self._value(path, depth)

    def _key(self) -> list[tuple[str, int]]:
        """The parts of a key with their offsets; moves ``at`` past the key and the blanks after."""
        parts: list[tuple[str, int]] = []
        while True:
            self._skip(_BLANK)
            start = self.at
            if len(parts) >= DEEPEST:
                raise _TooDeep
            quoted = self._peek() in ("'", '"')
            if quoted:
                self._string()
            else:
                while self._peek() in _BARE:
                    self.at += 1
            if self.at == start:
                return parts
            token = self.text[start : self.at]
            parts.append((_unquoted(token) if quoted else token, start))
            self._skip(_BLANK)
            if self._peek() != ".":
                return parts
            self.at += 1

    def _value(self, path: Path, depth: int) -> None:
        start = self.values[path] = self.at
        if depth > DEEPEST:
            raise _TooDeep
        letter = self._peek()
        if letter == "[":
            self._array(path, depth)
        elif letter == "{":
            self._table(path, depth)
        elif letter and letter in "'\"":
            self._string()
        else:
            while (letter := self._peek()) and letter not in _ENDS_VALUE:
                self.at += 1
            self.bare.append((start, self.text[start : self.at].strip()))

    def _array(self, path: Path, depth: int) -> None:
        self.at += 1
        index = 0
        while self._goes_on("]"):
            before = self.at
            self._value((*path, index), depth + 1)
            index += 1
            if self.at == before:
                return

    def _table(self, path: Path, depth: int) -> None:
        self.at += 1
        while self._goes_on("}"):
            before = self.at
            self._pair(path, depth + 1)
            if self.at == before:  # no TOML: neither a key nor a value stands here
                return

    def _goes_on(self, end: str) -> bool:
        """Skip commas and comments; is there another item before the closing bracket?"""
        before = -1
        while self.at > before:
            before = self.at
            self._skip_comments()
            self._skip(",")
        letter = self._peek()
        if letter == end:
            self.at += 1
            return False
        return bool(letter) and letter not in "]}=."

    def _string(self) -> None:
        quote = self._peek()
        if self.text.startswith(quote * 3, self.at):
            self._long_string(quote)
            return
        self.at += 1
        while (letter := self._peek()) not in ("", "\n", quote):
            self.at += 2 if letter == "\\" and quote == '"' else 1
        self.at += letter == quote

    def _long_string(self, quote: str) -> None:
        self.at += 3
        while self._peek() and not self.text.startswith(quote * 3, self.at):
            self.at += 2 if self._peek() == "\\" and quote == '"' else 1
        self.at += 3
        for _ in range(2):  # up to two more quotes belong to the string
            self.at += self._peek() == quote


def place(text: str, offset: int) -> Place:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a line and column as in tomllib's messages."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return start + column - 1


def _unquoted(token: str) -> str:
    try:
        name: str = tomllib.loads(f"x={token}")["x"]
    except tomllib.TOMLDecodeError:
        return token
    return name
