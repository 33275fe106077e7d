"""PYTHONPATH, the way for guests of ours into a tool's process: is it open, and how is it lent?"""

from __future__ import annotations

import os

from safeinstall.argv import launch
from safeinstall.files import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Facts

_IGNORING = frozenset("IES")  # python -I, -E; with -S nobody is let in


def is_read(facts: Facts) -> bool:
    """Does the Python in which the tool runs read PYTHONPATH? ``False`` where it is no Python."""
    command = facts.command
    if ignored_by(command.words[1 : command.launcher]):
        return False
    if command.by_python:
        return True
    head = (read_bytes(facts.executable, 256) or b"").split(b"\n", 1)[0]
    return head.startswith(b"#!") and not ignored_by(tuple(os.fsdecode(head).split()[1:]))


def ignored_by(options: tuple[str, ...]) -> bool:
    """Is PYTHONPATH not read, with these options of the interpreter?"""
    return not _IGNORING.isdisjoint(launch.letters(options))


def lent(directory: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables with ``directory`` put first on PYTHONPATH."""
    path = [directory, *filter(None, [environ.get("PYTHONPATH")])]
    return {**environ, "PYTHONPATH": os.pathsep.join(path)}
