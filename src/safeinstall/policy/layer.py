"""Read and check one policy file, and turn it into plain data.

An error message begins with the place of the fault: ``FILE:LINE:COLUMN: reason``.
"""

from __future__ import annotations

import tomllib
from itertools import islice

from safeinstall.canonical import digest
from safeinstall.errors import PolicyError
from safeinstall.files import read_bytes
from safeinstall.policy.keys import DOCUMENT, LARGEST
from safeinstall.policy.places import DEEPEST, Places, offset_of, place
from safeinstall.settings import PYPROJECT
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.policy.kinds import Kind, Wrong
    from safeinstall.policy.places import Path

TABLE = ("tool", "safeinstall")
"""The table in a ``pyproject.toml`` that is a policy."""

MANY = 500
"""Faults of one file that are told."""

_FEW = 20  # of which the first is told where a command is stopped
_MARK = "\ufeff"
# Errors that tomllib reports at the end of a statement, although they are about the key.
_ABOUT_KEYS = ("Cannot ", "Duplicate inline table key")
_DEEP = f"deeper than {DEEPEST} levels"


class Fault(Value):
    """What is wrong with a file, and where. Line and column count from 1; 0 is the whole file."""

    file: str
    reason: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """``FILE:LINE:COLUMN: reason``."""
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.reason}"


class _FoundError(Exception):
    """The file cannot be read any further: holds the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault


def read(path: str) -> dict[str, Any]:
    """The file at ``path`` as checked plain data: ``content``, its ``digest``, and the ``places``
    (line and column) of its keys and values. Of a ``pyproject.toml`` only our table counts;
    without one, ``content`` is empty.

    Raises :class:`PolicyError` if the file cannot be read, is not TOML, or has an invalid key or
    value.
    """
    found, faults = examine(path, most=_FEW)
    if faults:
        raise PolicyError(str(faults[0]))
    return found


def examine(
    path: str, document: Kind = DOCUMENT, *, most: int = MANY
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """As :func:`read`, with every fault in the order of the lines in place of an exception, but not
    more than ``most``. Other files than policies have another kind of ``document``.
    """
    try:
        raw = _bytes(path)
        text = _text(path, raw)
        parsed = _parsed(path, text)
    except _FoundError as error:
        ignored = _is_pyproject(path) and not _mentions_us(path)
        return _found({}, {}, b""), () if ignored else (error.fault,)
    at: tuple[str, ...] = TABLE if _is_pyproject(path) else ()
    policy = _below(parsed, at)
    if policy is None:
        return _found({}, {}, raw), ()
    places = Places(text)
    known = {"keys": places.keys, "values": places.values}
    wrong = islice(document.wrong(policy, at), most)
    faults = {_fault(path, text, _offset(known, each), each.reason) for each in wrong}
    if faults:
        ordered = sorted(faults, key=lambda fault: (fault.line, fault.column, fault.reason))
        return _found({}, {}, raw), tuple(ordered)
    _plain_dates(policy)
    lines = _Lines(text)
    located = {key[len(at) :]: lines.place(offset) for key, offset in places.values.items()}
    return _found(policy, located, raw), ()


def _found(content: dict[str, Any], places: dict[Path, Any], raw: bytes) -> dict[str, Any]:
    return {"content": content, "places": places, "digest": digest(raw)}


def _bytes(path: str) -> bytes:
    content = read_bytes(path, LARGEST + 1)
    if content is None:
        raise _FoundError(Fault(path, "cannot be read; a policy is a regular file you may read"))
    if len(content) > LARGEST:
        reason = f"larger than {LARGEST >> 10} KiB, the most that is read"
        raise _FoundError(Fault(path, reason))
    return content


def _is_pyproject(path: str) -> bool:
    return path.endswith(f"/{PYPROJECT}") or path == PYPROJECT


def _mentions_us(path: str) -> bool:
    """Does a ``pyproject.toml``, which may be broken for reasons of others, speak of us?"""
    return TABLE[-1].encode() in (read_bytes(path, LARGEST) or b"")


def _below(document: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path; ``None`` if there is nothing."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _text(path: str, content: bytes) -> str:
    """The file's text, with ``\\n`` at the ends of lines, as tomllib counts them."""
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise _FoundError(_fault(path, before, len(before), "not UTF-8 text")) from None
    if text.startswith(_MARK):
        reason = "a byte order mark; save the file as UTF-8 without one"
        raise _FoundError(_fault(path, text, 0, reason))
    return text


def _parsed(path: str, text: str) -> dict[str, Any]:
    deep = Places(text).deep if _may_be_deep(text) else None
    if deep is not None:
        raise _FoundError(_fault(path, text, deep, _DEEP))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fault = _syntax(path, text, str(error))
    except RecursionError:
        fault = _fault(path, text, Places(text).deep or 0, _DEEP)
    except ValueError:  # Python refuses to convert a number of more than 4,300 digits
        fault = _fault(path, text, _first_endless(text), "a number that is too long")
    raise _FoundError(fault)


def _may_be_deep(text: str) -> bool:
    """Might a key have too many parts? One of 10,000 parts would take tomllib minutes."""
    return any(line.count(".") > DEEPEST for line in text.split("\n"))


def _first_endless(text: str) -> int:
    bare = Places(text).bare
    return next((offset for offset, token in bare if _is_endless(token)), 0)


def _is_endless(token: str) -> bool:
    try:
        tomllib.loads(f"x={token}")
    except tomllib.TOMLDecodeError:
        return False
    except ValueError:
        return True
    return False


def _syntax(path: str, text: str, message: str) -> Fault:
    """The fault for a message of tomllib, such as ``reason (at line 3, column 7)`` or
    ``reason (at end of document)``.
    """
    reason, _, where = message.rpartition(" (at ")
    offset = len(text)
    if where.startswith("line "):
        line, column = where[5:].rstrip(")").split(", column ")
        offset = offset_of(text, int(line), int(column))
    if reason.startswith(_ABOUT_KEYS):
        offset = Places(text[:offset]).last
    elif offset < len(text):
        offset = Places(text).bare_around(offset)  # in 2026-13-01 tomllib points at "-13-01"
    return _fault(path, text, offset, reason or message)


def _offset(known: dict[str, dict[Path, int]], wrong: Wrong) -> int:
    return known["keys" if wrong.key else "values"].get(wrong.path, 0)


def _fault(path: str, text: str, offset: int, reason: str) -> Fault:
    line, column = place(text, offset)
    return Fault(path, reason, line, column)


class _Lines:
    """Line and column for many offsets in one text."""

    def __init__(self, text: str) -> None:
        self.starts = [0]
        for line in text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def place(self, offset: int) -> tuple[int, int]:
        from bisect import bisect

        line = bisect(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _plain_dates(document: dict[str, Any]) -> None:
    """Replace dates by ISO 8601 text, which sorts in the same order and can be cached."""
    for exception in document.get("exceptions", ()):
        exception["expires"] = str(exception["expires"])
