"""The kinds of values in a policy file. Each ``wrong`` method returns the first fault. Pure."""

from __future__ import annotations

import datetime
import difflib

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Protocol

    from safeinstall.policy.places import Path

    class Kind(Protocol):
        """One kind of value."""

        def wrong(self, value: Any, path: Path) -> Wrong | None:
            """The first fault in the value at ``path``; ``None`` if it is valid."""


_SHOWN = 60  # characters of a value in a message
_COMPARED = 100  # characters of a word that :func:`nearest` compares


class Wrong(Value):
    """A fault: its place and the reason. ``key``: the key is wrong, not its value."""

    path: Path
    reason: str
    key: bool = False


class Number(Value):
    """One given number."""

    only: int
    reads: str  # "schema {} is not known; this version reads 1"

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is any other value, also ``True`` and ``1.0``, which equal 1 in Python."""
        if type(value) is int and value == self.only:
            return None
        return Wrong(path, self.reads.format(shown(value)))


class Choice(Value):
    """One of several given words."""

    words: tuple[str, ...]

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is anything but one of the words."""
        if isinstance(value, str) and value in self.words:
            return None
        reason = f"{path[-1]} is one of {', '.join(self.words)}, not {shown(value)}"
        return Wrong(path, reason + _meant(value, self.words))


class Text(Value):
    """A string of at most ``longest`` characters."""

    longest: int
    empty: bool = False  # may the string be empty?

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is another type, an empty string, or too many characters."""
        name = path[-1]
        if not isinstance(value, str):
            return Wrong(path, f"{name} is a string, not {shown(value)}")
        if not (value or self.empty):
            return Wrong(path, f"{name} is empty")
        if len(value) > self.longest:
            return Wrong(path, f"{name} is longer than {self.longest} characters")
        return None


class Day(Value):
    """A date without a time."""

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is a string, a time, or a date with a time."""
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return None
        return Wrong(path, f"{path[-1]} is a date, written like 2026-12-01, not {shown(value)}")


class Strings(Value):
    """A list of strings, each of the kind ``each``."""

    each: Kind
    empty: str = ""  # the reason why the list may not be empty; "": it may

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is anything but a list, or its first item that is wrong."""
        name = path[-1]
        if not isinstance(value, list):
            return Wrong(path, f"{name} is a list of strings, not {shown(value)}")
        if not value and self.empty:
            return Wrong(path, self.empty)
        for index, item in enumerate(value):
            place = (*path, index)
            if not isinstance(item, str):
                return Wrong(place, f"{name} is a list of strings; {shown(item)} is none")
            if not item:
                return Wrong(place, f"{name}: an empty string")
            found = self.each.wrong(item, place)
            if found:
                return found
        return None


class Name(Value):
    """A string in a list, of at most ``longest`` characters."""

    longest: int

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is a longer string."""
        if len(value) <= self.longest:
            return None
        return Wrong(path, f"{path[-2]}: longer than {self.longest} characters")


class Table(Value):
    """A table of known keys."""

    keys: Mapping[str, Kind]
    needed: tuple[tuple[str, str], ...] = ()  # required keys, each with its message if missing
    called: str = ""  # the table's name in messages; "": its path

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is anything but a table, an unknown key, a wrong value, a missing key."""
        called = self.called or ".".join(map(str, path))
        if not isinstance(value, dict):
            return Wrong(path, f"{called} is a table, written as [{called}], not {shown(value)}")
        for key, item in value.items():
            place = (*path, key)
            if key not in self.keys:
                return Wrong(place, self._unknown(key, called), key=True)
            found = self.keys[key].wrong(item, place)
            if found:
                return found
        lacking = (reason for key, reason in self.needed if key not in value)
        reason = next(lacking, "")
        return Wrong(path, reason) if reason else None

    def _unknown(self, key: str, called: str) -> str:
        place = f" in [{called}]" if called else ""
        known = ", ".join(self.keys)
        return f"unknown name {shown(key)}{place}{_meant(key, self.keys)}; known are {known}"


class Tables(Value):
    """An array of tables."""

    each: Table

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Wrong is anything but a list, or its first table that is wrong."""
        name = path[-1]
        if not isinstance(value, list):
            return Wrong(path, f"{name} are written as [[{name}]], not {shown(value)}")
        found = (self.each.wrong(item, (*path, index)) for index, item in enumerate(value))
        return next(filter(None, found), None)


class Either(Value):
    """A table, or a simpler value in its place."""

    simple: Kind
    table: Table

    def wrong(self, value: Any, path: Path) -> Wrong | None:
        """Check a table by ``table``, any other value by ``simple``."""
        return (self.table if isinstance(value, dict) else self.simple).wrong(value, path)


def shown(value: Any) -> str:
    """A value as text for a message: short, and on one line."""
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 128:  # converting it to text may take long
        return "a number as long as that"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    return str(value)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant; ``""`` if none is similar.

    A known word whose last part is equal is preferred to a similar one: ``SI101`` means
    ``rules.SI101``.
    """
    words, word = list(known), word[:_COMPARED]
    end = word.rpartition(".")[2].lower()
    alike = [each for each in words if end and each.rpartition(".")[2].lower() == end != "*"]
    return next(iter(difflib.get_close_matches(word, alike or words, 1, 0.0 if alike else 0.5)), "")


def _meant(value: Any, known: Iterable[str]) -> str:
    word = nearest(value, known) if isinstance(value, str) else ""
    return f"; did you mean {word}?" if word else ""
