"""The start time and the ancestors of a process, and whether a recorded process is still running.

Read from ``/proc``; where there is none, from one run of ``ps``, which takes a tenth of the time of
importing psutil.
"""

from __future__ import annotations

import os

from safeinstall.files import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Entry = tuple[int, str, str]  # parent's pid, start, name
    Lookup = Callable[[int], Entry | None]

_PARENTS = 5
_START = 19  # field 22 of /proc/PID/stat, counted from behind the name


def describe(pid: int) -> tuple[str, list[str]]:
    """The process's start, and the names of up to five ancestors, the nearest first.

    The start is an opaque text: with the pid it identifies a process of a machine, across reboots.
    Both are empty where the system does not show them.
    """
    lookup = _lookup()
    entry = lookup(pid)
    if entry is None:
        return "", []
    parent, started, _ = entry
    return started, _names(parent, lookup)


def ancestors(pid: int) -> Iterator[int]:
    """The pids of the process's ancestors, the nearest first, as far as the system shows them."""
    lookup = _lookup()
    while (entry := lookup(pid)) and (pid := entry[0]) > 0:
        yield pid


def alive(pid: int, started: str) -> bool:
    """Is the process with this pid and start (from :func:`describe`) still running?"""
    entry = _lookup()(pid)
    return entry is not None and (not started or entry[1] == started)


def has_ended(pid: int, started: str) -> bool:
    """Is the process with this pid and start certain to have ended? The system may not show other
    users' processes (``hidepid``), so that it cannot be told.
    """
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:  # another user's
        pass
    entry = _lookup()(pid)
    if entry is None:
        return _is_zombie(pid)
    return bool(started) and entry[1] != started


def _is_zombie(pid: int) -> bool:
    try:
        return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] in ("Z", "X")
    except (OSError, IndexError):
        return False


def _names(pid: int, lookup: Lookup) -> list[str]:
    names: list[str] = []
    while pid > 0 and len(names) < _PARENTS:
        entry = lookup(pid)
        if entry is None:
            break
        pid, _, name = entry
        names.append(name)
    return names


def _lookup() -> Lookup:
    return _from_proc if os.path.exists("/proc/self/stat") else _from_ps().get


def _from_proc(pid: int) -> Entry | None:
    try:
        text = _read(f"/proc/{pid}/stat")
    except OSError:
        return None
    # The name is in parentheses, and may itself contain parentheses and blanks.
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    if fields[0] in ("Z", "X"):
        return None
    return int(fields[1]), f"{_boot()}:{fields[_START]}", name


def _boot() -> str:
    try:
        return _read("/proc/sys/kernel/random/boot_id")[:8]
    except OSError:
        return ""


def _read(path: str) -> str:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 4096).decode("utf-8", "surrogateescape")
    finally:
        close(fd)


def _from_ps() -> dict[int, Entry]:
    """All processes, by pid. Empty where ``ps`` fails."""
    return dict(filter(None, map(_entry, _run_ps().splitlines())))


def _entry(line: str) -> tuple[int, Entry] | None:
    # lstart is five words: Sun Nov 22 18:35:50 2026
    words = line.split(None, 7)
    if len(words) != 8 or not (words[0].isdigit() and words[1].isdigit()):
        return None
    return int(words[0]), (int(words[1]), " ".join(words[2:7]), os.path.basename(words[7].rstrip()))


def _run_ps() -> str:
    words = ["ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "lstart=", "-o", "comm="]
    reading, writing = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_CLOSE, reading)]
    try:
        environ = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}  # the same words every time
        pid = os.posix_spawnp("ps", words, environ, file_actions=actions)
    except OSError:
        close(reading)
        return ""
    finally:
        close(writing)
    with open(reading, encoding="utf-8", errors="surrogateescape") as output:
        text = output.read()
    os.waitpid(pid, 0)
    return text
