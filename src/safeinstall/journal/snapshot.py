"""The packages of an environment after the last operation, to find changes made without the guard.

Kept beside the mirror, for one user. It is not a record, only a cache of the state that the records
describe: if it is lost, only the next drift is not found.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.journal import changes, record, schema
from safeinstall.model import RECORD, Change, Package
from safeinstall.probe import unreadable
from safeinstall.specs.origin import is_alike

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.journal import Journal
    from safeinstall.model import Inventory, Json

    State = dict[tuple[str, str, str, bool], Package]

_FORMAT = 4
_FILE = "snapshot"
_KEPT = ("name", "version", "owner", "build", "source", "origin", "requested")  # of a package


def keep(journal: Journal, seq: int, inventory: Inventory) -> None:
    """Write the inventory as of the record ``seq``. If that fails, the next drift is not found."""
    place = os.path.join(journal.places[-1].directory, _FILE)
    packages = [tuple(getattr(p, name) for name in _KEPT) for p in _all(inventory)]
    cache.keep(place, _FORMAT, (seq, packages))


def drift(journal: Journal, inventory: Inventory) -> tuple[Change, ...]:
    """The changes that neither the last snapshot nor the records after it contain.

    If conda has deleted the record of a package that pip had replaced or removed earlier, the
    change has that record in ``before`` with the source ``record``, and None in ``after``.
    """
    last = _load(os.path.join(journal.places[-1].directory, _FILE))
    if last is None:
        return ()
    seq, state = last
    for entry in _since(journal, seq):
        _apply(state, entry)
    now = {_key(package): package for package in _all(inventory)}
    recorded = {package.name for package in now.values() if package.owner == "conda"}
    gone = [package for key, package in state.items() if key not in now]
    come = [p for key, p in now.items() if key not in state and p.source != RECORD]
    stays = [(state[key], package) for key, package in now.items() if key in state]
    lost = [p for p in gone if p.source == RECORD and p.name not in recorded]
    replaced = [package for package in gone if package.source != RECORD]
    return (
        *changes.paired(replaced, come),
        *(Change(p.name, before, p) for before, p in stays if not is_alike(p, before)),
        *(Change(p.name, p, None) for p in lost),
    )


def is_first(journal: Journal) -> bool:
    """Is there no snapshot, because this user has run no guarded command in this environment?"""
    return not os.path.exists(os.path.join(journal.places[-1].directory, _FILE))


def _all(inventory: Inventory) -> Iterator[Package]:
    """The packages, and the conda-meta records whose package was replaced or is gone."""
    yield from inventory.packages
    for fallen in (*inventory.overwritten, *inventory.gone):
        yield fallen.replace(source=RECORD)


def _load(place: str) -> tuple[int, State] | None:
    last = cache.load(place, _FORMAT)
    if last is None:
        return None
    seq, packages = last
    known = [Package(**dict(zip(_KEPT, package, strict=True))) for package in packages]
    return seq, {_key(package): package for package in known}


def _since(journal: Journal, seq: int) -> list[Json]:
    """The records after ``seq``, oldest first. Other users may have made some of them."""
    found = []
    due = 0  # the number expected next
    for entry in journal.backwards():
        if due and entry["seq"] < due:
            unreadable.note("journal", journal.places[0].path)
        if entry["seq"] <= seq:
            break
        due = entry["seq"] - 1
        if not schema.fault(entry):
            found.append(entry)
    return found[::-1]


def _apply(state: State, entry: Json) -> None:
    for change in entry.get("changes") or ():
        for side in ("before", "after"):
            if change[side]:
                package = record.as_package(change["name"], change[side])
                state.pop(_key(package), None)
                if side == "after":
                    state[_key(package)] = package


def _key(package: Package) -> tuple[str, str, str, bool]:
    return (package.name, package.version, package.owner, package.source == RECORD)
