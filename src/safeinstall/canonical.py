"""Canonical JSON after RFC 8785, and a reader for it, without importing ``json``.

``json`` pulls in ``re`` and costs 13 ms; the C accelerator below both of them costs nothing.
One extension: a string may hold lone surrogates (PEP 383, so that every byte of a command line
survives); they are written as ``\\udcXX`` escapes, which any JSON reader gives back unchanged.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

try:
    from _sha2 import sha256  # type: ignore[import-not-found,unused-ignore]  # Python 3.12
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore]  # Python 3.11
    except ImportError:
        # Last, because it loads OpenSSL, which takes longer than all the rest of an append.
        from hashlib import sha256

try:
    from _json import encode_basestring as _quote
    from _json import make_scanner

    class _Options:
        """The attributes that the scanner reads from its decoder."""

        strict = True
        object_hook = None
        object_pairs_hook = None
        parse_float = float
        parse_int = int
        parse_constant = float

    _scan = make_scanner(_Options)  # type: ignore[arg-type]  # it reads these attributes only
except ImportError:  # not CPython
    from json.decoder import JSONDecoder
    from json.encoder import encode_basestring as _quote

    _scan = JSONDecoder().scan_once  # type: ignore[attr-defined]  # an attribute since 2.6

_LARGEST_INT = 2**53 - 1  # RFC 8785 section 3.2.2.3: what an IEEE double holds exactly
# Outside of this range, Python's repr and ECMAScript write floats differently.
_LARGEST_FLOAT = 1e15
_SMALLEST_FLOAT = 1e-4

_LITERALS = {None: "null", True: "true", False: "false"}


def encode(value: Any) -> bytes:
    """``value`` as canonical JSON.

    Takes dict (with str keys), list, tuple, str, int, float, bool and None. Raises ValueError for
    an integer beyond 2**53 - 1 or a float that is not finite or not between 0.0001 and 10**15 in
    size, and TypeError for anything else.
    """
    text = _text(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Two surrogates that make a pair are one character to every reader; a lone one becomes
        # an escape, and "backslashreplace" spells it exactly as JSON does.
        paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return paired.encode("utf-8", "backslashreplace")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(_quote(value))
    if value is None or value is True or value is False:
        return _LITERALS[value]
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        members = [f"{_quote(name)}:{_text(value[name])}" for name in _sorted(value)]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([_text(item) for item in value]) + "]"
    raise TypeError(f"{type(value).__name__} has no place in a journal")


def _sorted(names: dict[str, Any]) -> list[str]:
    """The names in the order of RFC 8785 section 3.2.3: by UTF-16 code units."""
    if "".join(names).isascii():
        return sorted(names)
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def _number(value: float) -> str:
    if isinstance(value, int):
        if abs(value) > _LARGEST_INT:
            raise ValueError(f"{value} does not fit a JSON number")
        return int.__repr__(value)
    if value == 0:
        return "0"
    if not _SMALLEST_FLOAT <= abs(value) <= _LARGEST_FLOAT:  # also catches nan
        raise ValueError(f"{value} has no canonical form here")
    return float.__repr__(value).removesuffix(".0")


# CPython's scanner raises the JSONDecodeError of ``json.decoder``. Where that module has not been
# imported, the scanner fails without setting an exception, which Python turns into a SystemError.
_FAULTS = (ValueError, StopIteration, RecursionError, SystemError, MemoryError)


def decode(data: bytes) -> Any:
    """The value of one JSON text in UTF-8. Raises ValueError, and nothing else, for any other
    bytes.
    """
    try:
        text = data.decode("utf-8").strip(" \t\r\n")
        value, end = _scan(text, 0)
    except _FAULTS as error:
        raise ValueError("not a JSON text") from error
    if end != len(text):
        raise ValueError("something follows the JSON text")
    return value


def decode_object(data: bytes | None) -> dict[str, Any] | None:
    """The JSON object in ``data``; None for other JSON, for invalid data, and for None."""
    try:
        value = decode(data or b"")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def digest(data: bytes) -> str:
    """SHA-256 as 64 lower-case hexadecimal digits."""
    return str(sha256(data).hexdigest())


def measured(parts: Iterable[bytes]) -> tuple[int, str]:
    """The total number of bytes of the parts, and their SHA-256."""
    size, sums = 0, sha256()
    for part in parts:
        size += len(part)
        sums.update(part)
    return size, str(sums.hexdigest())
