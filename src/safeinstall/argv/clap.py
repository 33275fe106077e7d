"""Parse words as clap does, the parser of uv: no abbreviations, and single options only once."""

from __future__ import annotations

from safeinstall.argv.values import Explained, Refused, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.argv.values import IsValue


class Option:
    """An option, from a row ``names dest takes``.

    takes: 0 a flag, c a flag that counts, 1 one value, + one value each time.
    """

    __slots__ = ("dest", "names", "takes")

    def __init__(self, row: str) -> None:
        names, self.dest, self.takes = row.split(" ")
        self.names = names.split(",")

    @property
    def name(self) -> str:
        """The canonical name: the first long one."""
        return next((name for name in self.names if name[:2] == "--"), self.names[0])


class Result(Values):
    """The options and arguments that were parsed."""

    def __init__(self, is_value: IsValue | None = None) -> None:
        super().__init__(is_value)
        self.given: dict[str, Option] = {}
        self.rest: list[str] = []

    def take(self, option: Option, value: str) -> None:
        """Store a value. Raises :class:`Refused` if the option may have one only, and has it."""
        if option.dest == "help":
            raise Explained(option.name)
        if option.dest in self.values and option.takes in "01":
            raise Refused(f"{option.name} cannot be used multiple times")
        if option.takes == "c":
            self.values[option.dest] = [value]
        else:
            self.values.setdefault(option.dest, []).append(value)
        self.given[option.dest] = option


class Level:
    """The options of one level (uv, uv pip, a subcommand), with those of the levels above."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.options: dict[str, Option] = {}
        for row in rows:
            option = Option(row)
            for name in option.names:
                self.options[name] = option

    def command(self, words: Sequence[str], result: Result) -> tuple[str, list[str]]:
        """Parse options up to a subcommand: its name and the words after it."""
        left = list(words)
        while left:
            if not is_option(left[0]):
                return left[0], left[1:]
            self.option(left, result)
        return "", []

    def everything(self, words: Sequence[str], result: Result) -> None:
        """Parse options and arguments in any order."""
        left = list(words)
        while left:
            if left[0] == "--":
                result.rest += left[1:]
                return
            if is_option(left[0]):
                self.option(left, result)
            else:
                result.rest.append(left.pop(0))

    def option(self, left: list[str], result: Result) -> None:
        """Parse one option, or a cluster of short ones."""
        word = left.pop(0)
        if word[:2] == "--":
            name, equals, value = word.partition("=")
            if self.allows(name, equals) or not result.passes(word, left):
                self.use(name, value if equals else None, left, result)
            return
        for place, letter in enumerate(word[1:], 2):
            option = self.options.get("-" + letter)
            rest = word[place:]
            if option is None and result.passes(word, left):
                return
            if option is not None and option.takes in "1+":
                self.use("-" + letter, rest.removeprefix("=") if rest else None, left, result)
                return
            self.use("-" + letter, None, left, result)

    def allows(self, name: str, equals: str) -> bool:
        """Is there such an option? With ``--name=value``, it has to be one that takes a value."""
        option = self.options.get(name)
        return option is not None and not (equals and option.takes in "0c")

    def use(self, name: str, value: str | None, left: list[str], result: Result) -> None:
        """Store the option's value, which is in the same word or the next one."""
        option = self.options.get(name)
        if option is None:
            raise Refused(f"unexpected argument {name}")
        if option.takes in "0c":
            if value is not None:
                raise Refused(f"unexpected value for {name}")
            result.take(option, "1")
            return
        if value is None:
            if not left or is_option(left[0]) or left[0] == "--":
                raise Refused(f"a value is required for {name}")
            value = left.pop(0)
        result.take(option, value)


def is_option(word: str) -> bool:
    """Does the word look like an option? A single dash does not."""
    return word[:1] == "-" and len(word) > 1 and word != "--"
