"""What was laid in an environment, and what was there before: ``.safeinstall/protection.json``."""

from __future__ import annotations

import os

from safeinstall.canonical import decode_object, encode
from safeinstall.files import is_below, read_bytes, write
from safeinstall.journal import permissions, places
from safeinstall.protection.nouns import Laid, is_path
from safeinstall.settings import PROTECTION
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = PROTECTION
_LIMIT = 1 << 24  # bytes
_SCHEMA = 1
_SUM = 64  # characters


class Ledger(Value):
    """The protection of one environment."""

    prefix: str  # at which it was laid: a copied environment brings that of the other one
    wants: tuple[str, ...] = ()  # the names of the rails that it is to have
    laid: tuple[Laid, ...] = ()
    door: bool = False  # was the door opened by it?

    def of(self, path: str) -> Laid | None:
        """What was laid in the file at the path relative to the prefix."""
        return next((laid for laid in self.laid if laid.path == path), None)


def is_there(prefix: str) -> bool:
    """Was a protection laid? Costs one ``stat``."""
    return os.path.exists(os.path.join(prefix, FILE))


def read(prefix: str) -> Ledger | None:
    """``None`` where there is none, and where it cannot be read."""
    document = decode_object(read_bytes(os.path.join(prefix, FILE), _LIMIT))
    if document is None or document.get("schema") != _SCHEMA:
        return None
    try:
        return Ledger(
            prefix=str(document["prefix"]),
            wants=tuple(map(str, document["wants"])),
            laid=tuple(map(_laid, document["laid"])),
            door=document["door"] is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def save(prefix: str, ledger: Ledger) -> None:
    """Raises OSError."""
    place = places.primary(prefix)
    permissions.make(place.directory, place.root)
    document = {
        "schema": _SCHEMA,
        "prefix": ledger.prefix,
        "wants": list(ledger.wants),
        "laid": [_as_json(laid) for laid in ledger.laid],
        "door": ledger.door,
    }

    def shared(descriptor: int) -> None:
        permissions.share(place, place.directory, descriptor)
        os.fsync(descriptor)

    write(os.path.join(prefix, FILE), encode(document), shared)


def remove(prefix: str) -> None:
    """Raises OSError."""
    os.unlink(os.path.join(prefix, FILE))


def _as_json(laid: Laid) -> dict[str, Any]:
    return {
        "name": laid.name,
        "path": laid.path,
        "text": laid.text.decode(),
        "digest": laid.digest,
        "before": laid.before,
        "at": laid.at,
        "mode": laid.mode,
        "made": list(laid.made),
    }


def _laid(item: dict[str, Any]) -> Laid:
    name, path = str(item["name"]), str(item["path"])
    made = tuple(map(str, item["made"]))
    if not is_path(name, path) or ".." in path or any(not is_below(path, each) for each in made):
        raise ValueError(path)
    return Laid(
        name=name,
        path=path,
        text=str(item["text"]).encode(),
        digest=str(item["digest"]),
        before=_sum(item["before"]),
        at=int(item["at"]),
        mode=int(item["mode"]) & 0o777,
        made=made,
    )


def _sum(text: object) -> str:
    if not isinstance(text, str) or not (text == "" or (len(text) == _SUM and text.isalnum())):
        raise ValueError(text)
    return text
