"""Who changed an environment and when, for the time before it had a journal.

conda keeps a history. For pip and uv, only the last installation of each package that still exists
can be dated, by the files that they write last: upgraded or uninstalled packages leave no trace. A
clone, or a copy that keeps times, has the times of the original. No change is dated before the
environment itself was made.
"""

from __future__ import annotations

import os

from safeinstall.clock import instant
from safeinstall.model import CONDA_OWNERS, Turn
from safeinstall.probe import conda_history
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.model import Environment, Inventory, Package
    from safeinstall.probe.conda_history import Revision

    Dated = list[tuple[int, str, tuple[str, ...]]]  # nanoseconds since 1970, owner, names

# Written by the installer itself, not taken from a cache or a wheel; the first existing one counts.
_WRITTEN_LAST = ("INSTALLER", "RECORD", "METADATA", "PKG-INFO", "")
# nanoseconds:
_ONE_OPERATION = 60_000_000_000  # at most, between two packages of one operation
_QUARTER = 900_000_000_000  # time zones differ by multiples of a quarter of an hour
_FARTHEST_ZONE = 26 * 4 * _QUARTER
_SLACK = 120_000_000_000  # conda writes its history at the end, the records a little before


class Episode(Value):
    """One operation, as far as it can be told from the files."""

    time: str  # its beginning (for conda its end), UTC as in the journal
    owner: str  # conda, pip, uv, …
    names: tuple[str, ...]  # of packages, as the inventory and conda's history call them


def episodes(environment: Environment, found: Inventory) -> tuple[Episode, ...]:
    """The operations in the environment, oldest first."""
    by_conda = _by_conda(environment.prefix, found.owned_by("conda"))
    others = _dated(found.not_owned_by("conda"))
    if by_conda:  # the environment did not exist before conda's first operation
        beginning = by_conda[0][0]
        others = sorted((max(moment, beginning), owner, names) for moment, owner, names in others)
    return tuple(
        Episode(instant(moment), owner, tuple(sorted(names)))
        # conda's history has whole seconds; within one second, pip most likely came last
        for moment, owner, names in sorted(
            [*by_conda, *_merged(others, by_conda)],
            key=lambda item: (item[0] // 1_000_000_000, item[1] != "conda", item[0]),
        )
    )


def handed_over(past: Iterable[Episode]) -> str | None:
    """When pip or uv first installed something after conda; ``None`` if never."""
    seen = False
    for episode in past:
        if seen and episode.owner not in CONDA_OWNERS:
            return episode.time
        seen = seen or episode.owner in CONDA_OWNERS
    return None


def turns(past: Iterable[Episode]) -> tuple[Turn, ...]:
    """The episodes, with neighbours merged that are both by conda, or both by other installers."""
    found: list[Turn] = []
    for episode in past:
        side = "conda" if episode.owner in CONDA_OWNERS else episode.owner
        if not found or (found[-1].owner == "conda") != (side == "conda"):
            found.append(Turn(episode.time, side))
    return tuple(found)


def lost(environment: Environment, found: Inventory) -> tuple[Package, ...]:
    """Packages that conda's history has and that have no conda-meta record any more, by name.

    ``conda list`` silently deletes the record of a package that pip has replaced.
    """
    known = {
        package.name
        for package in (*found.packages, *found.overwritten, *found.gone)
        if package.owner == "conda"
    }
    remembered = conda_history.remembered(conda_history.read(environment.prefix))
    return tuple(p for p in remembered if p.owner == "conda" and p.name not in known)


def _by_conda(prefix: str, packages: Sequence[Package]) -> Dated:
    """The revisions of conda's history that changed packages; without a history, operations dated
    by the conda-meta records.
    """
    moments: Dated = []
    records = {(p.name, p.version, p.build): p.location for p in packages}
    for revision in conda_history.read(prefix):
        moment = _moment(revision, records)
        names = {package.name for package in (*revision.removed, *revision.added)}
        if names and moment:
            before = moments[-1][0] if moments else 0
            moments.append((max(moment, before), "conda", tuple(names)))
    return moments or _merged(_dated(packages), [])


def _moment(revision: Revision, records: dict[tuple[str, str, str], str]) -> int:
    """The time of a revision in nanoseconds; 0 if unknown. The history has local times: the records
    of the added packages show in which time zone they were written.
    """
    said = _nanoseconds(revision.time) if revision.time else 0
    for package in revision.added:
        record = records.get((package.name, package.version, package.build))
        written = _modified(record) if record else 0
        if said and written and abs(written - said) < _FARTHEST_ZONE:
            away = (written - said + _QUARTER // 2) // _QUARTER * _QUARTER
            return said + away if abs(written - said - away) < _SLACK else said
    return said


def _nanoseconds(moment: str) -> int:
    from datetime import datetime

    return int(datetime.fromisoformat(moment).timestamp()) * 1_000_000_000


def _dated(packages: Iterable[Package]) -> Dated:
    """Each package with the time of its installation, oldest first."""
    return sorted(
        (moment, package.owner, (package.name,))
        for package in packages
        if (moment := _installed(package.location))
    )


def _installed(location: str) -> int:
    for name in _WRITTEN_LAST:
        moment = _modified(os.path.join(location, name) if name else location)
        if moment:
            return moment
    return 0


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return 0


def _merged(items: Dated, others: Dated) -> Dated:
    """Merge items of one owner that follow each other closely, without an item of ``others``
    between them, into one operation.
    """
    merged: Dated = []
    last = 0
    for moment, owner, names in items:
        apart = moment - last > _ONE_OPERATION
        between = any(last < other <= moment for other, _, _ in others)
        if merged and merged[-1][1] == owner and not apart and not between:
            start, _, earlier = merged[-1]
            merged[-1] = (start, owner, (*earlier, *names))
        else:
            merged.append((moment, owner, names))
        last = moment
    return merged
