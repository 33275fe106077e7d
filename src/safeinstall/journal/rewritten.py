"""Undoes what is done to a journal where the environment's old prefix is replaced by the new one in
every text file: conda does it when it clones or renames, conda-unpack where the environment was
unpacked.

Nobody has to be believed: a line counts as restored only if its hash is right again.
"""

from __future__ import annotations

import os

from safeinstall.files import read_bytes
from safeinstall.journal import seal
from safeinstall.settings import ENVIRONMENT_DIRECTORY
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SCRIPT = os.path.join("bin", "conda-unpack")  # stays in the environment


class Undo(Value):
    """The replacement of ``old`` by ``new``, to be undone."""

    old: str
    new: str

    def line(self, data: bytes) -> bytes:
        """The line as it was written; as it is, where that does not come out."""
        if seal.seal_of(data):
            return data
        before = data.replace(os.fsencode(self.new), os.fsencode(self.old))
        return before if seal.seal_of(before) else data

    def part(self, data: bytes) -> bytes:
        """The same for several lines."""
        return b"".join(map(self.line, data.splitlines(keepends=True)))


class Brought(str):
    """The path of a journal file that came along from the prefix ``home`` (``""``: unknown), and is
    read as it was before the replacement ``undo``.
    """

    __slots__ = ("home", "undo")
    home: str
    undo: Undo | None

    @classmethod
    def of(cls, path: str, home: str, undo: Undo | None) -> Brought:
        """The path, with what is known of the file."""
        found = cls(path)
        found.home, found.undo = home, undo
        return found


def as_written(path: str) -> Callable[[bytes], bytes]:
    """What gives a line of the file at ``path`` as it was written."""
    return path.undo.line if isinstance(path, Brought) and path.undo else bytes


def find(lines: Iterable[bytes], former: Iterable[str]) -> Undo | None:
    """The replacement that these altered lines have undergone; ``former`` are the prefixes that may
    have been replaced. None where no line can be restored. Raises ValueError for a prefix that is
    no path.
    """
    olds = tuple(former)
    for data in lines:
        claimed = seal.claims(data) or {}
        environment = claimed.get("environment")
        new = environment.get("prefix") if isinstance(environment, dict) else None
        if isinstance(new, str) and new:
            tried = (Undo(old, new) for old in olds if old)
            undo = next((undo for undo in tried if undo.line(data) != data), None)
            if undo:
                return undo
    return None


def packed_at(prefix: str) -> Iterator[str]:
    """The prefix at which conda-pack has packed the journal of the environment at ``prefix``, from
    the list that its conda-unpack goes by: lines like ``('FILE', 'PREFIX', 'text'),``.
    """
    import ast

    mark = f"('{ENVIRONMENT_DIRECTORY}/journal".encode()
    for line in (read_bytes(os.path.join(prefix, _SCRIPT)) or b"").splitlines():
        if line.startswith(mark):
            try:
                _, old, _ = ast.literal_eval(line.decode().rstrip(","))
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
            if isinstance(old, str):
                yield old
