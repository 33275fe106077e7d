"""``safeinstall export``: the file that makes an environment anew."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.history import operations_of, report
from safeinstall.cli.saved import save, write
from safeinstall.errors import OutputError, UsageError
from safeinstall.model import PIP_LIKE, Spec
from safeinstall.output import stderr
from safeinstall.output.shown import one_line
from safeinstall.probe import inventory, place, state
from safeinstall.probe.environment import describe
from safeinstall.rebuild import index
from safeinstall.state import export as files
from safeinstall.state import lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO

    from safeinstall.journal.read import Damage
    from safeinstall.settings import Session
    from safeinstall.state.nouns import State


def export(
    prefix: str,
    session: Session,
    out: TextIO,
    *,
    form: str = files.YML,
    file: str = "-",
    requests: bool = False,
    strict: bool = False,
) -> int:
    """Write the file to ``file`` (``-``: to ``out``), and what it cannot say to stderr.

    Returns 0; with ``strict``, 1 if there is something that cannot be had elsewhere. Raises
    UsageError if there is no environment, OutputError if the file cannot be written.
    """
    installation = place.conda_installation(session)
    environment = describe(prefix, installation.root_prefix)
    if not environments.is_one(environment):
        raise environments.not_there(prefix, session.settings, session.environ)
    found = inventory.scan(environment)
    known = state.read(environment, found, installation, asked(prefix, session))
    if form == files.LOCK:
        lacking = _lock(prefix, known, session, file)
    else:
        save(file, files.FORMATS[form](known, requests), out)
        lacking = files.unrepeatable(known, for_pip=form != files.YML, requests=requests)
    for line in lacking:
        stderr.note(f"not the same elsewhere: {one_line(line)}")
    return int(strict and bool(lacking))


def _lock(prefix: str, known: State, session: Session, directory: str) -> list[str]:
    """Write the two files; returns what cannot be had elsewhere. Raises UsageError, OutputError."""
    if directory == "-":
        raise UsageError("a lock is two files; name a directory for them with -o")
    wanted = [d for d in known.pip if d.origin is None]
    lines = [f"{d.name}=={d.version}" for d in wanted]
    archives = index.archives(os.path.join(prefix, "bin", "python"), lines, session.environ)
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make {directory}: {error.strerror}") from error
    write(os.path.join(directory, lock.EXPLICIT), lock.explicit(known.conda))
    write(os.path.join(directory, lock.PYLOCK), lock.pylock(known, archives))
    lost = [d for d in wanted if d.name not in archives]
    return [
        *files.unrepeatable(known),
        *(f"pip finds no file of {d.name} {d.version}, which is left out" for d in lost),
        *(f"conda's {p.name} has no address, and is left out" for p in known.conda if not p.url),
    ]


def asked(prefix: str, session: Session) -> dict[str, Spec]:
    """The last request to pip or uv for each distribution, by the journal."""
    damages: list[Damage] = []
    found: dict[str, Spec] = {}
    for operation in operations_of([prefix], session.settings, damages):
        if operation["status"] == "done":
            for spec in _specs(operation.get("command")):
                found.setdefault(spec.name, spec)
    report(damages)
    return found


def _specs(command: Any) -> Iterator[Spec]:
    if not isinstance(command, dict) or command.get("tool") not in PIP_LIKE:
        return
    for spec in command.get("specs") or ():
        name, extras = spec.get("name"), spec.get("extras") or ()
        if name:
            yield Spec(spec["raw"], spec["kind"], name, spec.get("version", ""), tuple(extras))
