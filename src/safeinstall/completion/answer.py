"""The candidates at the cursor, from the table of commands; values come from a source. Pure."""

from __future__ import annotations

from safeinstall.completion.table import ROOT
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from safeinstall.completion.table import Command, Option

    Candidates = Iterable[tuple[str, str]]  # candidate and description, best first

SEVERAL = ("package", "tool", "verdict", "status", "actor", "rule")
"""Kinds of options that take several values, separated by commas."""


class Typed(Value):
    """The parsed words before the cursor."""

    command: Command
    option: Option | None = None  # the option whose value is at the cursor
    arguments: tuple[str, ...] = ()  # those before the cursor
    name: str | None = None  # the environment's name, if an option gives it
    prefix: str | None = None  # the environment's prefix, if an option gives it
    everything: bool = False  # the cursor is behind "--", in the command line of the tool

    @property
    def kind(self) -> str:
        """The kind of the value at the cursor; ``""`` where no value is expected."""
        if self.option is not None:
            return self.option.kind
        number = len(self.arguments)
        return self.command.arguments[number] if number < len(self.command.arguments) else ""


def complete(
    words: Sequence[str], values: Callable[[str, str, Typed], Candidates]
) -> Iterator[tuple[str, str]]:
    """The candidates for the last word, with their descriptions. ``words`` are those behind
    ``safeinstall``.

    ``values(kind, begun, typed)`` returns the values of a kind. A candidate is the whole word: it
    includes the text before the value, such as ``--tool=``.
    """
    words = _joined(words)
    *before, begun = words
    typed = _understood(before)
    if typed.everything:
        yield ":files", ""
        return
    lead = ""
    if typed.option is None and begun.startswith("--") and "=" in begun:
        name, _, begun = begun.partition("=")
        found = _option(typed.command, name)
        if found is None or not found.kind:
            return
        typed, lead = typed.replace(option=found), f"{name}="
    elif typed.option is None and (begun.startswith("-") or not _begins(typed)):
        yield from _options(typed.command, begun)
        return
    for value, meaning in _values(typed, begun, values):
        yield lead + value, meaning


def _begins(typed: Typed) -> bool:
    return bool(typed.kind or (typed.command.commands and not typed.arguments))


def _values(
    typed: Typed, begun: str, values: Callable[[str, str, Typed], Candidates]
) -> Iterator[tuple[str, str]]:
    if typed.option is None and not typed.kind:
        found: Candidates = ((n, c.help) for n, c in typed.command.commands.items())
    else:
        found = ()
    head, begun = _split(typed.kind, begun)
    if typed.kind:
        found = values("operation" if typed.kind == "span" else typed.kind, begun, typed)
    for value, meaning in found:
        if value.startswith((begun, ":")):
            yield (value if value.startswith(":") else head + value), meaning


def _split(kind: str, begun: str) -> tuple[str, str]:
    """``done,fa`` is completed behind its comma, ``12..1`` behind its dots."""
    sign = "," if kind in SEVERAL else ".." if kind == "span" else ""
    if not sign or sign not in begun:
        return "", begun
    head, _, rest = begun.rpartition(sign)
    return head + sign, rest


def _options(command: Command, begun: str) -> Iterator[tuple[str, str]]:
    for option in command.options:
        name = next((name for name in option.names if name.startswith(begun or "-")), None)
        if name:
            yield name, option.help


def _option(command: Command, name: str) -> Option | None:
    return next((option for option in command.options if name in option.names), None)


def _joined(words: Sequence[str]) -> list[str]:
    """The words, with options joined that bash splits at ``=``, such as ``--status=done``."""
    joined: list[str] = []
    for word in words:
        glued = joined and (joined[-1].endswith("=") and joined[-1].startswith("--"))
        if word == "=" and joined and joined[-1].startswith("--"):
            joined[-1] += "="
        elif glued:
            joined[-1] += word
        else:
            joined.append(word)
    return joined or [""]


def _understood(words: Sequence[str]) -> Typed:
    typed = Typed(ROOT)
    for word in words:
        if typed.everything:
            break
        typed = _next(typed, word)
    return typed


def _next(typed: Typed, word: str) -> Typed:
    if typed.option is not None:
        return _said(typed, typed.option, word).replace(option=None)
    if word == "--":
        return typed.replace(everything=True)
    name, equals, value = word.partition("=")
    option = _option(typed.command, name)
    if option is not None and option.kind:
        return _said(typed, option, value) if equals else typed.replace(option=option)
    if option is not None or word.startswith("-"):
        return typed
    if word in typed.command.commands and not typed.arguments:
        return typed.replace(command=typed.command.commands[word])
    return typed.replace(arguments=(*typed.arguments, word))


def _said(typed: Typed, option: Option, value: str) -> Typed:
    if option.kind == "environment":
        return typed.replace(name=value)
    return typed.replace(prefix=value) if option.kind == "prefix" else typed
