"""Which journal, and which lock file, belong to an environment."""

from __future__ import annotations

import os

from safeinstall.journal import Journal
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
    """The environment's journal; for the system's own Pythons, and for what is no environment yet,
    the copy in the user's state directory alone.
    """
    own = not is_system(prefix) and kind_of(prefix) in ("conda", "venv")
    return Journal.open(prefix, settings, primary=own)


def tolerate(error: JournalError, policy: Policy, consequence: str) -> None:
    """Go on with a journal that failed, and say so. Raises the error where the policy says stop."""
    if policy.on_journal_error == "block":
        raise error
    stderr.note(f"{error}; {consequence}")


def lock(prefix: str, settings: Settings) -> Lock:
    """The lock that one operation at a time holds, beside the journal that all users share.

    A command that runs inside a guarded one, in the same environment, takes no lock of its own.
    """
    places = journal(prefix, settings).places
    place = places[0] if os.access(prefix, os.W_OK) else places[-1]
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
