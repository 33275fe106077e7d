"""Read words the way ``optparse`` does, from a table of options.

Everything that decides what a word means is imitated: abbreviations that are unique among all long
names, clusters of short options, values that are the next word whatever it is, ``--``. Errors are
values here: a :class:`Reading` with ``error`` is a command line that the tool refuses.
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
    """The options that one parser knows, by name."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.by_name: dict[str, Option] = {}
        for row in rows:
            option = Option(row)
            for name in option.names:
                self.by_name[name] = option

    def long(self, name: str) -> Option | None:
        """The option of an exact or uniquely abbreviated long name."""
        found = self.by_name.get(name)
        if found is not None:
            return found
        matches = [known for known in self.by_name if known.startswith(name) and known[1] == "-"]
        return self.by_name[matches[0]] if len(matches) == 1 else None


class Reading(Values):
    """What was read: values by destination, the words left over, and how it ended."""

    def __init__(self, is_value: IsValue | None = None) -> None:
        super().__init__(is_value)
        self.given: dict[str, Option] = {}  # the option that set each destination last
        self.rest: list[str] = []
        self.help = False
        self.error = ""

    @property
    def ended(self) -> bool:
        """Did an error or ``--help`` stop the reading?"""
        return self.help or bool(self.error)

    def take(self, option: Option, value: str | None, checks: Mapping[str, Check]) -> None:
        """Apply one option as the tool's action would."""
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
    """Would the tool take this value?"""
    kind, _, detail = check.partition(":")
    if kind == "choice":
        return value in detail.split(",")
    if kind in ("int", "float"):
        return number(value, kind)
    known = checks.get(detail)
    return known is None or known(value)


def number(value: str, kind: str) -> bool:
    """``optparse`` reads hexadecimal and binary too."""
    try:
        if kind == "float":
            float(value)
        else:
            integer(value)
    except ValueError:
        return False
    return True


def integer(value: str) -> int:
    """A number as ``optparse`` reads it."""
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
    """Read ``words``; with ``interspersed`` off, stop at the first word that is no option."""
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
    """``--name``, ``--name value``, ``--name=value``, ``--nam``."""
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
    """``-U``, ``-Ur file``, ``-tdir``."""
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
    """Apply the option to the next word."""
    if left:
        result.take(option, left.pop(0), checks)
    else:
        result.error = f"option {name} requires a value"
