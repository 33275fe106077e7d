"""Parse TOML, YAML and INI files of other programs; None for an unreadable one, never an error.

The parsers raise more exceptions than they document: PyYAML a KeyError for ``!!bool x``, each of
them a RecursionError for deeply nested brackets, and a number of 5,000 digits is a ValueError
since Python 3.11. JSON is read by :mod:`safeinstall.canonical`.
"""

from __future__ import annotations

from safeinstall import site_packages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LARGEST_YAML = 1 << 20  # characters; PyYAML reads some 100,000 in a second
_MOST = 50_000  # values in a document; nested YAML aliases make a billion of a few lines


def toml(data: bytes | None) -> dict[str, Any] | None:
    """A TOML document; ``None`` if it cannot be parsed."""
    if data is None:
        return None
    import tomllib  # 25 ms: only where there is a TOML file

    try:
        document = tomllib.loads(data.decode("utf-8"))
        return document if _parts(document, len(data) + 1) >= 0 else None
    except Exception:  # see the module's docstring
        return None


def yaml(text: str) -> dict[str, Any] | None:
    """A YAML document that is a mapping, empty for an empty text; ``None`` for any other."""
    site_packages.enable()
    import yaml as pyyaml  # 30 ms: only where there is a YAML file

    try:
        document = pyyaml.safe_load(text) if len(text) <= _LARGEST_YAML else None
        small = _parts(document, _MOST) >= 0
    except Exception:  # see the module's docstring
        return None
    if document is None and not _says_something(text):
        return {}
    return document if isinstance(document, dict) and small else None


def ini(data: bytes | None) -> dict[str, str] | None:
    """The values of an INI file by ``section.name``, names in lower case; ``None`` if invalid."""
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(_without_nul((data or b"").decode("utf-8")))
        return {
            f"{name}.{key}": text for name in parser.sections() for key, text in parser.items(name)
        }
    except Exception:  # see the module's docstring
        return None


def _says_something(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    return any(line and line[0] != "#" for line in lines)


def _without_nul(text: str) -> str:
    """The text unchanged. Raises ValueError for a NUL: no path and no argument can contain one."""
    if "\0" in text:
        raise ValueError(text)
    return text


def _parts(value: object, left: int) -> int:
    """``left`` minus the number of nested values; negative if there are more than ``left``. Raises
    ValueError for text with a NUL in it.
    """
    left -= 1
    if isinstance(value, str):
        _without_nul(value)
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            left = _parts(item, left) if left >= 0 else left
    return left
