"""``safeinstall policy update``: fetch what policies extend from addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.output.shown import one_line
from safeinstall.policy import load

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.settings import Session


def update(session: Session, out: TextIO) -> int:
    """Fetch what is not there yet, for the policy files that are found here, a project's too.

    Returns 0. Raises PolicyError where something cannot be fetched, or has changed.
    """
    found = load.update(session.settings, session.cwd)
    for address, fetched in found:
        out.write(one_line(f"{address.url}: {'fetched' if fetched else 'is there'}") + "\n")
    if not found:
        out.write("no policy here extends an address\n")
    return 0
