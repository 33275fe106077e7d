"""How conda and pip are started for a rebuild: with nothing to ask, and all that they say kept."""

from __future__ import annotations

import subprocess

from safeinstall import settings
from safeinstall.errors import SafeinstallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN = 30  # lines of what a tool has said
_ELSEWHERE = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER")


class Failed(SafeinstallError):  # noqa: N818 - a result, as the message says it
    """A tool could not do its part, or the result would be worse. ``output`` is what the tool has
    said, in several lines; ``""`` for none.
    """

    exit_code = 1

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def run(
    words: Sequence[str],
    environ: Mapping[str, str],
    cwd: str | None = None,
    said: bytes = b"",
    *,
    lends_lock: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Start the tool, tell it ``said`` on its stdin, and wait. With ``lends_lock``, the lock of the
    environment lasts until the tool has ended. Raises OSError where it cannot be started.
    """
    return subprocess.run(
        words,
        env=environ,
        cwd=cwd,
        input=said,
        capture_output=True,
        close_fds=not lends_lock,
        check=False,
    )


def apart(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that lead Python and pip elsewhere, and with the guard off."""
    kept = {name: value for name, value in environ.items() if name not in _ELSEWHERE}
    return {**kept, "PYTHONNOUSERSITE": "1", **settings.UNGUARDED}


def text(done: subprocess.CompletedProcess[bytes]) -> str:
    """What it has said."""
    return (done.stdout + done.stderr).decode(errors="replace")


def last_of(said: str) -> str:
    """The last lines, to be shown."""
    return "\n".join(said.strip().splitlines()[-_SHOWN:])
