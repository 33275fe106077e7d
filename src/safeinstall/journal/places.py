"""Where an environment's journal is kept."""

from __future__ import annotations

import os

from safeinstall.journal.line import digest
from safeinstall.settings import ENVIRONMENT_DIRECTORY
from safeinstall.value import Value

FILE = "journal.jsonl"


class Place(Value):
    """A journal file and the directory that must be there for it to exist at all."""

    root: str
    """The prefix, for the primary: never created, so that a removed environment stays removed.
    ``""`` for the mirror, whose directories are made as needed."""
    directory: str

    @property
    def path(self) -> str:
        """The journal file."""
        return os.path.join(self.directory, FILE)


def primary(prefix: str) -> Place:
    """The journal inside the environment."""
    return Place(root=prefix, directory=os.path.join(prefix, ENVIRONMENT_DIRECTORY))


def mirror(prefix: str, state_dir: str) -> Place:
    """The journal in the user's state directory, which outlives the environment."""
    key = digest(os.fsencode(os.path.realpath(prefix)))[:32]
    return Place(root="", directory=os.path.join(mirrors(state_dir), key))


def mirrors(state_dir: str) -> str:
    """The directory with one directory for each environment's mirror."""
    return os.path.join(state_dir, "journals")
