"""The private directory of one operation, for files that the guard lends to the tool."""

from __future__ import annotations

import os

from safeinstall.errors import SafeinstallError
from safeinstall.journal import flock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class PrivateDirectory:
    """A directory with a name that nobody can guess, removed when the operation is over.

    It is locked while the guard or the tool runs; an unlocked one was left by a killed guard.
    ``tempfile`` costs more to import than everything else that runs before the tool starts.
    """

    def __init__(self, name: str, environ: Mapping[str, str], cache_dir: str) -> None:
        named = [environ.get(variable, "") for variable in ("TMPDIR", "TEMP", "TMP")]
        # os.mkdir with mode 0700 fails if the name exists, so a shared /tmp is safe
        self.places = [*filter(os.path.isabs, named), "/tmp", "/var/tmp", cache_dir]  # noqa: S108
        self.name = f"safeinstall-{name}"
        self.path = ""
        self._descriptor = -1

    def __enter__(self) -> str:
        for place in self.places:
            path = os.path.join(place, self.name)
            try:
                os.mkdir(path, 0o700)
                self._descriptor = _claimed(path)
            except OSError:
                continue
            self.path = path
            return path
        raise SafeinstallError(
            "there is no directory for temporary files; make /tmp writable or set TMPDIR"
        )

    def __exit__(self, *_: object) -> None:
        try:
            for name in os.listdir(self.path):
                os.unlink(os.path.join(self.path, name))
            os.rmdir(self.path)
        except OSError:  # guard.leftovers removes it later
            pass
        flock.let_go(self._descriptor)


def _claimed(path: str) -> int:
    """Open and lock a directory that was just made; returns the descriptor.

    Raises OSError where another guard has removed the directory in the meantime.
    """
    descriptor = flock.lend(os.open(path, _DIRECTORY))
    try:
        ours = flock.try_flock(descriptor)
    except OSError:  # a file system without locks
        return descriptor
    # Before it was locked, the directory looked like a leftover of a killed guard.
    if not (ours and os.path.exists(path)):
        flock.let_go(descriptor)
        raise OSError(f"{path} is being removed")
    return descriptor
