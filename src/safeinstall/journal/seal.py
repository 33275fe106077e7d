"""One record, one line: how a record is sealed, and how a seal is checked.

A line is the record's canonical JSON with ``,"hash":"…"`` put in before its last brace, and a
newline. The hash is SHA-256 over the canonical JSON of the record without it, so a line can be
checked byte by byte, without reading the JSON.
"""

from __future__ import annotations

from safeinstall import canonical
from safeinstall.canonical import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCHEMA = 1

LARGEST = 1 << 20
"""Bytes that a line of ours may have; a record that would be longer is cut, and says so."""

LONGEST = 1 << 23
"""Bytes that a line may have to be read as a record; what is longer is damage."""

MARK = b'"hash"'
"""Stands in every line that is a record, or was one."""

_MOST = 1 << 52  # records
_LONGEST_NAME = 128  # characters of a chain's name, or a hash
_BEFORE = b',"hash":"'
_AFTER = b'"}\n'
_SEAL = len(_BEFORE) + 64 + len(_AFTER)


def seal(record: dict[str, Any]) -> tuple[bytes, str]:
    """The line of a record that has no ``hash`` yet, and its hash."""
    body = canonical.encode(record)
    value = digest(body)
    return body[:-1] + _BEFORE + value.encode() + _AFTER, value


def seal_of(line: bytes) -> str:
    """The hash of a line that stands as it was written, newline included; else ``""``."""
    cut = len(line) - _SEAL
    if cut < 1 or not line.startswith(_BEFORE, cut) or not line.endswith(_AFTER):
        return ""
    value = digest(line[:cut] + b"}")
    return value if line[cut + len(_BEFORE) : -len(_AFTER)] == value.encode() else ""


def closing(value: str) -> bytes:
    """The bytes that a line with this hash ends with."""
    return _BEFORE + value.encode() + _AFTER


def read(line: bytes) -> dict[str, Any] | None:
    """The record of a line, or None where the line is not a whole, unaltered record."""
    record = canonical.decode_object(line) if seal_of(line) else None
    return record if record and _is_link(record) else None


def claims(line: bytes) -> dict[str, Any] | None:
    """What a whole line says that may not be as it was written; None where it is no record.

    Nothing that was cut short is one: so much was written on purpose.
    """
    found = canonical.decode_object(line) if _may_be_record(line) else None
    return found if found and _is_link(found) and isinstance(found.get("hash"), str) else None


def _may_be_record(line: bytes) -> bool:
    """A cheap look: a megabyte of garbage may be half a million lines."""
    return len(line) > _SEAL and line.endswith(b"\n") and MARK in line


def _is_link(record: dict[str, Any]) -> bool:
    return (
        type(record.get("seq")) is int
        and 0 <= record["seq"] < _MOST  # the next ones have to be numbers, too
        and _is_name(record.get("chain"))
        and _is_name(record.get("prev"))
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_NAME
