"""``safeinstall rebuild --to``: an environment made of another one, which stays as it is."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from safeinstall.cli.asking import agreed, can_ask
from safeinstall.cli.export import asked
from safeinstall.cli.rebuild import carried_out, readable, require_conda, told
from safeinstall.errors import UsageError
from safeinstall.files import is_below
from safeinstall.files.resources import MAIN
from safeinstall.guard import pasting
from safeinstall.model import Target
from safeinstall.output import stderr
from safeinstall.output.shown import value
from safeinstall.probe import chosen, place
from safeinstall.rebuild.moved import Moved
from safeinstall.rebuild.recovery import settled
from safeinstall.rebuild.run import Rebuild
from safeinstall.render import pasted
from safeinstall.rules.shared.remedies import Here, conda_in, pip_in

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.model import Environment
    from safeinstall.rebuild.nouns import Request
    from safeinstall.settings import Session

_NOT_IN_NAMES = " #:"  # conda refuses these


def rebuild(
    source: str,
    to: str,
    session: Session,
    request: Request,
    words: tuple[str, ...],
    out: TextIO,
    *,
    dry_run: bool = False,
    yes: bool = False,
) -> int:
    """Make the environment ``to``, a name or a path, of the one at the prefix ``source``; of base
    only what was put into it by hand, which can be taken out of it then.

    Returns 0, or 1 if the answer was no. Raises SafeinstallError where it cannot be done: there is
    no new environment then.
    """
    request = readable(request, session.cwd)
    final = _target(to, session)
    if final == os.path.realpath(source):
        raise _taken(final)
    with settled(source, session):
        environment = require_conda(source, session, stays=True)
        _refuse(environment, final, to, request)
        with settled(final, session), told(environment):
            if os.path.lexists(final):
                raise _taken(final)
            kind = Moved if environment.base else Rebuild
            made = kind(source, session, request, asked(source, session), final)
            status = carried_out(made, words, out, dry_run=dry_run, yes=yes)
    if status == 0 and not dry_run and isinstance(made, Moved):
        return _offer_to_take_out(made, environment, session, yes=yes)
    return status


def source_of(word: str, name: str | None, prefix: str | None, session: Session) -> str:
    """The prefix of the environment that is taken: ``word`` is a name, or a path if it has a slash;
    ``""``: the chosen or the active one. Raises UsageError.
    """
    if word and (name or prefix):
        raise UsageError("--from and -n or -p name one environment each; give one of them")
    if word:
        name, prefix = (None, word) if os.sep in word else (word, None)
    return chosen.prefix(name, prefix, session.settings, session.environ)


def _target(to: str, session: Session) -> str:
    """The prefix of the new environment: of a name, where conda would create it."""
    installation = place.conda_installation(session)
    if os.sep in to:
        path = installation.expand(to)
    elif not to.strip() or to.startswith((".", "-")) or any(c in to for c in _NOT_IN_NAMES):
        raise UsageError(f"{to!r} is no name of an environment")
    else:
        path = installation.target_prefix(Target(name=to))
    return os.path.realpath(path)


def _taken(final: str) -> UsageError:
    return UsageError(f"{value(final)} is there already; name another one")


def _refuse(environment: Environment, final: str, to: str, request: Request) -> None:
    """What would be solved for base is solved for the new environment: when that is there."""
    if environment.base and (request.conda or request.update):
        raise UsageError(
            "out of base comes what is in it, as it is; for more, then: safeinstall rebuild "
            f"-n {value(os.path.basename(to))}"
        )
    if not environment.base and is_below(final, os.path.realpath(environment.prefix)):
        raise UsageError(f"{value(final)} is within the environment that it is to be made of")


def _offer_to_take_out(made: Moved, base: Environment, session: Session, *, yes: bool) -> int:
    """Ask, on a terminal, whether base is to be without what was moved; else name the commands."""
    lines = _taking_out(made, base, session)
    if not lines or not base.writable:
        return 0
    asks = can_ask(session.environ) and not yes
    if not asks or not agreed("Take what was moved out of base now?", session.environ):
        stderr.note(f"base has it still; to take it out: {' && '.join(lines)}")
        return 0
    for line in lines:
        split = shlex.split(line)
        words = [sys.executable, "-I", "-S", MAIN, "run", "--", *split]
        words += [] if "-y" in split else ["-y"]
        status = subprocess.run(words, env=session.environ, check=False).returncode
        if status:
            return status
    return 0


def _taking_out(made: Moved, base: Environment, session: Session) -> list[str]:
    """The commands, pip's first: its packages may need conda's."""
    here = Here(base, place.python_prefix(session.environ, session.cwd))
    by_conda, by_pip = made.removable()
    lines = [pip_in(here, "uninstall", ["-y", *by_pip])] if by_pip else []
    lines += [conda_in(base, "remove", by_conda)] if by_conda else []
    return list(pasted.lines(lines, pasting.words(session)))
