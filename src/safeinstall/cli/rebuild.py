"""``safeinstall rebuild``: the environment made anew, sound, in the place of the old one."""

from __future__ import annotations

import os
import re
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.asking import agreed
from safeinstall.cli.export import asked
from safeinstall.door.keep import keep
from safeinstall.errors import Blocked, JournalError, SafeinstallError, UsageError
from safeinstall.guard import attended, remade, stands_for
from safeinstall.journal import changes, locate
from safeinstall.model import CONDA_OWNERS, Inventory
from safeinstall.output import stderr
from safeinstall.output.quoting import leading_to, paste
from safeinstall.probe import place
from safeinstall.probe.environment import describe
from safeinstall.protection import keep as protection
from safeinstall.rebuild.locked import Locked
from safeinstall.rebuild.recovery import settled
from safeinstall.rebuild.run import Rebuild
from safeinstall.rebuild.staging import path_for
from safeinstall.rebuild.tools import Failed
from safeinstall.render import rebuild as render
from safeinstall.render.look import look
from safeinstall.specs.requirement import parse
from safeinstall.state.lock import HASH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
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
    lock: str = "",
    dry_run: bool = False,
    yes: bool = False,
) -> int:
    """Show the plan, ask, carry it out. ``words`` are the command as typed, ``lock`` the directory
    of a lock to go by.

    Returns 0, or 1 if the answer was no. Raises SafeinstallError where it cannot be done: the old
    environment is in place then.
    """
    request = readable(request, session.cwd)
    known = asked(prefix, session)
    with settled(prefix, session):
        environment = require_conda(prefix, session)
        with told(environment):
            made = (
                Locked(prefix, session, request, known, lock)
                if lock
                else Rebuild(prefix, session, request, known)
            )
            return carried_out(made, words, out, dry_run=dry_run, yes=yes)


def readable(request: Request, cwd: str) -> Request:
    """The request, with the paths in it made absolute. Raises UsageError for what is no request:
    it would be an option to conda or pip.
    """
    for text in (*request.conda, *request.pip, *request.channels):
        if text.startswith("-") or not text.isprintable() or not text.strip():
            raise UsageError(f"{text!r} names no package")
    for name in request.without:
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name of a package")
    if request.channels and not (request.conda or request.update):
        raise UsageError("--channel is for what --add or --update asks for")
    return request.replace(pip=tuple(_absolute(line, cwd) for line in request.pip))


_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")


def _absolute(line: str, cwd: str) -> str:
    path = os.path.join(cwd, line)
    return os.path.abspath(path) if parse(line).kind == "path" else line


def require_conda(prefix: str, session: Session, *, stays: bool = False) -> Environment:
    """The conda environment at the prefix. Raises UsageError if there is none, and, unless it
    ``stays`` as it is, for base and for one that is marked as frozen.
    """
    environment = describe(prefix, place.conda_installation(session).root_prefix)
    if not environments.is_one(environment):
        raise environments.not_there(prefix, session.settings, session.environ)
    if environment.base and not stays:
        raise UsageError(
            "base is conda's own environment, which conda cannot make anew; what was put into it "
            "by hand gets an environment of its own: safeinstall rebuild --from base --to NAME"
        )
    if environment.kind != "conda":
        raise UsageError(f"{prefix} is no conda environment; only these can be made anew")
    if environment.frozen and not (stays or environment.frozen_by_us):
        mark = os.path.join(prefix, "conda-meta", "frozen")
        raise UsageError(f"the environment is marked as frozen, by {mark}")
    return environment


def carried_out(
    made: Rebuild, words: tuple[str, ...], out: TextIO, *, dry_run: bool, yes: bool
) -> int:
    """Show the plan, ask, carry it out. Returns and raises as :func:`rebuild`."""
    environment = made.goal.environment
    name = environment.name or environment.prefix
    judge = _judged(made, environment, words, keep=not dry_run)
    render.plan(made.heading(name), made.aim, look(made.session.environ, out), out)
    if dry_run:
        return 0
    out.flush()
    if not yes and not agreed("Go on?", made.session.environ):
        return 1
    with _told_to_the_end(made, name), _progress(made.session.environ) as tell:
        made.carry_out(words, tell, judge.admit, judge.verdict, judge.reason)
    new = describe(made.goal.prefix)
    keep(new, made.session, created=bool(made.goal.source))
    if made.goal.source:
        protection.bring(made.goal.source, new, made.session)
    else:
        protection.keep(new, made.session, anew=True)
    stderr.note(_told_at_the_end(made, name))
    return 0


def _told_at_the_end(made: Rebuild, name: str) -> str:
    environment = made.goal.environment
    if made.goal.source:
        word = place.conda_word(made.session)
        activate = paste([word, "activate", name if environment.by_name else environment.prefix])
        return f"{name} {made.goal.done}: {activate}"
    selector = environments.selector([environment.prefix], made.session.environ)
    listed = ["safeinstall", "backups", *selector]
    return leading_to(f"{name} {made.goal.done}", "the old one is kept", listed)


def _judged(
    made: Rebuild, environment: Environment, words: tuple[str, ...], *, keep: bool
) -> remade.Judge:
    """What the policy says; with ``keep`` a block is recorded. Raises Blocked."""
    judge = remade.Judge(environment, made.session, words, made.goal.source)
    try:
        for line in _stands_for(made):
            judge.ask(line)
        if made.goal.source:  # nothing of it has been judged for this environment before
            copied = Inventory(tuple(kept.package for kept in made.aim.pip.kept))
            judge.admit(changes.between(made.goal.before, copied))
    except Blocked:
        if keep:
            journal = locate.journal(made.goal.prefix, made.session.settings)
            made.chronicle.record_blocked(journal, words, judge.verdict)
        raise
    return judge


@contextmanager
def _told_to_the_end(made: Rebuild, name: str) -> Iterator[None]:
    """SIGTERM is as Ctrl-C; errors after the exchange say that it is done."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    except KeyboardInterrupt:
        if not made.swapped:
            raise
        stderr.note("stopped at the end: the next command puts away what is left")
    except (OSError, SafeinstallError) as error:
        if made.swapped:
            raise JournalError(f"{name} {made.goal.done}, but {error}") from error
        if isinstance(error, JournalError):
            raise JournalError(f"{error}; {name} {made.goal.undone}") from error
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _stands_for(made: Rebuild) -> Iterator[list[str]]:
    """The commands of conda and pip that it carries out, for what was not there before."""
    conda, pip = made.aim.conda, made.aim.pip
    new = ["-p", made.goal.prefix if made.goal.source else path_for(made.prefix)]
    specs = [*conda.specs, *(["python"] if conda.update and not conda.specs else [])]
    for words, channels in ((specs, conda.channels), _exact(made)):
        if words:
            yield stands_for.by_conda(made.tool.executable, new, words, channels)
    if pip.lines:
        lines = [line.partition(HASH)[0] for line in pip.lines]
        words = [w for line in lines for w in (line.split(" ", 1) if line[0] == "-" else [line])]
        yield stands_for.by_pip(made.prefix, words)


def _exact(made: Rebuild) -> tuple[list[str], tuple[str, ...]]:
    """The packages that come as they are and were not there, and the channels that they are of,
    unless their addresses tell.
    """
    exact = made.aim.conda.exact
    if made.goal.source:
        channels = dict.fromkeys(p.channel for p in exact if p.channel)
        return [f"{p.name}={p.version}={p.build}" for p in exact], tuple(channels)
    records = {os.path.basename(p.location) for p in made.now.inventory.owned_by(*CONDA_OWNERS)}
    fresh = [p.url for p in exact if f"{p.name}-{p.version}-{p.build}.json" not in records]
    return fresh, made.aim.conda.channels


@contextmanager
def told(environment: Environment) -> Iterator[None]:
    """Errors say that the environment is as it was; what a tool has said comes before."""
    name = environment.name or environment.prefix
    try:
        yield
    except OSError as error:
        raise SafeinstallError(f"{error}; {name} is as it was") from error
    except KeyboardInterrupt:
        stderr.note(f"stopped; {name} is as it was")
        raise
    except Failed as error:
        if error.output:
            stderr.say(error.output)
        raise Failed(f"{error}; {name} is as it was") from error


@contextmanager
def _progress(environ: Mapping[str, str]) -> Iterator[Callable[[str], None]]:
    """Tells what is being done: one moving line on a terminal, else a line for each step."""
    if not attended.shows_motion(environ):
        yield stderr.note
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
