"""Detects that a primary belongs to another prefix: a copied or renamed environment brings its
journal along.

``cp -a`` and ``mv`` leave the journal as it is. ``conda create --clone`` and ``conda rename`` copy
every file that no package owns, and replace the old prefix by the new one in text files, as
conda-unpack does: then each line with the prefix has a wrong hash, but the chain's name is still
right, and :mod:`.rewritten` finds out how the line was.

Not needed while primary and mirror belong to the same chain, so nearly never.
"""

from __future__ import annotations

import os

from safeinstall.files import close, names_in
from safeinstall.journal import places, record, rewritten, seal, store, sync, tail
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.journal.places import Place
    from safeinstall.journal.rewritten import Undo
    from safeinstall.journal.store import Store
    from safeinstall.model import Json

_FAR_ENOUGH = 1000  # lines that are searched for the prefix; every second one should have it
_TRIED = 50  # altered lines that are tried to be restored


class Kin(Value):
    """A journal of another prefix, found as the primary of this one."""

    what: str  # "copied", or "moved": the other prefix is gone
    prefix: str | None  # the other prefix; None where it is unknown
    chain: str
    seq: int  # of the last record that was copied or moved
    hash: str
    whole: bool  # False if there are altered lines, and a mirror of the chain
    mirror: str = ""  # the directory of this user's mirror for the other prefix
    undo: Undo | None = None  # where the new prefix was written into the lines, and it is known how


def look(prefix: str, own: Place) -> Kin | None:
    """The journal of another prefix that the environment at ``prefix`` has as its primary; ``None``
    if its primary is its own. ``own`` is the place of its mirror.
    """
    place = places.primary(prefix)
    try:
        fd = tail.opened(place.path)
    except OSError:
        return None
    try:
        return _look(fd, place.path, prefix, own)
    except (OSError, ValueError):  # ValueError: a record's prefix is no path, but contains a NUL
        return None
    finally:
        close(fd)


def settle(stores: list[Store], kin: Kin, prefix: str) -> Json:
    """Continue the chain after a move; after a copy, put it away so that a new chain begins.

    ``stores`` are the primary and the mirror. Returns the origin record to be written. Raises
    StoreError and OSError.
    """
    primary, mirror = stores
    if kin.undo:
        from safeinstall.journal import rotation

        rotation.restore(primary, kin.undo)
        primary.refresh()
    if kin.what == "moved":
        stores[1] = mirror = _move(mirror, kin.mirror)
        if kin.whole:
            sync.bring_up(primary, mirror)
        else:
            sync.bring_up(mirror, primary)
            primary.put_away("copied")
    else:
        primary.put_away("origin")
    return record.origin(prefix, kin)


def _look(fd: int, path: str, prefix: str, own: Place) -> Kin | None:
    home, claimed, altered = _told(fd, path)
    if claimed is None or (home and os.path.realpath(home) == os.path.realpath(prefix)):
        return None
    other, known = _mirror_of(claimed["chain"], own)
    undo = rewritten.find(altered, (known, *rewritten.packed_at(prefix))) if altered else None
    if not home and not undo and (not other or known == prefix):
        return None
    origin = known or (undo.old if undo else home)
    alive = not (other and origin) or _lives(origin, claimed["chain"])
    return Kin(
        what="copied" if alive else "moved",
        prefix=origin or None,
        chain=claimed["chain"],
        seq=claimed["seq"],
        hash=claimed["hash"],
        whole=not (altered and other),
        mirror=other,
        undo=undo,
    )


def _told(fd: int, path: str) -> tuple[str, Json | None, list[bytes]]:
    """The prefix in the newest valid record that has one, the last record (which may have a wrong
    hash), and some of the lines from there back to that valid record that are not valid.
    """
    claimed: Json | None = None
    altered: list[bytes] = []
    lines = tail.sequence(fd, path, os.fstat(fd).st_size, tail.pass_over)
    for count, (_, _, data) in enumerate(lines):
        found = seal.read(data)
        claimed = claimed or found or seal.claims(data)
        prefix = _prefix(found) if found else ""
        if found is None and claimed is not None and len(altered) < _TRIED:
            altered.append(data)
        if prefix or count > _FAR_ENOUGH:
            return prefix, claimed, altered
    return "", claimed, altered


def _prefix(found: Json) -> str:
    environment = found.get("environment")
    prefix = environment.get("prefix") if isinstance(environment, dict) else None
    return prefix if isinstance(prefix, str) else ""


def _mirror_of(chain: str, own: Place) -> tuple[str, str]:
    """This user's mirror of a chain for another prefix: its directory, and that prefix."""
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
    """Has the prefix still a journal of this chain? True, too, if it may not be read."""
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
    """Make the mirror of the old prefix the mirror of this prefix."""
    directory = mirror.place.directory
    if not mirror.tail.size and not mirror.tail.record:
        os.unlink(places.FILE, dir_fd=mirror.directory)  # open_store has just created it
    mirror.close()
    try:
        os.rmdir(directory)
    except OSError:  # not empty: an earlier environment at this prefix had a journal
        os.rename(directory, places.former(directory))
    os.rename(other, directory)
    return store.open_store(mirror.place)
