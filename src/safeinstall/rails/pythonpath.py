"""PYTHONPATH, which loads our guest modules into a tool's process: does the tool read it?"""

from __future__ import annotations

import os

from safeinstall.argv import launch
from safeinstall.files import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Facts

_IGNORING = frozenset("IES")  # python -I and -E ignore PYTHONPATH; -S loads no sitecustomize


def is_read(facts: Facts) -> bool:
    """Does the Python that runs the tool read PYTHONPATH? ``False`` if the tool is no Python."""
    command = facts.command
    if ignored_by(command.words[1 : command.launcher]):
        return False
    if command.by_python:
        return True
    head = (read_bytes(facts.executable, 256) or b"").split(b"\n", 1)[0]
    return head.startswith(b"#!") and not ignored_by(tuple(os.fsdecode(head).split()[1:]))


def ignored_by(options: tuple[str, ...]) -> bool:
    """Do these options of the interpreter make it ignore PYTHONPATH or sitecustomize?"""
    return not _IGNORING.isdisjoint(launch.letters(options))


def lent(directory: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment variables, with ``directory`` first on PYTHONPATH."""
    path = [directory, *filter(None, [environ.get("PYTHONPATH")])]
    return {**environ, "PYTHONPATH": os.pathsep.join(path)}
