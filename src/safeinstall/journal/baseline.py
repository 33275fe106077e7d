"""The baseline: every package in the environment when its journal began, with owner and history.

The baseline of a large environment consists of several records with one ``op``, because the length
of a line is limited; they are written together or not at all.
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
_NAMES = 2000  # names of packages in earlier operations, in one record


def needed(journal: Journal, inventory: Inventory) -> bool:
    """Has the environment packages, and its journal no record of any state?

    Reads from the end of the journal; only intents and blocked commands can precede a baseline, so
    few records are read. Raises JournalError.
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
    """The baseline records for the state before an operation that began at ``started``
    (nanoseconds since 1970); empty where the journal needs none.

    ``quickly`` leaves out the earlier operations. Raises JournalError.
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
    """The baseline records, at least one.

    ``past`` are the earlier operations from :func:`told`. File times after ``before`` (nanoseconds
    since 1970) are not used as installation times: those files do not show the state before it.
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
    """The operations before the journal began, oldest first, as far as the files show them.

    Each has ``time``, ``owner`` and ``names`` of packages; one in conda's history also ``command``
    and ``specs``. Slow: reads conda's history and the times of many files, so it must not be called
    before the tool has started.
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
        # Matched by package names, not by time: an episode's time is corrected for time zones.
        same = next((r for r in revisions if _names(r) == episode.names), None)
        if same and episode.owner == "conda":
            revisions.remove(same)
            entry |= {"command": same.command, "specs": list(same.specs)}
        found.append(entry)
    return found


def installed(package: Package) -> int:
    """When the package's metadata was last written, in nanoseconds since 1970; 0: unknown."""
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
