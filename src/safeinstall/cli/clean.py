"""``safeinstall clean``: what takes space and is needed by no environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.cli.asking import agreed
from safeinstall.errors import OutputError, ToolNotFound
from safeinstall.guard.leftovers import sweep
from safeinstall.journal import locate, read
from safeinstall.model import Target
from safeinstall.output import stderr
from safeinstall.output.shown import one_line
from safeinstall.probe import place
from safeinstall.rebuild import conda, litter
from safeinstall.rebuild.recovery import settled

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.settings import Session

_MEBI = 1 << 20


def _settle_all(session: Session) -> None:
    """Clear away what killed rebuilds have left, also where the environment is gone by now."""
    for item in read.known(session.settings.state_dir):
        if locate.is_being_rebuilt(item.prefix, session.settings):
            with settled(item.prefix, session):
                pass


def clean(
    session: Session,
    out: TextIO,
    *,
    keep_backups: bool = False,
    dry_run: bool = False,
    yes: bool = False,
) -> int:
    """List what can be removed with its size, ask, remove it.

    Returns 0, or 1 if the answer was no. Raises OutputError if something cannot be removed.
    """
    _settle_all(session)
    installation = place.conda_installation(session).replace(target=Target())
    try:
        tool = conda.find(session, ()).executable
    except ToolNotFound:
        tool = ""
    found = [
        item
        for item in litter.find(session, installation, tool)
        if not (keep_backups and item.what.startswith("backup"))
    ]
    for item in found:
        out.write(one_line(f"{item.size / _MEBI:10,.1f} MiB  {item.what}") + "\n")
    sweep(["/tmp", "/var/tmp", session.settings.cache_dir])  # noqa: S108 - only what is ours
    if not found:
        stderr.note("there is nothing to be removed")
        return 0
    out.flush()
    if dry_run:
        return 0
    if not yes and not agreed("Remove all this?", session.environ):
        return 1
    for item in found:
        try:
            item.remove()
        except OSError as error:
            raise OutputError(f"{item.what}: {error}") from error
    return 0
