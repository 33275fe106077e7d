"""Which journal, and which lock file, belong to an environment."""

from __future__ import annotations

import os

from safeinstall.journal import Journal, places
from safeinstall.journal.lock import Lock
from safeinstall.output import stderr
from safeinstall.probe.environment import kind_of
from safeinstall.probe.place import is_system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.errors import JournalError
    from safeinstall.policy.merge import Policy
    from safeinstall.settings import Settings


def journal(prefix: str, settings: Settings) -> Journal:
    """The environment's journal. For a system prefix, and for a directory that is no environment
    yet, it has the mirror only, no primary.
    """
    own = not is_system(prefix) and kind_of(prefix) in ("conda", "venv")
    return Journal.open(prefix, settings, primary=own)


def is_being_rebuilt(prefix: str, settings: Settings) -> bool:
    """Is there the mark of a rebuild? For a caller that holds the lock: it was interrupted."""
    return os.path.lexists(places.rebuild_mark(prefix, settings.state_dir))


def tolerate(error: JournalError, policy: Policy, consequence: str) -> None:
    """Report an error of the journal and go on; raise it where ``on_journal_error`` is "block"."""
    if policy.on_journal_error == "block":
        raise error
    stderr.note(f"{error}; {consequence}")


def lock(prefix: str, settings: Settings) -> Lock:
    """The environment's lock, in the directory of the primary, or of the mirror where the prefix
    cannot be written.

    A guarded command inside a guarded command, in the same environment, takes no lock.
    """
    copies = journal(prefix, settings).places
    place = copies[0] if os.access(prefix, os.W_OK) else copies[-1]
    inside = settings.outer_prefix == prefix
    return Lock(
        place.root,
        "" if inside else place.directory,
        settings.lock_timeout,
        lambda: stderr.note(
            "another operation is running in this environment; waiting up to "
            f"{settings.lock_timeout:g} s"
        ),
    )
