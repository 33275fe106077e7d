"""Read words the way clap does, uv's parser: no abbreviations, and nothing given twice."""

from __future__ import annotations

from safeinstall.argv.values import Explained, Refused, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.argv.values import IsValue


class Option:
    """``names dest takes``; takes: 0 a flag, c a flag that counts, 1 one value, + many values."""

    __slots__ = ("dest", "names", "takes")

    def __init__(self, row: str) -> None:
        names, self.dest, self.takes = row.split(" ")
        self.names = names.split(",")

    @property
    def name(self) -> str:
        """The canonical name: the first long one."""
        return next((name for name in self.names if name[:2] == "--"), self.names[0])


class Result(Values):
    """What was read."""

    def __init__(self, is_value: IsValue | None = None) -> None:
        super().__init__(is_value)
        self.given: dict[str, Option] = {}
        self.rest: list[str] = []

    def take(self, option: Option, value: str) -> None:
        """Keep a value; raises :class:`Refused` where one was given before."""
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
    """The options that may stand at one place, those of the levels above among them."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.options: dict[str, Option] = {}
        for row in rows:
            option = Option(row)
            for name in option.names:
                self.options[name] = option

    def command(self, words: Sequence[str], result: Result) -> tuple[str, list[str]]:
        """Read options up to a subcommand: its name and what follows."""
        left = list(words)
        while left:
            if not is_option(left[0]):
                return left[0], left[1:]
            self.option(left, result)
        return "", []

    def everything(self, words: Sequence[str], result: Result) -> None:
        """Read options and arguments in any order."""
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
        """Read one option, or a cluster of short ones."""
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
        """Is there such an option, and may a value be stuck to it where one is?"""
        option = self.options.get(name)
        return option is not None and not (equals and option.takes in "0c")

    def use(self, name: str, value: str | None, left: list[str], result: Result) -> None:
        """Apply an option to its value, which is in the same word or the next one."""
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
    """Has it the look of one? A lone dash has not."""
    return word[:1] == "-" and len(word) > 1 and word != "--"
