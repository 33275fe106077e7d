"""A lock file beside the journal, which only one process can create: for file systems that know no
``flock``.

The file names its holder. It is stale at once when that process has ended on this machine; one
whose holder cannot be looked at (it is on another machine) when it has not changed for
:data:`STALE` seconds of waiting, so no clocks are compared.

A lock is taken away, by its holder or as a stale one, only by the process that has created a file
with the lock's own token in its name. So no other lock can have come in its place between the last
look at it and its removal. That file names its creator, too, and can become stale as well.

:class:`filelock.SoftFileLock` is not used: it works on paths, while the journal holds its directory
open (the path may lead elsewhere by now), its import takes as long as fifty locks, and older
releases that we accept (3.15) leave stale locks where they are.
"""

from __future__ import annotations

import os
import time

from safeinstall.files import close
from safeinstall.journal import process

STALE = 20.0  # seconds; less than a writer's patience
_FILE = "journal.lock"
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST = 1000  # bytes
_TOKEN = 8  # bytes
_UNKNOWN = "-"  # the holder's start, where the system does not show it


class LockFile:
    """The lock of a journal's directory, seen by one process that waits for it or holds it."""

    def __init__(self, directory: int) -> None:
        self._directory = directory
        self._token = ""  # of the held lock
        self._seen: dict[str, tuple[str, float]] = {}  # by file: whose it was, and since when

    def try_take(self) -> bool:
        """Take the lock; False if another process holds it. Raises OSError."""
        self._token = self._make(_FILE)
        if not self._token:
            self._clear(_FILE)
        return bool(self._token)

    def release(self) -> None:
        """Let the lock go. It stays where another process took it for stale, and holds it now."""
        if self._token:
            self._remove(_FILE, self._token)
            self._token = ""

    def _make(self, name: str) -> str:
        """Create a file that names this process; its token, ``""`` if there is one already."""
        try:
            fd = os.open(name, _MAKE, 0o644, dir_fd=self._directory)
        except FileExistsError:
            return ""
        token = os.urandom(_TOKEN).hex()
        started, _ = process.describe(os.getpid())
        try:
            os.write(fd, f"{token} {os.getpid()} {_here()} {started or _UNKNOWN}\n".encode())
        except OSError:  # a full disk
            _unlink(name, self._directory)
            raise
        finally:
            close(fd)
        return token

    def _clear(self, name: str) -> None:
        """Take the file away if it is stale."""
        token, is_gone = self._look(name)
        if not token:
            return
        known, since = self._seen.get(name, ("", 0.0))
        if known != token:
            self._seen[name] = (token, time.monotonic())
        if is_gone or (known == token and time.monotonic() - since > STALE):
            self._remove(name, token)

    def _remove(self, name: str, token: str) -> None:
        """Remove the file if it still has the token. No other process does so meanwhile."""
        claim = f"{_FILE}.{token}"
        ours = self._make(claim)
        if not ours:  # another process is about to, or has died over it
            self._clear(claim)
            return
        try:
            if self._look(name)[0] == token:
                _unlink(name, self._directory)
        finally:
            if self._look(claim)[0] == ours:
                _unlink(claim, self._directory)

    def _look(self, name: str) -> tuple[str, bool]:
        """The file's token, and whether its holder is known to have ended. ``""``: there is no such
        file. One that names nobody is known by its inode and time.
        """
        try:
            words = self._read(name).split(None, 3)
        except OSError:
            words = []
        if len(words) == 4 and len(words[0]) == 2 * _TOKEN and words[0].isalnum():
            return words[0], _has_ended(*words[1:])
        try:
            found = os.stat(name, dir_fd=self._directory, follow_symlinks=False)
        except OSError:
            return "", False
        return f"{found.st_ino:x}-{found.st_mtime_ns:x}", False

    def _read(self, name: str) -> str:
        fd = os.open(name, _READ, dir_fd=self._directory)
        try:
            return os.read(fd, _LONGEST).decode("ascii", "replace").strip()
        finally:
            close(fd)


def _here() -> str:
    """Where a pid means the same process: two containers may have one name."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        space = 0
    return f"{'_'.join(os.uname().nodename.split())}/{space}"


def _has_ended(pid: str, where: str, started: str) -> bool:
    if where != _here() or not pid.isdigit():
        return False
    return process.has_ended(int(pid), "" if started == _UNKNOWN else started)


def _unlink(name: str, directory: int) -> None:
    try:  # noqa: SIM105 - contextlib has no place on the hot path
        os.unlink(name, dir_fd=directory)
    except OSError:  # of another user, in a directory where only the owner may
        pass
