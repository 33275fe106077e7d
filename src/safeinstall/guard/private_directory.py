"""The private directory of one operation."""

from __future__ import annotations

import os

from safeinstall.errors import SafeinstallError
from safeinstall.journal import flock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class PrivateDirectory:
    """A directory for one operation, of a name nobody can guess; gone when it is over.

    It is locked as long as we or the tool are there; one that is not was left behind.
    ``tempfile`` would do, but costs more to import than everything else on the way to the tool.
    """

    def __init__(self, name: str, environ: Mapping[str, str], cache_dir: str) -> None:
        named = [environ.get(variable, "") for variable in ("TMPDIR", "TEMP", "TMP")]
        # made exclusively and with mode 0700, wherever it is
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
        except OSError:  # whoever sweeps tries again
            pass
        flock.let_go(self._descriptor)


def _claimed(path: str) -> int:
    """A directory that was just made, open and locked. Raises OSError where it is gone again."""
    descriptor = flock.lend(os.open(path, _DIRECTORY))
    try:
        ours = flock.try_flock(descriptor)
    except OSError:  # a file system without locks
        return descriptor
    # In the moment before it was locked, it looked like one that was left behind.
    if not (ours and os.path.exists(path)):
        flock.let_go(descriptor)
        raise OSError(f"{path} is being removed")
    return descriptor
