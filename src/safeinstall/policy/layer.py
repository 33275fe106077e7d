"""Read and check one policy file, and turn it into plain data.

An error message begins with the place of the fault: ``FILE:LINE:COLUMN: reason``.
"""

from __future__ import annotations

import tomllib

from safeinstall.canonical import digest
from safeinstall.errors import PolicyError
from safeinstall.files import read_bytes
from safeinstall.policy.keys import DOCUMENT, LARGEST
from safeinstall.policy.places import DEEPEST, Places, offset_of, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.policy.kinds import Wrong

_MARK = "\ufeff"
# Errors that tomllib reports at the end of a statement, although they are about the key.
_ABOUT_KEYS = ("Cannot ", "Duplicate inline table key")
_DEEP = f"deeper than {DEEPEST} levels"


def read(path: str) -> dict[str, Any]:
    """The file at ``path`` as checked plain data, with its ``digest``.

    Raises :class:`PolicyError` if the file cannot be read, is not TOML, or has an invalid key or
    value.
    """
    content = read_bytes(path, LARGEST + 1)
    if content is None:
        raise PolicyError(f"{path}: cannot be read; a policy is a regular file you may read")
    if len(content) > LARGEST:
        raise PolicyError(f"{path}: larger than {LARGEST >> 10} KiB, the most that is read")
    text = _text(path, content)
    document = _parsed(path, text)
    wrong = DOCUMENT.wrong(document, ())
    if wrong:
        raise _error(path, text, _offset(text, wrong), wrong.reason)
    _plain_dates(document)
    return {**document, "digest": digest(content)}


def _text(path: str, content: bytes) -> str:
    """The file's text, with ``\\n`` at the ends of lines, as tomllib counts them."""
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise _error(path, before, len(before), "not UTF-8 text") from None
    if text.startswith(_MARK):
        raise _error(path, text, 0, "a byte order mark; save the file as UTF-8 without one")
    return text


def _parsed(path: str, text: str) -> dict[str, Any]:
    deep = Places(text).deep if _may_be_deep(text) else None
    if deep is not None:
        raise _error(path, text, deep, _DEEP)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, text, str(error)) from None
    except RecursionError:
        raise _error(path, text, Places(text).deep or 0, _DEEP) from None
    except ValueError:  # Python refuses to convert a number of more than 4,300 digits
        raise _error(path, text, _first_endless(text), "a number that is too long") from None


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


def _syntax(path: str, text: str, message: str) -> PolicyError:
    """The error for a message of tomllib, such as ``reason (at line 3, column 7)`` or
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
    return _error(path, text, offset, reason or message)


def _offset(text: str, wrong: Wrong) -> int:
    found = Places(text)
    known = found.keys if wrong.key else found.values
    return known.get(wrong.path, 0)


def _error(path: str, text: str, offset: int, reason: str) -> PolicyError:
    line, column = place(text, offset)
    return PolicyError(f"{path}:{line}:{column}: {reason}")


def _plain_dates(document: dict[str, Any]) -> None:
    """Replace dates by ISO 8601 text, which sorts in the same order and can be cached."""
    for exception in document.get("exceptions", ()):
        if "expires" in exception:
            exception["expires"] = str(exception["expires"])
