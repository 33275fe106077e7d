"""``safeinstall export``: the file that makes an environment anew."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.history import operations_of, report
from safeinstall.cli.saved import save, write
from safeinstall.errors import OutputError, UsageError
from safeinstall.journal import locate, record, select, snapshot
from safeinstall.journal.net import net_changes
from safeinstall.model import PIP_LIKE, Spec
from safeinstall.output import stderr
from safeinstall.output.shown import one_line
from safeinstall.probe import inventory, place, state
from safeinstall.probe.environment import describe
from safeinstall.rebuild import index, situation
from safeinstall.state import dockerfile, lock, past
from safeinstall.state import export as files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TextIO

    from safeinstall.journal.read import Damage
    from safeinstall.model import Json
    from safeinstall.probe.conda import Installation
    from safeinstall.settings import Session
    from safeinstall.state.lock import Archive
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
    at: str = "",
) -> int:
    """Write the file to ``file`` (``-``: to ``out``), and what it cannot say to stderr: of the
    environment as it is, or as it was after the operation called ``at``.

    Returns 0; with ``strict``, 1 if there is something that cannot be had elsewhere. Raises
    UsageError if there is no environment, no such operation, or no such file of it; OutputError if
    the file cannot be written.
    """
    if form == files.LOCK and file == "-":
        raise UsageError("a lock is two files; name a directory for them with -o")
    installation = place.conda_installation(session)
    environment = describe(prefix, installation.root_prefix)
    if not environments.is_one(environment):
        raise environments.not_there(prefix, session.settings, session.environ)
    if at and requests:
        raise UsageError("--at goes by the journal, which does not tell all that was asked for")
    found = inventory.scan(environment)
    unowned = situation.unowned(environment, found)
    if at:  # what lies over conda's packages by now is not of interest
        found = found.replace(overwritten=(), gone=())
    known = state.read(environment, found, installation, asked(prefix, session))
    known = known.replace(unowned=tuple(unowned))
    if at:
        newer = map(record.as_change, _changes_after(at, prefix, session))
        known = past.state(past.before(found.packages, newer), known, found.packages)
    if form == files.LOCK:
        lacking = _lock(known, _archives(prefix, installation, known), file)
    elif form == files.DOCKERFILE:
        archives = {} if requests else _archives(prefix, installation, known)
        text, lacking = _dockerfile(known, archives, requests)
        save(file, text, out)
    else:
        save(file, files.FORMATS[form](known, requests), out)
        lacking = files.unrepeatable(known, for_pip=form != files.YML, requests=requests)
    for line in lacking:
        stderr.note(f"not the same elsewhere: {one_line(line)}")
    return int(strict and bool(lacking))


def _changes_after(name: str, prefix: str, session: Session) -> list[Json]:
    """With what others have changed since the last record."""
    damages: list[Damage] = []
    journal = locate.journal(prefix, session.settings)
    drift = snapshot.drift(journal, inventory.scan(describe(prefix)))
    selector = environments.selector([prefix], session.environ)
    found = operations_of([prefix], session.settings, damages)
    newer = select.span(found, name, "last", selector)
    unrecorded = {"changes": [record.change(change) for change in drift]}
    changes = net_changes([unrecorded, *newer])
    report(damages, selector)
    return changes


def _lock(known: State, archives: Mapping[str, Archive], directory: str) -> list[str]:
    """Write the two files; returns what cannot be had elsewhere. Raises OutputError."""
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make {directory}: {error.strerror}") from error
    write(os.path.join(directory, lock.EXPLICIT), lock.explicit(known.conda))
    write(os.path.join(directory, lock.PYLOCK), lock.pylock(known, archives))
    return _lost(known, archives)


def _dockerfile(
    known: State, archives: Mapping[str, Archive], requests: bool
) -> tuple[str, list[str]]:
    """The text, and what cannot be had elsewhere. Raises UsageError."""
    lost = files.unrepeatable(known, requests=True) if requests else _lost(known, archives)
    lacking = [*lost, *dockerfile.lacking(known)]
    try:
        return dockerfile.text(known, archives, requests, lacking), lacking
    except ValueError as error:
        raise UsageError(f"{error}; use --from-requests") from error


def _archives(prefix: str, installation: Installation, known: State) -> dict[str, Archive]:
    """The files that pip would take for what came from an index, by name."""
    lines = [f"{d.name}=={d.version}" for d in known.pip if d.origin is None]
    return index.archives(prefix, installation.root_prefix, lines, installation.environ)


def _lost(known: State, archives: Mapping[str, Archive]) -> list[str]:
    """What cannot be had elsewhere where every package is named by its address or its sum."""
    lost = [d for d in known.pip if d.origin is None and d.name not in archives]
    without = [p for p in known.conda if not lock.has_address(p)]
    return [
        *files.unrepeatable(known),
        *(f"pip finds no file of {d.name} {d.version}, which is left out" for d in lost),
        *(f"conda's {p.name} has no address, and is left out" for p in without),
    ]


def asked(prefix: str, session: Session) -> dict[str, Spec]:
    """The last request to pip or uv for each distribution, by the journal."""
    damages: list[Damage] = []
    found: dict[str, Spec] = {}
    for operation in operations_of([prefix], session.settings, damages):
        if operation["status"] == "done":
            for spec in _specs(operation.get("command")):
                found.setdefault(spec.name, spec)
    report(damages, environments.selector([prefix], session.environ))
    return found


def _specs(command: Any) -> Iterator[Spec]:
    if not isinstance(command, dict) or command.get("tool") not in PIP_LIKE:
        return
    for spec in command.get("specs") or ():
        name, extras = spec.get("name"), spec.get("extras") or ()
        if name:
            yield Spec(spec["raw"], spec["kind"], name, spec.get("version", ""), tuple(extras))
