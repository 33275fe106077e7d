"""One record, one line: how a record is sealed, and how a seal is checked.

A line is the record's canonical JSON with ``,"hash":"…"`` inserted before its last brace, and a
newline. The hash is the SHA-256 of the canonical JSON of the record without the hash, so a line can
be checked byte by byte, without parsing the JSON.
"""

from __future__ import annotations

from safeinstall import canonical
from safeinstall.canonical import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCHEMA = 1

LARGEST = 1 << 20
"""The most bytes in a line that we write; :mod:`.fitting` shortens a longer record."""

LONGEST = 1 << 23
"""The most bytes in a line that is read as a record; a longer line is damage."""

MARK = b'"hash"'
"""Bytes that are in the line of every record, even an altered one."""

_MOST = 1 << 52  # records in a chain
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
    """The hash of a line (with its newline) if it is as it was written; else ``""``."""
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
    """The record of a line without checking its hash; None where the line is no record.

    A line that was cut short is not a record: an altered record was changed on purpose, a cut one
    was not.
    """
    found = canonical.decode_object(line) if _may_be_record(line) else None
    return found if found and _is_link(found) and isinstance(found.get("hash"), str) else None


def _may_be_record(line: bytes) -> bool:
    """A cheap check before parsing: a megabyte of garbage may be half a million lines."""
    return len(line) > _SEAL and line.endswith(b"\n") and MARK in line


def _is_link(record: dict[str, Any]) -> bool:
    return (
        type(record.get("seq")) is int
        and 0 <= record["seq"] < _MOST  # so that the next numbers fit JSON, too
        and _is_name(record.get("chain"))
        and _is_name(record.get("prev"))
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_NAME
