"""Parse words as CLI11 does, the parser of micromamba and of mamba 2.

No abbreviations; ``-nfoo`` and clusters; ``--name=x``; a list option takes all words up to the next
option; a subcommand parses all words after it.
"""

from __future__ import annotations

from safeinstall.argv.values import Refused, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safeinstall.argv.values import IsValue

    Rows = Callable[[str], Sequence[str] | None]

ON = ("true", "on", "yes", "enable", "t", "y", "+")
_LONGEST = 18  # digits of the numbers that CLI11 reads, which have 64 bits
OFF = ("false", "off", "no", "disable", "f", "n", "-")


class Option:
    """An option, from a row ``names dest takes``; takes: 0 a flag, 1 one value, ``+`` a list."""

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
    """The options and arguments that all levels parsed."""

    def __init__(self, is_value: IsValue | None = None) -> None:
        super().__init__(is_value)
        self.paths: list[str] = [""]  # the subcommands; below the first level there may be several
        self.flags: set[str] = set()
        self.positionals: list[str] = []
        self.help = False
        self.extras: list[str] = []
        self.wrong: dict[str, str] = {}  # errors that CLI11 reports at the end, by destination

    @property
    def path(self) -> str:
        """The last subcommand."""
        return self.paths[-1]


class App:
    """One level (the program or a subcommand): its options, its positional, its subcommands."""

    def __init__(self, path: str, rows: Rows, result: Result, parent: App | None = None) -> None:
        self.path = path
        self.rows = rows
        self.result = result
        self.parent = parent
        self.options: dict[str, Option] = {}
        self.positional = self.prefix = False
        self.given: set[str] = set()  # options that were given at this level, by destination
        self.children: list[str] = []  # subcommands that were used
        result.paths.append(path)
        for row in rows(path) or ():
            self.add(row)

    def add(self, row: str) -> None:
        """Add an option by a row of the table; ``specs`` and ``prefix_command`` are positionals."""
        if row == "specs":
            self.positional = True
        elif row == "prefix_command":
            self.prefix = True
        else:
            option = Option(row)
            for name in option.names:
                self.options[name] = option

    def parse(self, left: list[str]) -> None:
        """Parse until no word is left, or the next one belongs to the level above."""
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
        """Parse the words after ``--``; False if they belong to the level above, because this
        level takes no more arguments.
        """
        del left[0]
        if self.prefix:
            self.keep(left)
        elif self.parent and (not self.positional or self.result.positionals):
            return False
        while left:
            self.argument(left)
        return True

    def argument(self, left: list[str]) -> None:
        """Store a word that is not an option."""
        if self.prefix:
            self.keep(left)
        elif self.positional:
            self.result.positionals.append(left.pop(0))
        else:  # after an unknown option, the word may be its value
            (self.result.passed or self.result.extras).append(left.pop(0))

    def keep(self, left: list[str]) -> None:
        """Store all words that are left: they are the command that ``run`` runs."""
        self.result.positionals += left
        left.clear()

    def child(self, word: str) -> str:
        """The path of the subcommand of that name; ``""`` if the word is none. A line has one
        subcommand at the first level, but may have several at the levels below.
        """
        path = f"{self.path} {word}".strip()
        found = self.rows(path) if word and " " not in word else None
        if found is None or (self.children and not self.parent):
            return ""
        path = found[0][1:] if found[0][:1] == "=" else path
        return "" if path in self.children else path

    def knows(self, word: str) -> bool:
        """Is the word a subcommand of this level or of one above?"""
        return bool(self.child(word)) or (self.parent is not None and self.parent.knows(word))

    def is_option(self, word: str) -> bool:
        """Does the word look like an option? A negative number does not."""
        if word[:2] == "--":
            return len(word) > 2 and word[2] > "!" and word[2] != "-"
        short = len(word) > 1 and word[0] == "-" and word[1] > "!" and word[1] != "-"
        return short and not word[1].isdigit()

    def take(self, left: list[str]) -> None:
        """Parse one option and its values."""
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
        """Handle an unknown option; for ``run``, it is the first word of the command to run."""
        rest = left[1:]
        if self.result.passes(left[0], rest, self.path):
            left[:] = rest
        elif self.prefix:
            self.keep(left)
        else:
            self.result.extras.append(left.pop(0))

    def flag(self, option: Option, name: str, value: str) -> None:
        """Set a flag on, or off as in ``--no-name`` and ``--name=false``."""
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
        """Store a value from the same word, or from the next one whatever it is; a list option
        takes further words.
        """
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
        """Is the word a value, neither an option nor a subcommand?"""
        ends = word == "--" or (word == "++" and self.parent is not None)
        return not ends and not self.is_option(word) and not self.knows(word)


def truth(value: str) -> bool | None:
    """The value in ``--flag=value`` as a boolean: None if it is none, True if it is empty."""
    lower = value.lower()
    if not value or lower in ON:
        return True
    if lower in OFF:
        return False
    digits = value.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST
    return value[0] != "-" and int(value) > 0 if plain else None


def read(words: Sequence[str], rows: Rows, is_value: IsValue | None = None) -> Result:
    """Parse all words. Raises :class:`Refused` where CLI11 reports an error."""
    result = Result(is_value)
    App("", rows, result).parse(list(words))
    problems = [*result.wrong.values(), *(f"unexpected: {word}" for word in result.extras)]
    if problems and not result.help:
        raise Refused("; ".join(problems))
    return result
