"""``safeinstall rebuild``: the environment made anew, sound, in the place of the old one."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.asking import agreed
from safeinstall.cli.export import asked
from safeinstall.errors import SafeinstallError, UsageError
from safeinstall.guard import remade
from safeinstall.output import stderr
from safeinstall.probe import place
from safeinstall.probe.environment import describe
from safeinstall.rebuild import conda
from safeinstall.rebuild.conda import Failed
from safeinstall.rebuild.recovery import settled
from safeinstall.rebuild.run import Rebuild
from safeinstall.rebuild.staging import path_for
from safeinstall.render import rebuild as render
from safeinstall.render.look import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from safeinstall.model import Environment
    from safeinstall.rebuild.nouns import Request
    from safeinstall.settings import Session


def rebuild(
    prefix: str,
    session: Session,
    request: Request,
    words: tuple[str, ...],
    out: TextIO,
    *,
    dry_run: bool = False,
    yes: bool = False,
) -> int:
    """Show the plan, ask, carry it out. ``words`` are the command as typed.

    Returns 0, or 1 if the answer was no. Raises SafeinstallError where it cannot be done: the old
    environment is in place then.
    """
    environment = require_conda(prefix, session)
    known = asked(prefix, session)
    if request.conda:
        tool, new = conda.find(session, ()).executable, path_for(os.path.realpath(prefix))
        remade.ask(remade.by_conda(tool, ["-p", new], request.conda, request.channels), session)
    if request.pip:
        remade.ask(remade.by_pip(prefix, request.pip), session)
    with settled(prefix, session), told(environment):
        made = Rebuild(prefix, session, request, known)
        return carried_out(made, environment, words, out, dry_run=dry_run, yes=yes)


def require_conda(prefix: str, session: Session) -> Environment:
    """The conda environment at the prefix. Raises UsageError if there is none, and for base."""
    environment = describe(prefix, place.conda_installation(session).root_prefix)
    if not environments.is_one(environment):
        raise environments.not_there(prefix, session.settings, session.environ)
    if environment.base:
        raise UsageError("base is conda's own environment, which conda cannot make anew")
    if environment.kind != "conda":
        raise UsageError(f"{prefix} is no conda environment; only these can be made anew")
    if environment.frozen:
        mark = os.path.join(prefix, "conda-meta", "frozen")
        raise UsageError(f"the environment is marked as frozen, by {mark}")
    return environment


def carried_out(
    made: Rebuild,
    environment: Environment,
    words: tuple[str, ...],
    out: TextIO,
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    """Show the plan, ask, carry it out. Returns and raises as :func:`rebuild`."""
    name = environment.name or environment.prefix
    render.plan(name, made.aim, look(made.session.environ, out), out)
    if dry_run:
        return 0
    out.flush()
    if not yes and not agreed("Go on?"):
        return 1
    with _progress() as tell:
        made.carry_out(words, tell)
    stderr.note(f"{name} is made anew; the old one is kept: safeinstall backups")
    return 0


@contextmanager
def told(environment: Environment) -> Iterator[None]:
    """Errors say that the environment is as it was; what a tool has said comes before."""
    name = environment.name or environment.prefix
    try:
        yield
    except OSError as error:
        raise SafeinstallError(f"{error}; {name} is as it was") from error
    except Failed as error:
        if error.output:
            stderr.say(error.output)
        raise Failed(f"{error}; {name} is as it was") from error


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Tells what is being done: one moving line on a terminal, else a line for each step."""
    if not sys.stderr.isatty():
        yield stderr.note
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
