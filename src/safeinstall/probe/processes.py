"""Which processes run out of an environment. Imports psutil: never before the tool has started."""

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
    """The processes whose program or interpreter belongs to ``prefix``, by their numbers.

    The process ``near`` (ours, if not given), everything above it (the shell, a notebook) and
    everything below it (the tool) do not count. Processes that this user may not look at do not
    either.
    """
    import psutil

    near = os.getpid() if near is None else near
    family = _family(near)
    prefix = os.path.realpath(prefix)
    others = (process for process in psutil.process_iter() if process.pid not in family)
    here = [process for process in others if _belongs(process, prefix)]
    family = _family(near)  # once more: the tool starts others while we look
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
    """By the program; by the name it was started under, which for a venv is all there is."""
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
    """The prefix of the environment that a program lies in; ``""`` where it is none's.

    The nearest counts: what lies below ``base/envs/x`` is not base's.
    """
    for directory in upward(os.path.dirname(program)):
        marked = any(os.path.exists(os.path.join(directory, mark)) for mark in _MARKS)
        if marked and directory not in ("", "/"):
            return os.path.realpath(directory)
    return ""


def _is_python(word: str) -> bool:
    return os.path.basename(word).startswith("python")


def _activated(process: psutil.Process) -> str:
    """``python`` found on PATH: the environment that was active where it was started."""
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
