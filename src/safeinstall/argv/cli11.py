"""Read words the way CLI11 does, the parser of micromamba and of mamba 2.

No abbreviations; ``-nfoo`` and clusters; ``--name=x``; options whose list takes every following
word until the next option; a subcommand reads everything behind it.
"""

from __future__ import annotations

from safeinstall.argv.values import Refused, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safeinstall.argv.values import IsValue

    Rows = Callable[[str], Sequence[str] | None]

ON = ("true", "on", "yes", "enable", "t", "y", "+")
OFF = ("false", "off", "no", "disable", "f", "n", "-")


class Option:
    """``names dest takes``; takes: 0 a flag, 1 one value, ``+`` a list."""

    __slots__ = ("dest", "names", "negative", "takes")

    def __init__(self, row: str) -> None:
        names, self.dest, self.takes = row.split(" ")
        self.names = [name.removeprefix("!") for name in names.split(",")]
        self.negative = frozenset(name[1:] for name in names.split(",") if name[0] == "!")

    @property
    def name(self) -> str:
        """The canonical name: the first long one."""
        return next((name for name in self.names if name[:2] == "--"), self.names[0])


class Result(Values):
    """What was read, by every level together."""

    def __init__(self, is_value: IsValue | None = None) -> None:
        super().__init__(is_value)
        self.paths: list[str] = [""]  # the subcommands met; below the first level several may be
        self.flags: set[str] = set()
        self.positionals: list[str] = []
        self.help = False
        self.extras: list[str] = []
        self.wrong: dict[str, str] = {}  # what CLI11 reports when all is read, by destination

    @property
    def path(self) -> str:
        """The subcommand met last."""
        return self.paths[-1]


class App:
    """One level: its options, its positional, its subcommands."""

    def __init__(self, path: str, rows: Rows, result: Result, parent: App | None = None) -> None:
        self.path = path
        self.rows = rows
        self.result = result
        self.parent = parent
        self.options: dict[str, Option] = {}
        self.positional = self.prefix = False
        self.given: set[str] = set()  # single values that this level has
        self.children: list[str] = []  # subcommands that were used
        result.paths.append(path)
        for row in rows(path) or ():
            self.add(row)

    def add(self, row: str) -> None:
        """Take a row; ``specs`` and ``prefix_command`` stand for what they are called."""
        if row == "specs":
            self.positional = True
        elif row == "prefix_command":
            self.prefix = True
        else:
            option = Option(row)
            for name in option.names:
                self.options[name] = option

    def parse(self, left: list[str]) -> None:
        """Read until the words are used up, or the next one is for the level above."""
        while left:
            word = left[0]
            path = self.child(word)
            if word == "--":
                if not self.only_arguments(left):
                    return
            elif path:
                del left[0]
                self.children.append(path)
                App(path, self.rows, self.result, self).parse(left)
            elif self.parent and self.parent.knows(word):
                return
            elif self.is_option(word):
                self.take(left)
            elif self.parent and word == "++":
                del left[0]
                return
            else:
                self.argument(left)

    def only_arguments(self, left: list[str]) -> bool:
        """Behind ``--``; False where the rest is the upper level's, as this one has its fill."""
        del left[0]
        if self.prefix:
            self.keep(left)
        elif self.parent and (not self.positional or self.result.positionals):
            return False
        while left:
            self.argument(left)
        return True

    def argument(self, left: list[str]) -> None:
        """Something that is no option."""
        if self.prefix:
            self.keep(left)
        elif self.positional:
            self.result.positionals.append(left.pop(0))
        else:  # behind an unknown option it may be that one's
            (self.result.passed or self.result.extras).append(left.pop(0))

    def keep(self, left: list[str]) -> None:
        """Everything from here on belongs to the command that is run."""
        self.result.positionals += left
        left.clear()

    def child(self, word: str) -> str:
        """The path of the subcommand of that name; the first level has one, those below it may
        have several different ones.
        """
        path = f"{self.path} {word}".strip()
        found = self.rows(path) if word and " " not in word else None
        if found is None or (self.children and not self.parent):
            return ""
        path = found[0][1:] if found[0][:1] == "=" else path
        return "" if path in self.children else path

    def knows(self, word: str) -> bool:
        """Is it a subcommand here or above?"""
        return bool(self.child(word)) or (self.parent is not None and self.parent.knows(word))

    def is_option(self, word: str) -> bool:
        """Has it the look of one? A negative number has not."""
        if word[:2] == "--":
            return len(word) > 2 and word[2] > "!" and word[2] != "-"
        short = len(word) > 1 and word[0] == "-" and word[1] > "!" and word[1] != "-"
        return short and not word[1].isdigit()

    def take(self, left: list[str]) -> None:
        """Read one option and its values."""
        word = left[0]
        long = word[:2] == "--"
        name, _, value = word.partition("=") if long else (word[:2], "", word[2:])
        option = self.options.get(name)
        if option is None:
            self.unknown(left)
            return
        del left[0]
        if option.takes == "0":
            self.flag(option, name, value if long else "")
            if value and not long:
                left.insert(0, "-" + value)
        else:
            self.values(option, value, left)

    def unknown(self, left: list[str]) -> None:
        """An option of no meaning here; to "run" it is the first word of the command."""
        rest = left[1:]
        if self.result.passes(left[0], rest, self.path):
            left[:] = rest
        elif self.prefix:
            self.keep(left)
        else:
            self.result.extras.append(left.pop(0))

    def flag(self, option: Option, name: str, value: str) -> None:
        """Switch on, or off: by ``--no-name``, by ``--name=false``."""
        if option.dest == "help":
            self.result.help = True
        on = truth(value)
        if on is None and self.result.passes(f"{name}={value}", []):
            return
        self.result.wrong.pop(option.dest, "")
        if on is None:
            self.result.wrong[option.dest] = f"{name} is on or off, not {value!r}"
        off = (name in option.negative) == on
        self.result.values[option.dest] = ["0" if off else "1"]
        if off:
            self.result.flags.discard(option.name)
        else:
            self.result.flags.add(option.name)

    def values(self, option: Option, value: str, left: list[str]) -> None:
        """One value, in the same word or the next one whatever it is; a list takes more."""
        if not value and not left:
            raise Refused(f"{option.name} needs a value")
        if option.takes == "1" and option.dest in self.given:
            self.result.wrong[option.dest] = f"{option.name} is given twice"
        self.given.add(option.dest)
        collected = [value or left.pop(0)]
        while option.takes == "+" and left and self.is_value(left[0]):
            collected.append(left.pop(0))
        if option.takes == "+" and left[:1] == ["--"]:
            del left[0]
        self.result.values.setdefault(option.dest, []).extend(collected)
        self.result.flags.add(option.name)

    def is_value(self, word: str) -> bool:
        """Neither an option nor a subcommand."""
        ends = word == "--" or (word == "++" and self.parent is not None)
        return not ends and not self.is_option(word) and not self.knows(word)


def truth(value: str) -> bool | None:
    """The value of a flag; None where it is none. Nothing said is on."""
    lower = value.lower()
    if not value or lower in ON:
        return True
    if lower in OFF:
        return False
    digits = value.removeprefix("-")
    return value[0] != "-" and bool(value.strip("0")) if digits.isdecimal() else None


def read(words: Sequence[str], rows: Rows, is_value: IsValue | None = None) -> Result:
    """Read all words; raises :class:`Refused` where CLI11 reports an error."""
    result = Result(is_value)
    App("", rows, result).parse(list(words))
    problems = [*result.wrong.values(), *(f"unexpected: {word}" for word in result.extras)]
    if problems and not result.help:
        raise Refused("; ".join(problems))
    return result
