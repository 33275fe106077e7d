"""``safeinstall door``: let pip and conda of an environment come to the guard from everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.canonical import encode
from safeinstall.cli import adopt, environments
from safeinstall.door import files, here, known
from safeinstall.errors import SafeinstallError
from safeinstall.output import stderr
from safeinstall.output.quoting import paste
from safeinstall.output.shown import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from safeinstall.model import Environment
    from safeinstall.settings import Session


def listing(session: Session, out: TextIO, *, as_json: bool = False) -> int:
    """Print each known environment with the state of its door, and what guards the tools here.

    Returns 0.
    """
    found = [(environment, *_state(environment)) for environment in known.environments(session)]
    tools = [(tool, *here.mends(tool)) for tool in here.look(session)]
    if as_json:
        answer = {
            "environments": [
                {"name": e.name, "prefix": e.prefix, "door": state, "why": why or None}
                for e, state, why in found
            ],
            "here": [
                {"tool": t.tool, "path": t.path, "by": t.by or None, "why": why or None,
                 "mend": paste(words) if words else None}
                for t, why, words in tools
            ],
        }  # fmt: skip
        out.write(encode(answer).decode() + "\n")
        return 0
    _write_table("environments", [[e.name, s, e.prefix, _noted(why)] for e, s, why in found], out)
    rows = [[t.tool, t.by or "-", t.path, _noted(_way(w, m))] for t, w, m in tools]
    _write_table("tools, as they are found here", rows, out)
    return 0


def _way(why: str, words: list[str]) -> str:
    return f"{why}: {paste(words)}" if words else why


def _noted(text: str) -> str:
    return f"({text})" if text else ""


def _write_table(title: str, rows: list[list[str]], out: TextIO) -> None:
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    out.write(f"{title}\n")
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        out.write(one_line("  " + "  ".join(cells).rstrip()) + "\n")


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
