"""What the start-up files load: the integration of each shell as text, and the shims.

A new shell sources a file of shell code, and no Python is started for it.
"""

from __future__ import annotations

import os

from safeinstall import __version__, files
from safeinstall.integration import template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SHIMMED = ("uv", "mamba", "micromamba")
"""What has no Python in front, so that no door can stand there."""

_MARK = f"# safeinstall {__version__}\n"


def path(shell: str, state_dir: str) -> str:
    """Where the integration of the shell is stored."""
    return os.path.join(state_dir, "shell", template.TEMPLATES[shell])


def shims(state_dir: str) -> str:
    """The directory of the shims."""
    return os.path.join(state_dir, "shims")


def store(shell: str, state_dir: str, *, for_all: bool = False) -> None:
    """Write the integration of the shell; ``for_all`` users, who may all read it then. Raises
    OSError.
    """
    text = os.fsencode(_MARK + template.render(shell))
    _write(path(shell, state_dir), text, 0o644 if for_all else 0o600, for_all=for_all)


def store_shims(tools: Iterable[str], state_dir: str, *, for_all: bool = False) -> None:
    """Write a shim for each of the tools; ``for_all`` users. Raises OSError."""
    for tool in tools:
        text = os.fsencode(template.shim(tool))
        place = os.path.join(shims(state_dir), tool)
        _write(place, text, 0o755 if for_all else 0o700, for_all=for_all)


def _write(place: str, text: bytes, mode: int, *, for_all: bool) -> None:
    directory = os.path.dirname(place)
    os.makedirs(directory, mode=0o755 if for_all else 0o700, exist_ok=True)
    files.write(place, text, lambda handle: os.fchmod(handle, mode))


def refresh(state_dir: str) -> None:
    """Write anew what a safeinstall of another version has stored. Raises OSError."""
    for shell in template.TEMPLATES:
        old = files.read_bytes(path(shell, state_dir), 256)
        if old is not None and not old.startswith(_MARK.encode()):
            store(shell, state_dir)


def remove(state_dir: str, home: str) -> bool:
    """Remove all of it, and the directories below ``home`` that are empty then. Was there anything?
    Raises OSError.
    """
    places = [path(shell, state_dir) for shell in template.TEMPLATES]
    places += [os.path.join(shims(state_dir), tool) for tool in SHIMMED]
    there = [place for place in places if os.path.lexists(place)]
    for place in there:
        os.unlink(place)
    for place in there:
        _prune(os.path.dirname(place), home)
    return bool(there)


def _prune(directory: str, home: str) -> None:
    for path in files.upward(directory):
        if path == home or not files.is_below(path, home):
            return
        if os.path.isdir(path):
            if os.listdir(path):
                return
            os.rmdir(path)
