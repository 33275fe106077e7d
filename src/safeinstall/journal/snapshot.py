"""What an environment held when we last looked, so that what others did since then can be seen.

Kept beside the mirror, for one user. It is no record, only a short cut to what the records say:
losing it loses nothing but the next drift.
"""

from __future__ import annotations

import marshal
import os

from safeinstall import changes
from safeinstall.model import Package
from safeinstall.probe.files import read_bytes

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
    temporary = f"{place}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with open(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(marshal.dumps((_FORMAT, seq, packages)))
        os.replace(temporary, place)
    except OSError:
        return


def drift(journal: Journal, inventory: Inventory) -> tuple[Change, ...]:
    """What is different from the last look and from what the records tell of the time since."""
    kept = _load(os.path.join(journal.places[-1].directory, _FILE))
    if kept is None:
        return ()
    seq, state = kept
    for record in _since(journal, seq):
        _apply(state, record)
    now = {_key(package): package for package in inventory.packages}
    gone = [package for key, package in state.items() if key not in now]
    come = [package for key, package in now.items() if key not in state]
    return changes.paired(gone, come)


def _load(place: str) -> tuple[int, State] | None:
    try:
        form, seq, packages = marshal.loads(read_bytes(place) or b"")  # noqa: S302 - our own file
        if form != _FORMAT:
            return None
        known = [Package(n, v, owner, build=b, source=s) for n, v, owner, b, s in packages]
    except (ValueError, EOFError, TypeError):
        return None
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
