"""The command inside ``conda run``, also after ``env`` or in the text of ``bash -c "…"``."""

from __future__ import annotations

import os

from safeinstall.argv import shell_text
from safeinstall.model import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.argv import Context


def containing(command: Command, words: list[str], cwd: str | None, context: Context) -> Command:
    """The ``conda run`` command with the guarded command inside it, if there is one.

    The inner command runs in another environment, so the versions in the context do not apply.
    """
    place = os.path.join(context.cwd, cwd) if cwd else context.cwd
    inner = read(behind_env(words), context.replace(cwd=place, versions={}))
    if not inner.tool:
        return command
    return command.replace(inner=inner, mutates=inner.mutates, understood=inner.understood)


def read(words: list[str], context: Context) -> Command:
    """The command that the words start, directly or by a shell. A shell within the text of a shell
    is not followed.
    """
    parse = context.inner or _unread
    call = None if context.in_text else shell_text.call(words, context.environ)
    if call is None:
        return parse(words, context)
    text = words[call.at]
    found = parse(behind_env(shell_text.command(text)), context.replace(in_text=True))
    by_name = not any("/" in word for word in found.words[:1])
    behind = tuple(words[call.at + 1 :])
    return found.replace(text=text, behind=behind, roams=call.roams and by_name)


def _unread(words: Sequence[str], _: Context) -> Command:
    return Command(tuple(words), tool="")


def behind_env(words: list[str]) -> list[str]:
    """``env NAME=VALUE pip …`` → ``pip …``; unchanged if ``env`` has options."""
    if not words or os.path.basename(words[0]) != "env":
        return words
    start = next((at for at, word in enumerate(words) if at and "=" not in word), len(words))
    return words if words[start : start + 1] and words[start][:1] == "-" else words[start:]
