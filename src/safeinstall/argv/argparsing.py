"""Parse words as ``argparse`` does, by a table of parsers and subparsers.

This module imitates everything that decides what a word means: all words are classified as options
or arguments before any is used; abbreviations, clusters, the greedy positional, ``--``; the order
of errors and ``--help``. Python 3.12 changed some of these rules: ``lenient`` selects the new ones.
"""

from __future__ import annotations

from safeinstall.argv.argparts import (
    PARSER,
    REMAINDER,
    Action,
    Found,
    Result,
    is_negative_number,
    option_count,
    positional_count,
)
from safeinstall.argv.values import Explained, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safeinstall.argv.values import IsValue

    Rows = Callable[[str], list[str] | None]


class Parser:
    """One parser or subparser, and its state while it parses."""

    def __init__(self, path: str, rows: Rows, result: Result, *, lenient: bool) -> None:
        self.path = path
        self.rows = rows
        self.result = result
        self.lenient = lenient
        self.options: dict[str, Action] = {}
        self.positionals: list[Action] = []
        self.needed: list[str] = []  # groups of which one option is required
        self.seen: set[str] = set()  # used options of mutually exclusive groups: group and names
        result.path = path
        for row in rows(path) or ():
            self.add(row)

    def add(self, row: str) -> None:
        """Add an option, a positional or a rule by a row of the table."""
        if row.startswith("need "):
            self.needed.append(row[5:])
            return
        if row.startswith("sub "):
            _, dest, need = row.split(" ")  # "conda env" and the like print their help without one
            action = Action(f"- {dest} parsers {PARSER} - -")
            action.required = need == "required"
        elif row == "greedy":
            action = Action(f"- _args store {REMAINDER} - -")
        else:
            action = Action(row)
        for name in action.names:
            self.options[name] = action
        if not action.names:
            self.positionals.append(action)

    # ---- classifying the words ---------------------------------------------------------------

    def classify(self, words: Sequence[str]) -> tuple[str, dict[int, list[Found]]]:
        """A letter for each word (O option, A argument, - the first ``--``), and the options."""
        letters = ""
        options: dict[int, list[Found]] = {}
        for index, word in enumerate(words):
            if word == "--":
                letters += "-" + "A" * (len(words) - index - 1)
                break
            found = self.option(word)
            if len(found) > 1 and self.result.is_value is not None:
                found = [Found(None, word, None, None)]  # may be an option of another release
            if len(found) > 1 and not self.lenient:
                raise Refused(f"ambiguous option: {word}")
            if found:
                options[index] = found
            letters += "O" if found else "A"
        return letters, options

    def option(self, word: str) -> list[Found]:
        """The options that the word may mean; empty if the word is an argument."""
        if word[:1] != "-":
            return []
        if word in self.options:
            return [Found(self.options[word], word, None, None)]
        if len(word) == 1:
            return []
        name, sep, explicit = word.partition("=")
        if sep and name in self.options:
            return [Found(self.options[name], name, sep, explicit)]
        matches = self.abbreviated(word) if word[1] == "-" else self.clustered(word)
        if matches:
            return matches
        if " " in word or is_negative_number(word):
            return []
        return [Found(None, word, None, None)]

    def abbreviated(self, word: str) -> list[Found]:
        """The options that ``--na`` or ``--na=x`` may abbreviate."""
        prefix, sep, explicit = word.partition("=")
        return [
            Found(action, name, sep or None, explicit if sep else None)
            for name, action in self.options.items()
            if name.startswith(prefix)
        ]

    def clustered(self, word: str) -> list[Found]:
        """The option at the start of ``-nfoo``; only the first letter counts, as argparse does."""
        return [
            Found(action, name, "", word[2:])
            for name, action in self.options.items()
            if name == word[:2]
        ]

    # ---- using the words ---------------------------------------------------------------------

    def parse(self, words: list[str]) -> None:
        """Consume positionals and options in turn, as argparse's main loop does."""
        letters, options = self.classify(words)
        last = max(options, default=-1)
        start = 0
        while start <= last:
            following = min(index for index in options if index >= start)
            if start != following:
                stop = self.take_positionals(words, letters, start)
                if stop > start:
                    start = stop
                    continue
            if start not in options:
                self.result.extras += words[start:following]
                start = following
            start = self.take_option(words, letters, start, options[start])
        stop = self.take_positionals(words, letters, start)
        self.result.extras += words[stop:]
        if any(action.required for action in self.positionals):
            raise Refused("a required argument is missing")
        if any(not self.has(group) for group in self.needed):
            raise Refused("one of several options is required")

    def has(self, group: str) -> bool:
        """Was an option of the mutually exclusive group used?"""
        return any(item.startswith(group + " ") for item in self.seen)

    def take_positionals(self, words: list[str], letters: str, start: int) -> int:
        """Give words to the remaining positionals; the index of the next word."""
        while self.positionals:
            action = self.positionals[0]
            count = positional_count(action.nargs, letters[start:])
            if count is None:
                break
            del self.positionals[0]
            taken = words[start : start + count]
            if "-" in letters[start : start + count] and self.drops_dashes(action, letters[start]):
                taken.remove("--")
            start += count
            self.take(action, taken, "")
        return start

    def drops_dashes(self, action: Action, first: str) -> bool:
        """Does argparse remove ``--`` from the words of this positional?"""
        if action.nargs == PARSER:
            return self.lenient and first == "-"
        return action.nargs != REMAINDER

    def take_option(
        self, words: list[str], letters: str, start: int, candidates: list[Found]
    ) -> int:
        """Use one option, or a cluster of options; the index of the next word."""
        if len(candidates) > 1:
            raise Refused(f"ambiguous option: {words[start]}")
        found = candidates[0]
        uses: list[tuple[Action, list[str], str]] = []
        stop = start + 1
        while True:
            action = found.action
            if action is None:
                stop = self.unknown(found.name, words, start)
                break
            if found.explicit is None:
                count = option_count(action.nargs, letters[start + 1 :])
                stop = start + 1 + count
                uses.append((action, words[start + 1 : stop], found.name))
                break
            if option_count(action.nargs, "A", explicit=True) == 1:
                uses.append((action, [found.explicit], found.name))
                break
            if not self.splits(action, found):
                if self.result.passes(words[start], []):
                    break
                raise Refused(f"{found.name}: ignored explicit argument {found.explicit!r}")
            uses.append((action, [], found.name))
            found = self.next_letter(found)
        for action, values, name in uses:
            self.take(action, values, name)
        return stop

    def unknown(self, option: str, words: list[str], start: int) -> int:
        """Keep an unknown option for the error at the end; the index of the next word."""
        left = words[start + 1 :]
        if not self.result.passes(option, left, self.path):
            self.result.extras.append(option)
        return len(words) - len(left)

    def splits(self, action: Action, found: Found) -> bool:
        """May more short options follow in the same word?"""
        short = action.nargs == "0" and found.name[1] != "-" and bool(found.explicit)
        if not self.lenient:
            return short
        return short and not found.sep and (found.explicit or "")[0] != "-"

    def next_letter(self, found: Found) -> Found:
        """The next option of a cluster; the newer argparse does not fail yet at an unknown one."""
        explicit = found.explicit or ""
        name, rest = "-" + explicit[0], explicit[1:]
        action = self.options.get(name)
        if action is None:
            if not self.lenient and self.result.is_value is None:
                raise Refused(f"ignored explicit argument {explicit!r}")
            return Found(None, "-" + explicit, None, None)
        if not rest:
            return Found(action, name, None, None)
        if self.lenient and rest[0] == "=":
            return Found(action, name, "=", rest[1:])
        return Found(action, name, "", rest)

    def take(self, action: Action, values: list[str], name: str) -> None:
        """Perform an action of argparse: check its values, and store them or parse a subcommand."""
        exact = self.result.is_value is None
        if exact and any(value not in action.choices for value in values if action.choices):
            raise Refused(f"{name or action.dest}: invalid choice")
        if action.group != "-":
            if any(item.startswith(action.group + " ") for item in self.seen - {self.key(action)}):
                raise Refused(f"{name} is not allowed with another option")
            self.seen.add(self.key(action))
        if action.kind in ("help", "version"):
            raise Explained(name)
        if name:
            self.result.flags.append(action.name(name))
        if action.nargs == PARSER:
            self.descend(values)
        else:
            self.store(action, values, name)

    def key(self, action: Action) -> str:
        """A key for the action within its mutually exclusive group."""
        return f"{action.group} {','.join(action.names)}"

    def store(self, action: Action, values: list[str], name: str) -> None:
        """Store the values of an option or a positional."""
        if action.nargs == "0":
            off = action.kind == "storefalse" or (
                action.kind == "booleanoptional" and name.startswith("--no-")
            )
            constant = action.name(name) if action.kind == "storeconst" else "0" if off else "1"
            self.result.values[action.dest] = [constant]
        elif action.kind == "append":
            self.result.values.setdefault(action.dest, []).extend(values)
        else:
            self.result.values[action.dest] = values

    def descend(self, words: list[str]) -> None:
        """Parse the remaining words by the subcommand's parser."""
        path = f"{self.path} {words[0]}".strip()
        rows = self.rows(path)
        if rows is None or words[0] == "pre":
            raise Refused(f"invalid choice: {words[0]!r}")
        if rows and rows[0][:1] == "=":
            path = rows[0][1:]
        Parser(path, self.rows, self.result, lenient=self.lenient).parse(words[1:])


def read(
    words: Sequence[str], rows: Rows, *, lenient: bool, is_value: IsValue | None = None
) -> Result:
    """Parse all words. Raises :class:`Refused` or :class:`Explained` where argparse would exit.

    Surplus arguments are no error after an unknown option: they may be its values.
    """
    result = Result(is_value)
    Parser("", rows, result, lenient=lenient).parse(list(words))
    if result.extras and not result.passed:
        raise Refused(f"unrecognized arguments: {' '.join(result.extras)}")
    return result
