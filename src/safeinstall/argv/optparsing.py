"""Parse words as ``optparse`` does, by a table of options.

This module imitates everything that decides what a word means: abbreviations that are unique among
all long names, clusters of short options, values that are the next word whatever it is, ``--``.
Errors are values: a :class:`Reading` with ``error`` is a command line that the tool would refuse.
"""

from __future__ import annotations

from safeinstall.argv.values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from safeinstall.argv.values import IsValue

    Check = Callable[[str], bool]

TAKES_NO_VALUE = frozenset(("store_true", "store_false", "store_const", "count", "help"))


class Option:
    """One row of the table."""

    __slots__ = ("action", "check", "dest", "names", "takes_value")

    def __init__(self, row: str) -> None:
        names, self.dest, self.action, self.check = row.split(" ")[:4]
        self.names = names.split(",")
        self.takes_value = self.action not in TAKES_NO_VALUE and self.check != "-"

    @property
    def name(self) -> str:
        """The canonical name: the first long one."""
        return next((name for name in self.names if name[:2] == "--"), self.names[0])


class Table:
    """The options of one parser, by name."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.by_name: dict[str, Option] = {}
        for row in rows:
            option = Option(row)
            for name in option.names:
                self.by_name[name] = option

    def long(self, name: str) -> Option | None:
        """The option with this long name, or with the only name that it abbreviates."""
        found = self.by_name.get(name)
        if found is not None:
            return found
        matches = [known for known in self.by_name if known.startswith(name) and known[1] == "-"]
        return self.by_name[matches[0]] if len(matches) == 1 else None


class Reading(Values):
    """The result of parsing: values by destination, the arguments, an error or ``--help``."""

    def __init__(self, is_value: IsValue | None = None) -> None:
        super().__init__(is_value)
        self.given: dict[str, Option] = {}  # the option that set each destination last
        self.rest: list[str] = []
        self.help = False
        self.error = ""

    @property
    def ended(self) -> bool:
        """Did an error or ``--help`` end the parsing?"""
        return self.help or bool(self.error)

    def take(self, option: Option, value: str | None, checks: Mapping[str, Check]) -> None:
        """Store one option's value as optparse's action does."""
        if option.action == "help":
            self.help = True
            return
        exact = self.is_value is None
        if exact and value is not None and not acceptable(option.check, value, checks):
            self.error = f"option {option.name}: invalid value: {value!r}"
            return
        self.given[option.dest] = option
        if value is None:
            value = "0" if option.action == "store_false" else "1"
        if option.action in ("append", "callback"):
            self.values.setdefault(option.dest, []).append(value)
        else:
            self.values[option.dest] = [value]


def acceptable(check: str, value: str, checks: Mapping[str, Check]) -> bool:
    """Would the tool accept this value?"""
    kind, _, detail = check.partition(":")
    if kind == "choice":
        return value in detail.split(",")
    if kind in ("int", "float"):
        return number(value, kind)
    known = checks.get(detail)
    return known is None or known(value)


def number(value: str, kind: str) -> bool:
    """Is the text a number to optparse? Hexadecimal and binary integers are."""
    try:
        if kind == "float":
            float(value)
        else:
            integer(value)
    except ValueError:
        return False
    return True


def integer(value: str) -> int:
    """An integer as optparse reads it. Raises ValueError."""
    prefix = value[:2].lower()
    if prefix == "0x":
        return int(value, 16)
    if prefix == "0b":
        return int(value[2:] or "0", 2)
    return int(value, 8) if value[:1] == "0" else int(value, 10)


def read(
    words: Iterable[str],
    table: Table,
    checks: Mapping[str, Check],
    *,
    interspersed: bool = True,
    reading: Reading | None = None,
) -> Reading:
    """Parse ``words``; with ``interspersed`` off, stop at the first word that is no option."""
    result = reading or Reading()
    left = list(words)
    while left and not result.ended:
        word = left[0]
        if word == "--":
            del left[0]
            break
        if word[:2] == "--":
            read_long(left, table, result, checks)
        elif word[:1] == "-" and len(word) > 1:
            read_cluster(left, table, result, checks)
        elif interspersed:
            result.rest.append(left.pop(0))
        else:
            break
    result.rest += left
    return result


def read_long(left: list[str], table: Table, result: Reading, checks: Mapping[str, Check]) -> None:
    """Parse ``--name``, ``--name value``, ``--name=value`` or ``--nam``."""
    word = left.pop(0)
    name, equals, explicit = word.partition("=")
    option = table.long(name)
    known = option is not None and (option.takes_value or not equals)
    if not known and result.passes(word, left):
        return
    if option is None:
        result.error = f"no such option, or an ambiguous one: {name}"
    elif option.takes_value:
        if equals:
            left.insert(0, explicit)
        take_next(left, option, name, result, checks)
    elif equals:
        result.error = f"option {name} does not take a value"
    else:
        result.take(option, None, checks)


def read_cluster(
    left: list[str], table: Table, result: Reading, checks: Mapping[str, Check]
) -> None:
    """Parse ``-U``, ``-Ur file`` or ``-tdir``."""
    word = left.pop(0)
    for place, letter in enumerate(word[1:], 2):
        option = table.by_name.get("-" + letter)
        if option is None and result.passes(word, left):
            return
        if option is None:
            result.error = f"no such option: -{letter}"
        elif option.takes_value:
            if place < len(word):
                left.insert(0, word[place:])
            take_next(left, option, "-" + letter, result, checks)
            return
        else:
            result.take(option, None, checks)
        if result.ended:
            return


def take_next(
    left: list[str], option: Option, name: str, result: Reading, checks: Mapping[str, Check]
) -> None:
    """Take the next word as the option's value."""
    if left:
        result.take(option, left.pop(0), checks)
    else:
        result.error = f"option {name} requires a value"
