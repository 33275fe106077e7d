"""Does an environment marker hold? As far as a glance tells; ``packaging`` would cost 60 ms."""

from __future__ import annotations

import os
import sys

from safeinstall.rules.releases import satisfies

_NAMES = (
    "python_version python_full_version os_name sys_platform platform_machine platform_release "
    "platform_system platform_version platform_python_implementation implementation_name "
    "implementation_version os.name sys.platform platform.machine platform.version "
    "platform.python_implementation python_implementation"
)
_SIGNS = ("==", "!=", ">=", "<=", "~=", "===", ">", "<")
_TEXT = '""'
# Each word by its part in a sentence: a value, an operator, a bond between two comparisons.
_PARTS = {
    **dict.fromkeys((*_NAMES.split(), _TEXT), "v"),
    **dict.fromkeys((*_SIGNS, "in"), "o"),
    "not": "n",
    "and": "b",
    "or": "b",
    "(": "(",
    ")": ")",
}
_SYSTEM = {"linux": "Linux", "darwin": "Darwin"}.get(sys.platform, "")


def is_readable(marker: str) -> bool:
    """Is it surely a marker as PEP 508 has them? pip takes no file with one that is none."""
    text = f" {_TEXT} ".join(marker.replace("'", '"').split('"')[::2])
    for sign in "()":
        text = text.replace(sign, f" {sign} ")
    pieces = [piece for word in text.split() for piece in _pieces(word)]
    kinds, before = "".join(_PARTS.get(piece, "?") for piece in pieces), ""
    while kinds != before:  # a comparison, one in brackets, two of them: each is one again
        before, kinds = kinds, kinds.replace("no", "o").replace("vov", "e")
        kinds = kinds.replace("(e)", "e").replace("ebe", "e")
    return kinds in ("", "e")


def _pieces(word: str) -> list[str]:
    """``python_version>=`` is two."""
    name = word.rstrip("<>=!~")
    return [piece for piece in (name, word[len(name) :]) if piece]


def may_hold(marker: str, python: str) -> bool:
    """False only where it surely does not hold under this Python ("3.11"), on this machine.

    Anything but one simple comparison is too much for a glance.
    """
    words = marker.replace("'", '"').split('"')
    if len(words) != 3 or words[2].strip(" )"):
        return True
    name, _, operator = words[0].strip(" (").partition(" ")
    if not operator:  # python_version<"3.8"
        name = words[0].strip(" (").rstrip("<>=!~ ")
        operator = words[0].strip(" (")[len(name) :]
    if name == "python_version":
        return satisfies(python, operator.strip() + words[1]) is not False
    here = {"sys_platform": sys.platform, "os_name": os.name, "platform_system": _SYSTEM}
    if not here.get(name) or operator.strip() not in ("==", "!="):
        return True
    return (here[name] == words[1]) == (operator.strip() == "==")
