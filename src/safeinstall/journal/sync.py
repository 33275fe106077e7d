"""Keeps primary and mirror equal: before a record is added, missing records are copied."""

from __future__ import annotations

from safeinstall.canonical import measured

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.journal.store import Store
    from safeinstall.model import Json


def settle(stores: list[Store], repairs: list[Json]) -> None:
    """Repair the files and make them equal; a note on each repair is added to ``repairs``.

    ``stores`` is the primary and the mirror, or one of them alone. Raises StoreError; repairs made
    before the error are in the list.
    """
    repairs += (_put_away_lost(store) for store in stores if store.tail.lost)
    repairs += (_drop_torn(store) for store in stores if store.tail.end < store.tail.size)
    if len(stores) == 2:
        repairs += _level(*stores)


def bring_up(behind: Store, ahead: Store) -> None:
    """Add the records that ``behind`` lacks, if it is an earlier state of ``ahead``. Raises
    StoreError.
    """
    missing = _missing(ahead, behind) if behind.tail.hash else None
    if missing is not None:
        _add(behind, missing)


def _put_away_lost(store: Store) -> Json:
    """Move a file with too much damage to another directory, from which its valid records can still
    be read.
    """
    size = store.tail.size
    return _note("damaged", store, store.put_away("damaged"), size, "")


def _drop_torn(store: Store) -> Json:
    name, size, value = store.set_aside("torn", store.tail.end)
    store.tail = store.tail.replace(size=store.tail.end)
    return _note("torn", store, name, size, value)


def _level(primary: Store, mirror: Store) -> list[Json]:
    if primary.tail.hash == mirror.tail.hash:
        return []
    if not mirror.tail.hash or not primary.tail.hash:  # one was lost, or has just been created
        behind, ahead = (mirror, primary) if primary.tail.hash else (primary, mirror)
        _add(behind, ahead.after("") or ())
        return []
    return _catch_up(primary, mirror)


def _catch_up(primary: Store, mirror: Store) -> list[Json]:
    missing = _missing(primary, mirror)
    if missing is not None:
        _add(mirror, missing)
        return []
    missing = _missing(mirror, primary)
    if missing is not None:
        size, value = _add(primary, missing)
        return [_note("restored", primary, "", size, value)]
    size, value = measured(mirror.after("") or ())
    name = mirror.put_away("diverged")
    _add(mirror, primary.after("") or ())
    return [_note("diverged", mirror, name, size, value)]


def _missing(ahead: Store, behind: Store) -> Iterable[bytes] | None:
    """The bytes that ``behind`` lacks; None where ``ahead`` does not continue ``behind``."""
    if ahead.tail.seq < behind.tail.seq:
        return None
    return ahead.after(behind.tail.hash)


def _add(store: Store, parts: Iterable[bytes]) -> tuple[int, str]:
    """Append bytes; returns their number and their SHA-256."""
    # Not flushed here: the next record is flushed, which flushes these bytes, too.
    added = measured(_written(store, parts))
    store.refresh()
    return added


def _written(store: Store, parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        store.write(part, durable=False)
        yield part


def _note(what: str, store: Store, kept: str, size: int, value: str) -> Json:
    return {
        "what": what,
        "file": store.place.path,
        "kept": kept or None,
        "bytes": size,
        "sha256": value or None,
    }
