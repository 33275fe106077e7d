"""Primary and mirror are one chain: whichever is behind is brought up before anything is added."""

from __future__ import annotations

from safeinstall.journal.line import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.journal.store import Store
    from safeinstall.model import Json


def settle(stores: list[Store], repairs: list[Json]) -> None:
    """Make the files sound and equal; what had to be repaired is added to ``repairs``.

    ``stores`` is the primary and the mirror, or one of them alone. Raises StoreError; what was
    repaired until then stands, and is in the list.
    """
    repairs += (_drop_torn(store) for store in stores if store.tail.end < store.tail.size)
    if len(stores) == 2:
        repairs += _level(*stores)


def _drop_torn(store: Store) -> Json:
    name, data = store.set_aside("torn", store.tail.end)
    store.tail = store.tail.replace(size=store.tail.end)
    return _note("torn", store, name, data)


def _level(primary: Store, mirror: Store) -> list[Json]:
    if primary.tail.hash == mirror.tail.hash:
        return []
    if not mirror.tail.hash:
        return _add(mirror, primary.everything())
    if not primary.tail.hash:  # conda has just created the environment
        return _add(primary, mirror.everything())
    return _catch_up(primary, mirror)


def _catch_up(primary: Store, mirror: Store) -> list[Json]:
    missing = _missing(primary, mirror)
    if missing is not None:
        return _add(mirror, missing)
    missing = _missing(mirror, primary)
    if missing is not None:
        _add(primary, missing)
        return [_note("restored", primary, "", missing)]
    name, data = mirror.set_aside("diverged", 0)
    _add(mirror, primary.everything())
    return [_note("diverged", mirror, name, data)]


def _missing(ahead: Store, behind: Store) -> bytes | None:
    """What ``behind`` lacks; None where the one is not a continuation of the other."""
    if ahead.tail.seq < behind.tail.seq:
        return None
    return ahead.after(behind.tail.hash)


def _add(store: Store, data: bytes) -> list[Json]:
    # Not flushed here: the record that follows is, and takes this with it.
    store.write(data, durable=False)
    store.refresh()
    return []


def _note(what: str, store: Store, kept: str, data: bytes) -> Json:
    return {
        "what": what,
        "file": store.place.path,
        "kept": kept or None,
        "bytes": len(data),
        "sha256": digest(data),
    }
