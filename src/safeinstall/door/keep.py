"""Doors stay open: where Python has moved, and in environments that are created from now on."""

from __future__ import annotations

from safeinstall.door import files, known
from safeinstall.output import stderr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Environment
    from safeinstall.settings import Session


def keep(environment: Environment, session: Session, *, created: bool) -> None:
    """Open the environment's door once more if it is in the wrong place, or of another version; and
    for the first time if the environment was ``created`` just now and others have doors.
    """
    if files.refusal(environment):
        return
    there = files.was_open(environment.prefix)
    wanted = files.state(environment) != "open" if there else created and _has_doors(session)
    if not wanted:
        return
    try:
        files.take_out(environment)
        files.put(environment)
    except OSError as error:
        stderr.note(f"the door of {environment.name} cannot be kept open: {error}")


def _has_doors(session: Session) -> bool:
    return any(files.is_open(environment) for environment in known.environments(session))
