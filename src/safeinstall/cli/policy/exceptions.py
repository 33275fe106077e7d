"""``safeinstall policy exceptions``: what is excepted, until when, and whether anybody uses it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from safeinstall.cli.policy.printed import as_json
from safeinstall.journal import read
from safeinstall.policy import load
from safeinstall.render.look import look
from safeinstall.render.pager import paged
from safeinstall.render.policy import exceptions as render
from safeinstall.report.policy import exceptions, values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from safeinstall.model import Json
    from safeinstall.settings import Session


def listing(session: Session, out: TextIO, *, days: float | None = None, json: bool = False) -> int:
    """Print the exceptions of the policy files that are found here, those in files where they do
    not count, too; with ``days`` only those that end within so many days, or have ended.

    Returns 0.
    """
    policy = load.load(session.settings, session.cwd)
    some = any(layer.content.get("exceptions") for layer in policy.layers)
    used = exceptions.used(_records(session)) if some else {}
    rows = exceptions.listed(policy, used, datetime.datetime.now().astimezone().date())
    if days is not None:
        rows = exceptions.ending(rows, days)
    if json:
        return as_json({"schema": values.SCHEMA, "exceptions": rows}, out)
    style = look(session.environ, out)
    with paged(style, session.environ, out) as stream:
        render.as_text(rows, style, stream)
    if not rows:
        out.write("no exceptions\n" if days is None else "no exception ends by then\n")
    return 0


def _records(session: Session) -> Iterator[Json]:
    """The records of all known journals; of what cannot be read, nothing."""
    for known in read.known(session.settings.state_dir):
        yield from read.records(known.files, [])
