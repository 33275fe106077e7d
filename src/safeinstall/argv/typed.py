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
NARROW = ("--no-deps", "--require-hashes")
"""Options of pip under which it may not be asked for more than what the user has named."""
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
        every = command.asks_pip and chosen == command.specs
        if any(spec.origin.startswith(f"{file}:") for spec in chosen) or (
            every and _only_leads_on(command, file)
        ):
            words += ["-r", file]
    return words


def _only_leads_on(command: Command, file: str) -> bool:
    """Does this requirements file, as far as is known, only name others by ``-r``?"""
    before = (word for word, value in itertools.pairwise(command.words) if value == file)
    nested = any(
        spec.origin and not spec.origin.startswith(tuple(f"{name}:" for name in command.files))
        for spec in command.specs
    )
    return nested and next(before, "") in ("-r", "--requirement")


def by_settings(command: Command) -> list[str]:
    """What a variable or a pip.conf asks pip for, in words of its own. A variable may have been set
    for this one command.
    """
    if command.tool != "pip" or command.text:
        return []
    typed = command.words[command.verb_at :]
    words = [option for option in NARROW if option in command.flags and option not in typed]
    for spec in command.specs:
        if spec.editable and not spec.origin and not _is_among(typed, spec.raw):
            words += ["-e", spec.raw]
    for file in command.files:
        if not _is_among(typed, file):
            read = any(spec.origin.startswith(f"{file}:") for spec in command.specs)
            words += ["-r" if read or "--constraint" not in command.flags else "-c", file]
    return words


def _is_among(typed: Sequence[str], value: str) -> bool:
    """Is the value a word, or the end of one with its option: ``-rFILE``, ``--requirement=…``?"""
    return any(w == value or (w[:1] == "-" and w.endswith(value)) for w in typed)


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
    which the user did not type. What settings ask pip for is in it.
    """
    words = [*whole(command), *by_settings(command)]
    name = os.path.basename(words[0])
    if name in CONDA_LIKE or name == command.tool != "pip":
        return [name, *words[1:]]
    return words
