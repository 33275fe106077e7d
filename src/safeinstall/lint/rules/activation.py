"""SI501 conda-activate: activation in a shell that cannot do it, or that ends right behind it."""

from __future__ import annotations

import posixpath

from safeinstall.lint.asked import line_of, told, verb_index
from safeinstall.lint.follow import INIT
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Session, Told
    from safeinstall.model import Level

CODE = "SI501"
NAME = "conda-activate"

_WHERE = {
    "image": "RUN starts",
    "ci": "this step starts",
    "make": "make starts for each line",
    "script": "a script runs in",
    "notebook": "a cell starts",
}
_PARTS = {"image": "RUN instruction", "ci": "step", "make": "line", "notebook": "line"}


def look(asked: Asked) -> Iterator[Told]:
    """``block`` where the command fails, or has no effect; ``warn`` in a script, which may be meant
    to be sourced.
    """
    for number, moment in enumerate(asked.moments):
        step = moment.step
        name = _activated(step.texts)
        if name is None or step.session.active is None:
            continue
        why = _why(moment, step.texts)
        if why:
            level: Level = "warn" if moment.stage.kind == "script" else "block"
            fixes = _fixes(moment, asked.moments[number + 1 :], name)
            yield told(CODE, level, why, step.span, fixes=fixes, environment=name)


def _activated(texts: tuple[str, ...]) -> str | None:
    """The environment that is activated; ``None`` for another command."""
    first = posixpath.basename(texts[0])
    if first in CONDA_LIKE and texts[1:2] == ("activate",):
        return next((word for word in texts[2:] if word[:1] != "-"), "base")
    if first in ("source", ".") and len(texts) > 1 and posixpath.basename(texts[1]) == "activate":
        named = texts[2] if len(texts) > 2 else ""
        return named or (None if "/" in texts[1] else "base")
    return None


def _why(moment: Moment, texts: tuple[str, ...]) -> str:
    session, stage = moment.step.session, moment.stage
    kind = stage.kind
    if texts[0] == "source" and stage.image.posix and _is_plain(session):
        return "/bin/sh, which RUN starts here, has no command source, so this fails."
    by_function = posixpath.basename(texts[0]) in CONDA_LIKE
    if by_function and not _can_activate(moment):
        tool = posixpath.basename(texts[0])
        return (
            f"{tool} activate needs a function that {tool} init puts into start-up files, and the "
            f"shell that {_WHERE.get(kind, 'runs this')} reads none of them, so this fails."
        )
    if moment.step.last and kind in _PARTS and not moment.step.branch:
        return (
            f"The activation ends with this {_PARTS[kind]}: nothing behind it runs in the "
            "environment."
        )
    return ""


def _can_activate(moment: Moment) -> bool:
    session, stage = moment.step.session, moment.stage
    if session.hooked or stage.sourced or "BASH_ENV" in session.variables:
        return True
    if not reads_startup_files(session):
        return False
    initialised = stage.image.initialised or not stage.image.known
    return initialised or stage.kind != "image" or any(e.kind == INIT for e in moment.before)


def reads_startup_files(session: Session) -> bool:
    """Is it a login shell, or an interactive one?"""
    options = [word for word in session.shell[1:] if word[:1] == "-"]
    short = [word for word in options if word[:2] != "--"]
    return "--login" in options or any({"l", "i"} & {*word} for word in short)


def _is_plain(session: Session) -> bool:
    return posixpath.basename(session.shell[0]) == "sh"


def _fixes(moment: Moment, behind: Sequence[Moment], name: str) -> tuple[str, ...]:
    """What is run in the environment, by ``conda run``."""
    first = posixpath.basename(moment.step.texts[0])
    tool = first if first in CONDA_LIKE else "conda"
    same = next((m for m in behind if m.step.layer == moment.step.layer), None)
    option = "--prefix" if "/" in name else "--name"
    command = same.command if same else None
    if command is not None and command.tool in CONDA_LIKE and command.verb:
        at = verb_index(command) + 1
        return (line_of([*command.words[:at], option, name, *command.words[at:]]),)
    words = same.step.texts if same else ["COMMAND"]
    return (line_of([tool, "run", option, name, *words]),)
