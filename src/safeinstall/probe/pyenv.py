"""Which Python version pyenv's shims would choose, by the rules of ``pyenv help version``.

``PYENV_VERSION``, then ``.python-version`` from the directory upwards, then
``$PYENV_ROOT/version``, then the system.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_text, upward

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Search = Callable[[str, Mapping[str, str], str, Callable[[str], bool]], str | None]


def shim_root(head: bytes) -> str | None:
    """PYENV_ROOT, if these are the first bytes of a pyenv shim; else ``None``."""
    if b"pyenv" not in head or b" exec " not in head:
        return None
    for line in head.split(b"\n"):
        if line.startswith(b"export PYENV_ROOT="):
            return os.fsdecode(line.split(b"=", 1)[1].strip().strip(b"\"'"))
    return None


def resolve(
    name: str, root: str, environ: Mapping[str, str], cwd: str, search: Search
) -> str | None:
    """The program that the shim ``name`` would start; ``None`` where pyenv would find none."""
    for version in _versions(root, environ, cwd):
        if version == "system":
            return search(name, environ, cwd, lambda path: not _is_shim(path, root))
        directory = _installed(root, version)
        path = os.path.join(root, "versions", directory, "bin", name)
        if directory and os.access(path, os.X_OK):
            return path
    return None


def _is_shim(path: str, root: str) -> bool:
    shims = os.path.join(root, "shims")
    return os.path.realpath(os.path.dirname(path)) == os.path.realpath(shims)


def _versions(root: str, environ: Mapping[str, str], cwd: str) -> list[str]:
    chosen = environ.get("PYENV_VERSION", "")
    if chosen:
        return chosen.split(":")
    for path in (*_upwards(environ.get("PYENV_DIR") or cwd), os.path.join(root, "version")):
        words = [
            word
            for line in read_text(path, 4096).splitlines()
            if not line.lstrip().startswith("#")
            for word in line.split()
        ]
        if words:
            return words
    return ["system"]


def _upwards(directory: str) -> list[str]:
    """The paths of ``.python-version`` in the directory and in all directories above it."""
    return [os.path.join(place, ".python-version") for place in upward(directory)]


def _installed(root: str, version: str) -> str:
    """The installed version for ``version``: an equal one, or the newest that begins with it, as
    3.11.9 does with 3.11; ``""`` for none.
    """
    versions = os.path.join(root, "versions")
    for name in (version, version.removeprefix("python-")):
        if os.path.isdir(os.path.join(versions, name)):
            return name
    prefix = version.removeprefix("python-") + "."
    below = [name for name in names_in(versions) if name.startswith(prefix)]
    numbered = [name for name in below if name[len(prefix) :].isdecimal()]
    return max(numbered, key=lambda name: int(name[len(prefix) :]), default="")
