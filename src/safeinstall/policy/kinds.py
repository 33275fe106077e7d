"""The kinds of values in a policy file. Pure.

Each ``wrong`` method yields every fault, each ``schema`` method says the same in JSON Schema
(draft 2020-12), as far as that can say it.
"""

from __future__ import annotations

import datetime
import difflib
import re

from safeinstall.policy.tighten import minutes
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Protocol

    from safeinstall.policy.places import Path

    class Kind(Protocol):
        """One kind of value."""

        def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
            """The faults in the value at ``path``, in the order in which they are written."""

        def schema(self) -> dict[str, Any]:
            """The same as JSON Schema."""


LONGEST_AGE = 100 * 366 * 24 * 60  # minutes
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

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is any other value, also ``True`` and ``1.0``, which equal 1 in Python."""
        if type(value) is not int or value != self.only:
            yield Wrong(path, self.reads.format(shown(value)))

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"const": self.only}


class Flag(Value):
    """``true`` or ``false``."""

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is anything else."""
        if not isinstance(value, bool):
            yield Wrong(path, f"{path[-1]} is true or false, not {shown(value)}")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "boolean"}


class Choice(Value):
    """One of several given words."""

    words: tuple[str, ...]

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is anything but one of the words."""
        if not (isinstance(value, str) and value in self.words):
            reason = f"{path[-1]} is one of {', '.join(self.words)}, not {shown(value)}"
            yield Wrong(path, reason + _meant(value, self.words))

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"enum": list(self.words)}


def _called(path: Path) -> str:
    """The name of the value at the path; of an item, that of its list."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


class Text(Value):
    """A string of at most ``longest`` characters."""

    longest: int
    empty: bool = False  # may the string be empty?

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is another type, an empty string, or too many characters."""
        name = _called(path)
        if not isinstance(value, str):
            yield Wrong(path, f"{name} is a string, not {shown(value)}")
        elif not (value or self.empty):
            yield Wrong(path, f"{name} is empty")
        elif len(value) > self.longest:
            yield Wrong(path, f"{name} is longer than {self.longest} characters")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "string", "minLength": int(not self.empty), "maxLength": self.longest}


class Day(Value):
    """A date without a time."""

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is a string, a time, or a date with a time."""
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            reason = f"{path[-1]} is a date, written like 2026-12-01, not {shown(value)}"
            yield Wrong(path, reason)

    def schema(self) -> dict[str, Any]:
        """As JSON Schema: programs that check TOML by one see a date as a string."""
        return {"type": "string", "format": "date"}


class Age(Value):
    """A length of time in minutes, hours, days or weeks, such as ``3d``."""

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is what :func:`safeinstall.policy.tighten.minutes` does not understand."""
        length = minutes(value) if isinstance(value, str) else None
        if length is None:
            told = "a number of minutes, hours, days or weeks, written like 3d, 12h, 2w"
            yield Wrong(path, f"{path[-1]} is {told}, not {shown(value)}")
        elif length > LONGEST_AGE:
            yield Wrong(path, f"{path[-1]}: longer than a hundred years")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "string", "pattern": "^[0-9]+[mhdw]$"}


class Strings(Value):
    """A list of strings, each of the kind ``each``."""

    each: Kind
    empty: str = ""  # the reason why the list may not be empty; "": it may

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is anything but a list, and every item that is wrong."""
        name = path[-1]
        if not isinstance(value, list):
            yield Wrong(path, f"{name} is a list of strings, not {shown(value)}")
            return
        if not value and self.empty:
            yield Wrong(path, self.empty)
        for index, item in enumerate(value):
            place = (*path, index)
            if not isinstance(item, str):
                yield Wrong(place, f"{name} is a list of strings; {shown(item)} is none")
            elif not item:
                yield Wrong(place, f"{name}: an empty string")
            else:
                yield from self.each.wrong(item, place)

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "array", "items": self.each.schema(), "minItems": int(bool(self.empty))}


class Name(Value):
    """A string in a list, of at most ``longest`` characters."""

    longest: int

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is a longer string."""
        if len(value) > self.longest:
            yield Wrong(path, f"{path[-2]}: longer than {self.longest} characters")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


class Table(Value):
    """A table of known keys."""

    keys: Mapping[str, Kind]
    needed: tuple[tuple[str, str], ...] = ()  # required keys, each with its message if missing
    called: str = ""  # the table's name in messages; "": its path

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is anything but a table, each unknown key, wrong value and missing key."""
        called = self.called or ".".join(map(str, path))
        if not isinstance(value, dict):
            yield Wrong(path, f"{called} is a table, written as [{called}], not {shown(value)}")
            return
        for key, item in value.items():
            place = (*path, key)
            if key in self.keys:
                yield from self.keys[key].wrong(item, place)
            else:
                yield Wrong(place, self._unknown(key, called), key=True)
        unknown = value.keys() - self.keys.keys()  # may be the one that lacks, misspelt
        lacking = (reason for key, reason in self.needed if key not in value and not unknown)
        yield from (Wrong(path, reason) for reason in lacking)

    def _unknown(self, key: str, called: str) -> str:
        place = f" in [{called}]" if called else ""
        known = ", ".join(self.keys)
        return f"unknown name {shown(key)}{place}{_meant(key, self.keys)}; known are {known}"

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        properties = {key: kind.schema() for key, kind in self.keys.items()}
        needed = [key for key, _ in self.needed]
        found = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**found, "required": needed} if needed else found


class Tables(Value):
    """An array of tables."""

    each: Kind

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is anything but a list, and what is wrong in each of its tables."""
        name = path[-1]
        if not isinstance(value, list):
            yield Wrong(path, f"{name} are written as [[{name}]], not {shown(value)}")
            return
        for index, item in enumerate(value):
            yield from self.each.wrong(item, (*path, index))

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "array", "items": self.each.schema()}


class Either(Value):
    """A table, or a simpler value in its place."""

    simple: Kind
    table: Kind

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Check a table by ``table``, any other value by ``simple``."""
        return (self.table if isinstance(value, dict) else self.simple).wrong(value, path)

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"anyOf": [self.simple.schema(), self.table.schema()]}


class OneOrMore(Value):
    """A list, or a single value in its place."""

    one: Kind
    more: Kind

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Check a list by ``more``, any other value by ``one``."""
        return (self.more if isinstance(value, list) else self.one).wrong(value, path)

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"anyOf": [self.one.schema(), self.more.schema()]}


class Pattern(Value):
    """A string that matches a regular expression as a whole."""

    regex: str
    what: str  # it is, for messages

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is any other value."""
        if not isinstance(value, str) or not re.fullmatch(self.regex, value):
            yield Wrong(path, f"{path[-1]} is {self.what}, not {shown(value)}")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "string", "pattern": f"^{self.regex}$"}


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
