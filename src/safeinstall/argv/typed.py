"""The words of a command as typed, to run the command and to show it."""

from __future__ import annotations

import itertools
import os

from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import Command, Spec


# Options of pip and uv that say where packages come from, and which count
_SOURCES = frozenset(
    (
        *("-i", "--index-url", "--extra-index-url", "--index", "--default-index"),
        *("-f", "--find-links", "--trusted-host", "-c", "--constraint", "--prerelease"),
    )
)
_SWITCHES = frozenset(("--no-index", "--pre"))


def words_of(
    command: Command,
    specs: Iterable[Spec] | None = None,
    more: Sequence[str] = (),
    *,
    sources: bool = True,
) -> list[str]:
    """The specs as typed, and ``more``; for specs from requirements files, ``-r FILE``. For pip,
    with the typed options that say where they come from, unless ``sources`` is False.
    """
    chosen = command.specs if specs is None else tuple(specs)
    words = [*_specs(command, chosen), *more]
    asked = command.asks_pip and sources and bool(words)
    return [*(_sources(command) if asked else ()), *words]


def _sources(command: Command) -> Iterator[str]:
    """The options with their values, as typed."""
    typed = iter(command.words[command.verb_at :])
    for word in typed:
        name, _, value = word.partition("=")
        if word in _SOURCES:
            yield word
            yield from itertools.islice(typed, 1)
        elif word in _SWITCHES or (value and name in _SOURCES) or _is_glued(word):
            yield word


def _is_glued(word: str) -> bool:
    """Is it a short option with its value: ``-fWHEELS``?"""
    return word[:2] in _SOURCES and word[1] != "-"


def _specs(command: Command, chosen: Sequence[Spec]) -> list[str]:
    words = []
    for spec in chosen:
        if not spec.origin:
            words += ["-e", spec.raw] if spec.editable else [spec.raw]
    for file in command.files:
        if any(spec.origin.startswith(f"{file}:") for spec in chosen):
            words += ["-r", file]
    return words


def whole(command: Command, at: int = 0, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The whole line as typed, with ``conda run`` around it; ``more`` is inserted before
    ``command.words[at]``.
    """
    if not command.text:
        return (*command.before, *command.words[:at], *more, *command.words[at:])
    text = command.text
    if more:
        from safeinstall.argv import shell_text

        text = shell_text.with_words(text, len(command.words) - at, more)
    return (*command.before, text, *command.behind)


def short_words(command: Command) -> list[str]:
    """The line with the tool's name instead of its path: the shell function passes conda's path,
    which the user did not type.
    """
    words = list(whole(command))
    name = os.path.basename(words[0])
    if name in CONDA_LIKE or name == command.tool != "pip":
        return [name, *words[1:]]
    return words
