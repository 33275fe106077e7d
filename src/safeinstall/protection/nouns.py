"""The nouns of a protection."""

from __future__ import annotations

from safeinstall.settings import CONDA_OWNS
from safeinstall.value import Value

PIP, CONDARC, MANAGED, FROZEN = "pip.conf", "path_conflict", "EXTERNALLY-MANAGED", "frozen"
CONSTRAINTS = "constraints"  # the file that pip.conf names: comes and goes with it

MARK = "conda-meta/frozen"
PIP_CONF, CONDARC_FILE = "pip.conf", ".condarc"


def is_path(name: str, path: str) -> bool:
    """Is a rail of this name laid at this path? The record of it may have come with a copy of
    somebody else's environment: by it, no other file is written or removed.
    """
    if name == MANAGED:
        parts = path.split("/")
        return len(parts) == 3 and parts[0] == "lib" and parts[2] == MANAGED
    places = {PIP: PIP_CONF, CONSTRAINTS: CONDA_OWNS, CONDARC: CONDARC_FILE, FROZEN: MARK}
    return places.get(name) == path


class Refused(Exception):  # noqa: N818 - an answer: this one rail cannot be laid
    """Why a rail cannot be laid, as what is said of its file."""


class Rail(Value):
    """A file, or lines of one, by which a tool is held."""

    name: str
    path: str  # relative to the prefix
    text: bytes = b""  # the whole file; b"" where our lines depend on what is there


class Laid(Value):
    """A rail that was laid."""

    name: str
    path: str
    text: bytes  # what was inserted, or the whole file
    digest: str  # of the file with it
    # Of the file without it; "": there was none. The file itself is not kept: it may hold secrets
    before: str = ""
    at: int = 0  # where in the file the text was inserted
    mode: int = 0  # of the file before
    made: tuple[str, ...] = ()  # directories that were made for it, relative, the inner first


class Step(Value):
    """One file of a protection: how it is, and what becomes of it when it is laid, or lifted."""

    name: str  # of the rail
    path: str  # relative to the prefix
    state: str  # one of STATES: how it is now
    why: str = ""
    laid: Laid | None = None  # what is laid there afterwards
    changes: bool = False  # is the file to be written, or removed?
    content: bytes | None = None  # of the file afterwards, if it changes; None: it is removed
    mode: int = 0

    @property
    def holds(self) -> bool:
        """Is the rail as it should be?"""
        return self.state in ("laid", "there", "edited")

    @property
    def told(self) -> str:
        """In a word, what is wrong with a rail that does not hold."""
        words = {"missing": "not there", "stale": "out of date", "altered": "changed"}
        return words.get(self.state, self.state)


STATES = (
    "laid",  # as it was laid, and as it should be
    "there",  # somebody else has put the same there
    "missing",  # not laid yet
    "stale",  # as it was laid, and not what it should say by now
    "gone",  # removed since
    "altered",  # changed since, and does not hold any more
    "edited",  # changed since; it holds, but cannot be told from what others have written
    "surplus",  # not to be there any more
    "refused",  # cannot be laid
)
