"""What an environment held when we last looked, so that what others did since then can be seen.

Kept beside the mirror, for one user. It is no record, only a short cut to what the records say:
losing it loses nothing but the next drift.
"""

from __future__ import annotations

import os

from safeinstall import changes, kept
from safeinstall.model import Package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.journal import Journal
    from safeinstall.model import Change, Inventory, Json

    State = dict[tuple[str, str, str], Package]

_FORMAT = 1
_FILE = "snapshot"


def keep(journal: Journal, seq: int, inventory: Inventory) -> None:
    """Remember the inventory as of the record ``seq``. A failure only costs the next drift."""
    place = os.path.join(journal.places[-1].directory, _FILE)
    packages = [(p.name, p.version, p.owner, p.build, p.source) for p in inventory.packages]
    kept.keep(place, _FORMAT, (seq, packages))


def drift(journal: Journal, inventory: Inventory) -> tuple[Change, ...]:
    """What is different from the last look and from what the records tell of the time since."""
    last = _load(os.path.join(journal.places[-1].directory, _FILE))
    if last is None:
        return ()
    seq, state = last
    for record in _since(journal, seq):
        _apply(state, record)
    now = {_key(package): package for package in inventory.packages}
    gone = [package for key, package in state.items() if key not in now]
    come = [package for key, package in now.items() if key not in state]
    return changes.paired(gone, come)


def _load(place: str) -> tuple[int, State] | None:
    last = kept.load(place, _FORMAT)
    if last is None:
        return None
    seq, packages = last
    known = [Package(n, v, owner, build=b, source=s) for n, v, owner, b, s in packages]
    return seq, {_key(package): package for package in known}


def _since(journal: Journal, seq: int) -> list[Json]:
    """The records after ``seq``, oldest first: others may share this environment."""
    found = []
    for record in journal.backwards():
        if record["seq"] <= seq:
            break
        found.append(record)
    return found[::-1]


def _apply(state: State, record: Json) -> None:
    for change in record.get("changes") or ():
        name, before, after = change["name"], change["before"], change["after"]
        if before:
            state.pop((name, before["version"], before["owner"]), None)
        if after:
            package = Package(name, after["version"], after["owner"])
            state[_key(package)] = package


def _key(package: Package) -> tuple[str, str, str]:
    return (package.name, package.version, package.owner)
