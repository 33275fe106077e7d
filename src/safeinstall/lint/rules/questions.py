"""SI504 unanswered-question: conda or pip would ask, and nobody is there to answer."""

from __future__ import annotations

from safeinstall.lint.asked import behind_verb, told, verb_index
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Told
    from safeinstall.model import Command

CODE = "SI504"
NAME = "unanswered-question"

_ASKING = ("install", "update", "remove", "create", "clean", "env remove", "uninstall")


def look(asked: Asked) -> Iterator[Told]:
    """``block`` where nobody can answer; ``warn`` in a script, which may run on a terminal."""
    for moment in asked.moments:
        command = moment.inner
        if not _asks(moment, command):
            continue
        level = "warn" if moment.stage.kind == "script" else "block"
        tool = command.tool
        at = verb_index(command)
        words = [*command.words[: at + 1], "--yes", *command.words[at + 1 :]]
        yield told(
            CODE,
            level,
            f"{tool} {command.verb} asks whether to go on, and nobody answers here.",
            moment.step.span,
            fixes=(" ".join(words),),
            edits=behind_verb(moment, " --yes"),
        )


def _asks(moment: Moment, command: Command) -> bool:
    if moment.step.command is not None or moment.step.answered or command.verb not in _ASKING:
        return False
    if not (command.mutates or command.verb == "clean") or not command.understood:
        return False
    if {"--yes", "--json", "--dry-run"} & command.flags or {"-y", "-qy"} & {*command.words}:
        return False
    if command.tool == "pip":
        return command.verb == "uninstall" and "PIP_YES" not in moment.step.session.variables
    return command.tool in CONDA_LIKE and not moment.answers_itself
