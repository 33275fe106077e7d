"""The files to be read: those that are named, and those of a known kind below directories."""

from __future__ import annotations

import os
import sys

from safeinstall.errors import UsageError
from safeinstall.files import is_below, read_bytes
from safeinstall.lint.readers import kinds
from safeinstall.lint.source import Fault, Source
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LARGEST = 1 << 20
"""Bytes of a file; longer ones are no files that people write."""

LARGEST_NOTEBOOK = 1 << 25
"""Bytes of a notebook, which has pictures in it."""

STDIN = "-"

_SKIPPED = frozenset(
    (".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "site-packages")
)
_SKIPPED |= {"__pycache__", ".mypy_cache", ".ruff_cache", ".eggs", ".ipynb_checkpoints", ".pixi"}
_ENVIRONMENT = ("conda-meta", "pyvenv.cfg")  # what a directory with an environment has


class Found(Value):
    """A file to be read."""

    path: str  # as it is shown
    kind: str  # "" if it can only be told from the content
    named: bool  # by the user, so that it is told if it is of no known kind


def found(paths: Sequence[str], cwd: str) -> Iterator[Found]:
    """The files, in order, each once. Raises UsageError for a path that is not there."""
    seen: set[str] = set()
    for path in paths:
        place = os.path.join(cwd, path)
        if path != STDIN and not os.path.lexists(place):
            raise UsageError(f"there is no {path}")
        if os.path.isdir(place) and path != STDIN:
            files = [Found(os.path.normpath(p), k, False) for p, k in _below(path, cwd)]
        else:
            files = [Found(path, kinds.by_name(path).strip("?"), True)]
        for file in files:
            if file.path not in seen:
                seen.add(file.path)
                yield file


def _below(path: str, cwd: str) -> Iterator[tuple[str, str]]:
    for directory, inside, names in os.walk(os.path.join(cwd, path)):
        if any(name in _ENVIRONMENT for name in (*names, *inside)) and directory != cwd:
            inside.clear()
            continue
        inside[:] = sorted(name for name in inside if name not in _SKIPPED)
        for name in sorted(names):
            place = os.path.join(directory, name)
            shown = os.path.join(path, os.path.relpath(place, os.path.join(cwd, path)))
            kind = kinds.by_name(place)
            if kind != "?":
                yield shown, kind


def source(file: Found, cwd: str, name: str = "") -> tuple[Source, str] | None:
    """The file's text and its kind; ``None`` if it is of no known kind. ``name``: what the text on
    stdin is called. Raises :class:`Fault` for what cannot be read.
    """
    if file.path == STDIN:
        path, data = name or STDIN, sys.stdin.buffer.read(LARGEST_NOTEBOOK + 1)
        kind = kinds.by_name(path).strip("?") if name else ""
    else:
        path, kind = file.path, file.kind
        data = _data(os.path.join(cwd, path), kind)
    if not kind:
        head = data[: kinds.LOOKED_INTO].decode("utf-8", "replace")
        kind = kinds.by_content(head, "" if path == STDIN else path)
        if not kind and path == STDIN:
            kind = kinds.SCRIPT
    if not kind:
        return None
    return Source(path, _text(data, kind)), kind


def _data(place: str, kind: str) -> bytes:
    if not kind:
        head = read_bytes(place, kinds.LOOKED_INTO)
        if head is None or b"\0" in head:
            return b""
        if not kinds.by_content(head.decode("utf-8", "replace"), place):
            return b""
    limit = LARGEST_NOTEBOOK if kind == kinds.NOTEBOOK else LARGEST
    data = read_bytes(place, limit + 1)
    if data is None:
        raise Fault("cannot be read")
    return data


def _text(data: bytes, kind: str) -> str:
    limit = LARGEST_NOTEBOOK if kind == kinds.NOTEBOOK else LARGEST
    if len(data) > limit:
        raise Fault(f"is larger than {limit >> 20} MB, and was not read")
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    nul = text.find("\0")
    if nul >= 0:
        raise Fault("has a NUL in it, so it is no text", nul)
    return text


def reading_beside(path: str, cwd: str) -> Callable[[str], bytes | None]:
    """Reads a file that a step names: beside the file that is judged, else below the working
    directory. Nothing outside of these is read.
    """
    own = os.path.dirname(os.path.join(cwd, "" if path == STDIN else path)) or cwd
    roots = [own, cwd]

    def read(named: str) -> bytes | None:
        for root in roots:
            place = os.path.realpath(os.path.join(root, named.lstrip("/")))
            if is_below(place, os.path.realpath(root)):
                data = read_bytes(place, LARGEST)
                if data is not None:
                    return data
        return None

    return read
