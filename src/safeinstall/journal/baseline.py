"""What was there when the journal began: every package, whose it was, and how it came there.

A large environment makes several records with one ``op``, so that no line grows without bounds;
they are written together or not at all.
"""

from __future__ import annotations

import os
from itertools import zip_longest

from safeinstall import clock
from safeinstall.journal import actor, record
from safeinstall.model import Change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.journal import Journal
    from safeinstall.model import Environment, Facts, Inventory, Json, Package
    from safeinstall.probe.conda_history import Revision

_PACKAGES = 250  # in one record: about 30 kB
_NAMES = 2000  # of packages in what conda's history and the file times tell, in one record


def needed(journal: Journal, inventory: Inventory) -> bool:
    """Is there something in the environment that no record tells of?

    Looks at the end of the journal: only intents and blocked commands can precede a baseline.
    Raises JournalError.
    """
    return bool(inventory.packages) and not any(map(_tells_a_state, journal.backwards()))


def look_back(
    journal: Journal,
    facts: Facts,
    environ: Mapping[str, str],
    started: int,
    *,
    quickly: bool = False,
) -> list[Json]:
    """The baseline of the state before an operation that began at ``started``, in nanoseconds
    since 1970; nothing where the journal needs none. ``quickly`` leaves out the past. Raises
    JournalError.
    """
    environment, inventory = facts.environment, facts.inventory
    if environment.kind not in ("conda", "venv") or not needed(journal, inventory):
        return []
    past = [] if quickly else told(environment, inventory)
    before = [item for item in past if item["time"] < clock.instant(started)]
    return entries(actor.current(environ), environment, inventory, before, started)


def entries(
    who: Json,
    environment: Environment,
    inventory: Inventory,
    past: Sequence[Json] = (),
    before: int | None = None,
) -> list[Json]:
    """The records to be added, at least one.

    ``past`` is what :func:`told` makes of conda's history and the file times. ``before``, in
    nanoseconds since 1970: what was written later says nothing about the state that is meant.
    """
    changes = [record.change(Change(p.name, None, p)) for p in inventory.packages]
    for change, package in zip(changes, inventory.packages, strict=True):
        moment = installed(package)
        if moment and (before is None or moment < before):
            change["after"]["time"] = clock.instant(moment)
    common = record.observed("baseline", actor=who, environment=environment, changes=())
    parts = [
        {**common, "changes": held or [], "past": told or [], "overwritten": []}
        for held, told in zip_longest(_packages(changes) or [[]], _pasts(past))
    ]
    parts[0]["overwritten"] = [
        record.change(Change(package.name, package, None)) for package in inventory.overwritten
    ]
    return [{**part, "part": n, "parts": len(parts)} for n, part in enumerate(parts, 1)]


def told(environment: Environment, inventory: Inventory) -> list[Json]:
    """What was done before the journal began, oldest first, as far as the files tell.

    Each has ``time``, ``owner`` and ``names`` of packages; what conda wrote down also ``command``
    and ``specs``. Reads conda's history and the times of files: not before the tool has started.
    """
    from safeinstall.probe import conda_history, past_changes

    revisions = list(conda_history.read(environment.prefix))
    found: list[Json] = []
    for episode in past_changes.episodes(environment, inventory):
        entry: Json = {
            "time": episode.time,
            "owner": episode.owner,
            "names": list(episode.names),
        }
        # by what they did, not by when: an episode's time is put right for time zones
        same = next((r for r in revisions if _names(r) == episode.names), None)
        if same and episode.owner == "conda":
            revisions.remove(same)
            entry |= {"command": same.command, "specs": list(same.specs)}
        found.append(entry)
    return found


def installed(package: Package) -> int:
    """When the package's metadata was written last, in nanoseconds since 1970; 0: not known."""
    if not package.location:
        return 0
    try:
        return os.stat(package.location).st_mtime_ns
    except (OSError, ValueError):
        return 0


def _names(revision: Revision) -> tuple[str, ...]:
    return tuple(sorted({package.name for package in (*revision.removed, *revision.added)}))


def _tells_a_state(found: Json) -> bool:
    kind = found.get("kind")
    return kind in ("baseline", "drift") or (kind == "outcome" and "argv" not in found)


def _packages(changes: list[Json]) -> list[list[Json]]:
    return [changes[start : start + _PACKAGES] for start in range(0, len(changes), _PACKAGES)]


def _pasts(past: Sequence[Json]) -> list[list[Json]]:
    parts: list[list[Json]] = []
    room = 0
    for item in past:
        size = 1 + len(item["names"])
        if room < size:
            parts.append([])
            room = _NAMES
        parts[-1].append(item)
        room -= size
    return parts
