"""The environments that may have a door: those of conda, and those with a journal."""

from __future__ import annotations

import os

from safeinstall.journal.read import known
from safeinstall.probe import place
from safeinstall.probe.environment import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Environment
    from safeinstall.settings import Session


def environments(session: Session) -> Iterator[Environment]:
    """Those that are there: base first, then conda's others, then those with a journal."""
    installation = place.conda_installation(session)
    journals = (item.prefix for item in known(session.settings.state_dir))
    seen = set()
    for prefix in (*installation.prefixes(), *journals):
        path = os.path.realpath(prefix)
        if path not in seen and os.path.isdir(path):
            seen.add(path)
            environment = describe(prefix, installation.root_prefix)
            if environment.kind in ("conda", "venv"):
                yield environment


def described(prefix: str, session: Session) -> Environment:
    """The environment at the prefix, with base known as such."""
    return describe(prefix, place.conda_installation(session).root_prefix)
