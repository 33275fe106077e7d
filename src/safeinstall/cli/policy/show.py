"""``safeinstall policy show``, and ``safeinstall rule`` without a code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from safeinstall.cli.policy import surroundings
from safeinstall.cli.policy.printed import as_json
from safeinstall.policy import load
from safeinstall.render.look import look
from safeinstall.render.pager import paged
from safeinstall.render.policy import values as render
from safeinstall.report.policy import values

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.settings import Session


def show(
    prefix: str | None,
    session: Session,
    out: TextIO,
    *,
    actor: str = "",
    origin: bool = False,
    json: bool = False,
) -> int:
    """Print the policy's values for an environment (``None``: for none), and for whoever has
    started the command, or for an actor. Returns 0.
    """
    environment = surroundings.environment(prefix, session)
    circumstances = surroundings.circumstances(environment, actor, session)
    policy = load.load(session.settings, session.cwd).within(circumstances)
    found = values.shown(policy, environment, circumstances, time.strftime("%Y-%m-%d"))
    if json:
        return as_json(found, out)
    style = look(session.environ, out)
    with paged(style, session.environ, out) as stream:
        render.as_text(found, style, stream, origin=origin)
    return 0


def rules(session: Session, out: TextIO, *, json: bool = False) -> int:
    """Print every rule with its levels in the active environment. Returns 0."""
    environment = surroundings.environment(surroundings.active(session), session)
    circumstances = surroundings.circumstances(environment, "", session)
    rows = values.rules(load.load(session.settings, session.cwd).within(circumstances))
    if json:
        return as_json({"schema": values.SCHEMA, "rules": rows}, out)
    style = look(session.environ, out)
    with paged(style, session.environ, out) as stream:
        render.rules(rows, style, stream)
    return 0
