"""SI504 unanswered-question: conda or pip would ask, and nobody is there to answer."""

from __future__ import annotations

from safeinstall.lint.asked import behind_verb, line_of, told, verb_index
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Told
    from safeinstall.model import Command, Level

CODE = "SI504"
NAME = "unanswered-question"

_ASKING = ("install", "update", "remove", "create", "clean", "env remove", "uninstall")


def look(asked: Asked) -> Iterator[Told]:
    """``block`` where the command waits for ever, or fails; ``warn`` where it does so only if stdin
    is open: conda takes the end of its input for a yes.
    """
    for moment in asked.moments:
        command = moment.inner
        if not _asks(moment, command):
            continue
        tool = command.tool
        waits = moment.stage.kind == "notebook"
        fails = tool == "pip" and moment.stage.kind in ("image", "ci")
        level: Level = "block" if waits or fails else "warn"
        at = verb_index(command)
        words = [*command.words[: at + 1], "--yes", *command.words[at + 1 :]]
        yield told(
            CODE,
            level,
            f"{tool} {command.verb} asks whether to go on. {_what_follows(tool, waits, fails)}",
            moment.step.span,
            fixes=(line_of(words),),
            edits=behind_verb(moment, " --yes"),
        )


def _what_follows(tool: str, waits: bool, fails: bool) -> str:
    if waits:
        return "In a notebook nobody can answer: the cell waits for ever."
    if fails:
        return "Where nobody can answer, it fails."
    if tool == "pip":
        return "Where stdin is a terminal, it waits for an answer."
    return "Where stdin is open and nobody answers, it waits for ever."


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
