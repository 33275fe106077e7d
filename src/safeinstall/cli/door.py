"""``safeinstall door``: let pip and conda of an environment come to the guard from everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.canonical import encode
from safeinstall.cli import adopt, environments
from safeinstall.door import files, known
from safeinstall.errors import SafeinstallError
from safeinstall.output import stderr
from safeinstall.output.shown import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from safeinstall.model import Environment
    from safeinstall.settings import Session


def listing(session: Session, out: TextIO, *, as_json: bool = False) -> int:
    """Print each known environment with the state of its door. Returns 0."""
    found = [(environment, *_state(environment)) for environment in known.environments(session)]
    if as_json:
        rows = [
            {"name": e.name, "prefix": e.prefix, "door": state, "why": why or None}
            for e, state, why in found
        ]
        out.write(encode(rows).decode() + "\n")
        return 0
    width = max((len(environment.name) for environment, *_ in found), default=0)
    for environment, state, why in found:
        said = f"{environment.name:<{width}}  {state:<6}  {environment.prefix}"
        out.write(one_line(f"{said}  ({why})" if why else said) + "\n")
    return 0


def _state(environment: Environment) -> tuple[str, str]:
    state = files.state(environment)
    return state, files.refusal(environment) if state == "closed" else ""


def opened(chosen: Iterable[Environment], session: Session, out: TextIO) -> int:
    """Open the doors, and keep what is in the environments as the beginning of their journals.

    Returns 0, or 1 if one could not be opened.
    """
    failed = 0
    for environment in chosen:
        try:
            files.put(environment)
            out.write(one_line(f"{environment.name}: door open") + "\n")
            adopt.adopt(environment.prefix, session, out, quiet=True)
        except (SafeinstallError, OSError) as error:
            failed = 1
            stderr.note(f"{environment.name}: {error}" if isinstance(error, OSError) else error)
    return failed


def closed(chosen: Iterable[Environment], out: TextIO) -> int:
    """Close the doors. Returns 0, or 1 if one could not be closed."""
    failed = 0
    for environment in chosen:
        try:
            if files.take_out(environment):
                out.write(one_line(f"{environment.name}: door closed") + "\n")
        except OSError as error:
            failed = 1
            stderr.note(f"{environment.name}: {error}")
    return failed


def every(session: Session) -> list[Environment]:
    """The environments that are known."""
    return list(known.environments(session))


def fit(session: Session) -> list[Environment]:
    """Those of them that can have a door."""
    return [environment for environment in every(session) if not files.refusal(environment)]


def chosen(prefix: str, session: Session) -> Environment:
    """The environment at the prefix. Raises UsageError where there is none."""
    environment = known.described(prefix, session)
    if not environments.is_one(environment):
        raise environments.not_there(prefix, session.settings, session.environ)
    return environment
