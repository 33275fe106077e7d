"""Whose journal is it? An environment that was copied or renamed brings along that of another
prefix.

``cp -a`` and ``mv`` leave it as it is. conda's own ``create --clone`` and ``rename`` copy every
file that no package owns, and write the new prefix over the old one wherever a text file names it:
then no line that names the prefix is what was written, but the chain's name still is.

Never needed while the copy in the state directory belongs to the same chain, so nearly never.
"""

from __future__ import annotations

import os

from safeinstall.files import close, names_in
from safeinstall.journal import places, record, seal, store, sync, tail
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.journal.places import Place
    from safeinstall.journal.store import Store
    from safeinstall.model import Json

_FAR_ENOUGH = 1000  # lines; the prefix stands in every second one


class Kin(Value):
    """The journal of another prefix, found in this one."""

    what: str  # "copied", or "moved": the other prefix is gone
    prefix: str | None  # the other one; None where nobody knows any more
    chain: str
    seq: int  # of the last record that came along
    hash: str
    whole: bool  # no, if conda has written a new prefix into the lines
    mirror: str = ""  # the directory of this user's copy of the other journal


def look(prefix: str, own: Place) -> Kin | None:
    """Has the environment at ``prefix`` the journal of another one? ``own`` is its own mirror."""
    place = places.primary(prefix)
    try:
        fd = tail.opened(place.path)
    except OSError:
        return None
    try:
        return _look(fd, place.path, prefix, own)
    except (OSError, ValueError):  # ValueError: the prefix that a record names can be no path
        return None
    finally:
        close(fd)


def settle(stores: list[Store], kin: Kin, prefix: str) -> Json:
    """Go on with the chain after a move; after a copy make room for one of its own.

    ``stores`` are the primary and the mirror. The answer is the record to be written. Raises
    StoreError and OSError.
    """
    primary, mirror = stores
    if kin.what == "moved":
        stores[1] = mirror = _move(mirror, kin.mirror)
        if kin.whole:
            sync.bring_up(primary, mirror)
        else:
            primary.put_away("copied")
    else:
        primary.put_away("origin" if kin.whole else "copied")
    return record.origin(prefix, kin)


def _look(fd: int, path: str, prefix: str, own: Place) -> Kin | None:
    home, claimed, damaged = _told(fd, path)
    if claimed is None or (home and os.path.realpath(home) == os.path.realpath(prefix)):
        return None
    other, known = _mirror_of(claimed["chain"], own)
    if not home and (not other or known == prefix):
        return None
    origin = known or home
    alive = not (other and origin) or _lives(origin, claimed["chain"])
    return Kin(
        what="copied" if alive else "moved",
        prefix=origin or None,
        chain=claimed["chain"],
        seq=claimed["seq"],
        hash=claimed["hash"],
        whole=not (damaged and other),  # else it is evidence, and stays to be read
        mirror=other,
    )


def _told(fd: int, path: str) -> tuple[str, Json | None, bool]:
    """The prefix that the newest sound record names, the last record as it says itself it is, and
    whether any line from there on is not what was written.
    """
    claimed: Json | None = None
    damaged = False
    lines = tail.sequence(fd, path, os.fstat(fd).st_size, tail.pass_over)
    for count, (_, _, data) in enumerate(lines):
        found = seal.read(data)
        claimed = claimed or found or seal.claims(data)
        prefix = _prefix(found) if found else ""
        damaged = damaged or (found is None and claimed is not None)
        if prefix or count > _FAR_ENOUGH:
            return prefix, claimed, damaged
    return "", claimed, damaged


def _prefix(found: Json) -> str:
    environment = found.get("environment")
    prefix = environment.get("prefix") if isinstance(environment, dict) else None
    return prefix if isinstance(prefix, str) else ""


def _mirror_of(chain: str, own: Place) -> tuple[str, str]:
    """This user's copy of a chain, kept for another prefix: its directory and that prefix."""
    above = os.path.dirname(own.directory)
    for directory in (os.path.join(above, name) for name in names_in(above)):
        path = os.path.join(directory, places.FILE)
        if directory == own.directory or places.is_former(directory):
            continue
        end = tail.at(path)
        if end and end.chain == chain:
            return directory, _home(path)
    return "", ""


def _lives(prefix: str, chain: str) -> bool:
    """Has the prefix still a journal of this chain? One that we may not read counts."""
    path = places.primary(prefix).path
    end = tail.at(path)
    return end.chain == chain if end else os.path.lexists(path)


def _home(path: str) -> str:
    fd = tail.opened(path)
    try:
        return _told(fd, path)[0]
    finally:
        close(fd)


def _move(mirror: Store, other: str) -> Store:
    """The mirror of the prefix that is gone becomes this one's."""
    directory = mirror.place.directory
    if not mirror.tail.size and not mirror.tail.record:
        os.unlink(places.FILE, dir_fd=mirror.directory)  # made a moment ago, by us
    mirror.close()
    try:
        os.rmdir(directory)
    except OSError:  # an environment was here before
        os.rename(directory, places.former(directory))
    os.rename(other, directory)
    return store.open_store(mirror.place)
