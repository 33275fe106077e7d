"""SI102 in a text: an environment was made, and pip is started by its bare name elsewhere."""

from __future__ import annotations

from safeinstall.lint import places
from safeinstall.lint.asked import line_of, told
from safeinstall.lint.follow import CONDA, MADE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Event, Moment
    from safeinstall.lint.nouns import Told

CODE = "SI102"
NAME = "wrong-env-pip"


def look(asked: Asked) -> Iterator[Told]:
    """``block`` where the packages land beside the environment that was made for them."""
    for moment in asked.moments:
        made = _missed(moment)
        if made is not None:
            yield _told(asked, moment, made)


def _missed(moment: Moment) -> Event | None:
    """The environment that was made before, if pip goes past it."""
    command, session = moment.command, moment.step.session
    if command.tool != "pip" or not command.asks_pip or not command.mutates:
        return None
    if "/" in command.words[0] or command.target.python or command.target.directed:
        return None
    made = [event for event in moment.before if event.kind == MADE]
    if not made or session.active is None:
        return None
    if session.active:
        return _empty(moment, made)
    known = {event.environment for event in made}
    elsewhere = (places.BASE, places.SYSTEM, places.CURRENT)
    unknown = moment.environment is None and moment.stage.kind in ("ci", "make")
    unknown = unknown and "PATH" not in session.variables
    missed = unknown or (moment.environment in elsewhere and moment.environment not in known)
    return made[-1] if missed else None


def _empty(moment: Moment, made: list[Event]) -> Event | None:
    """The active environment, if it was made without any package: then it has no pip."""
    mine = [event for event in made if event.environment == moment.environment]
    if not mine or moment.put(CONDA):
        return None
    command = mine[-1].step.texts
    words = [word for word in command if word.startswith(("--file", "-f", "--clone"))]
    return None if words or "env" in command else mine[-1]


def _told(asked: Asked, moment: Moment, made: Event) -> Told:
    name = made.environment
    line = asked.line(made.step.span)
    into = moment.environment or "another environment"
    message = f"This pip does not belong to {name}, which was made on line {line}"
    message += f": the packages land in {into}."
    if moment.step.session.active:
        message = f"{name}, made on line {line}, has no pip: the packages land elsewhere."
    option = "--prefix" if "/" in name else "--name"
    right = ["conda", "run", option, name, "python", "-m", "pip"]
    words = moment.command.words[moment.command.launcher :]
    return told(
        CODE,
        "block",
        message,
        moment.step.span,
        fixes=(line_of([*right, *words]),),
        environment=into,
    )
