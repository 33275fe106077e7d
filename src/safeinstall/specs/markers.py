"""Evaluate simple environment markers (PEP 508) without ``packaging``, which costs 60 ms."""

from __future__ import annotations

import os
import sys

from safeinstall.specs.versions import satisfies

_SYSTEM = {"linux": "Linux", "darwin": "Darwin"}.get(sys.platform, "")


def may_hold(marker: str, python: str) -> bool:
    """False only if the marker is certain not to hold under this Python ("3.11") on this machine.

    True for any marker that is more than one simple comparison.
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
