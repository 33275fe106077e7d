"""The words of a command as typed, to run the command and to show it."""

from __future__ import annotations

import os

from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Command, Spec


def words_of(command: Command, specs: Iterable[Spec] | None = None) -> list[str]:
    """The specs as typed; for specs from requirements files, ``-r FILE``."""
    chosen = command.specs if specs is None else tuple(specs)
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
