"""Finds processes that run from an environment. Imports psutil, so it must not be used before the
tool has started.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safeinstall.files import upward
from safeinstall.model import Process

if TYPE_CHECKING:
    import psutil

_LONGEST = 100
_MARKS = ("conda-meta", "pyvenv.cfg")


def running(prefix: str, near: int | None = None) -> tuple[Process, ...]:
    """The processes whose program or interpreter belongs to ``prefix``, sorted by pid.

    Left out are the process ``near`` (this one, if not given), its ancestors (the shell, a
    notebook), its descendants (the tool), and processes that this user may not inspect.
    """
    import psutil

    near = os.getpid() if near is None else near
    family = _family(near)
    prefix = os.path.realpath(prefix)
    others = (process for process in psutil.process_iter() if process.pid not in family)
    here = [process for process in others if _belongs(process, prefix)]
    family = _family(near)  # once more: the tool may have started children in the meantime
    found = [_described(process) for process in here if process.pid not in family]
    return tuple(sorted(filter(None, found), key=lambda process: process.pid))


def _family(pid: int) -> set[int]:
    import psutil

    try:
        process = psutil.Process(pid)
        relatives = [*process.parents(), *process.children(recursive=True)]
    except psutil.Error:
        relatives = []
    return {pid, *(relative.pid for relative in relatives)}


def _belongs(process: psutil.Process, prefix: str) -> bool:
    """Does the process run from ``prefix``? Decided by its program file, or by the name that it was
    started under: the program file of a venv's Python is outside of the venv.
    """
    import psutil

    try:
        with process.oneshot():
            if environment_of(process.exe()) == prefix:
                return True
            words = process.cmdline()
            first = words[0] if words else ""
            if os.path.isabs(first):
                return environment_of(first) == prefix
            return _is_python(first) and _activated(process) == prefix
    except (psutil.Error, OSError):
        return False


def environment_of(program: str) -> str:
    """The prefix of the environment that contains the program; ``""`` where there is none.

    The nearest environment counts: a program below ``base/envs/x`` does not belong to base.
    """
    for directory in upward(os.path.dirname(program)):
        marked = any(os.path.exists(os.path.join(directory, mark)) for mark in _MARKS)
        if marked and directory not in ("", "/"):
            return os.path.realpath(directory)
    return ""


def _is_python(word: str) -> bool:
    return os.path.basename(word).startswith("python")


def _activated(process: psutil.Process) -> str:
    """The venv that was active when a ``python`` from PATH was started; ``""`` for none."""
    variable = process.environ().get("VIRTUAL_ENV", "")
    return os.path.realpath(variable) if variable else ""


def _described(process: psutil.Process) -> Process | None:
    import psutil

    try:
        line = " ".join(process.cmdline())
        shown = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
        return Process(process.pid, process.name(), shown)
    except psutil.Error:  # it has ended in the meantime
        return None
