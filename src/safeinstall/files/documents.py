"""Documents that others have written, as plain data; None for what cannot be read, never an error.

The parsers raise more than they say: PyYAML a KeyError for ``!!bool x``, every one of them a
RecursionError for brackets within brackets, and a number of 5,000 digits is a ValueError since
Python 3.11. JSON is read by :mod:`safeinstall.canonical`.
"""

from __future__ import annotations

from safeinstall import site_packages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LARGEST_YAML = 1 << 20  # characters; PyYAML reads some 100,000 in a second
_MOST = 50_000  # parts of a document; aliases within aliases make a thousand million of a few lines


def toml(data: bytes | None) -> dict[str, Any] | None:
    """A TOML document."""
    if data is None:
        return None
    import tomllib  # 25 ms: only where there is such a file

    try:
        document = tomllib.loads(data.decode("utf-8"))
        return document if _parts(document, len(data) + 1) >= 0 else None
    except Exception:  # see above
        return None


def yaml(text: str) -> dict[str, Any] | None:
    """A YAML document that is a mapping; an empty one for an empty text."""
    site_packages.enable()
    import yaml as pyyaml  # 30 ms: only where there is such a file

    try:
        document = pyyaml.safe_load(text) if len(text) <= _LARGEST_YAML else None
        small = _parts(document, _MOST) >= 0
    except Exception:  # see above
        return None
    if document is None and not _says_something(text):
        return {}
    return document if isinstance(document, dict) and small else None


def ini(data: bytes | None) -> dict[str, str] | None:
    """An INI file, values by ``section.name``, names in lower case."""
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(_without_nul((data or b"").decode("utf-8")))
        return {
            f"{name}.{key}": text for name in parser.sections() for key, text in parser.items(name)
        }
    except Exception:  # see above
        return None


def _says_something(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    return any(line and line[0] != "#" for line in lines)


def _without_nul(text: str) -> str:
    """The text itself. Raises ValueError for a NUL: no path or word that a tool knows holds one."""
    if "\0" in text:
        raise ValueError(text)
    return text


def _parts(value: object, left: int) -> int:
    """``left`` without the number of parts; below zero where there are more. Raises ValueError for
    text with a NUL in it.
    """
    left -= 1
    if isinstance(value, str):
        _without_nul(value)
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            left = _parts(item, left) if left >= 0 else left
    return left
