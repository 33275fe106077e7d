"""Where the new environment goes: in the place of the old one, or to a path of its own."""

from __future__ import annotations

import os

from safeinstall.model import Inventory
from safeinstall.probe import place, processes
from safeinstall.probe.environment import describe
from safeinstall.rebuild import ownership
from safeinstall.rebuild.moving import Mover
from safeinstall.rebuild.transplant import Copier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from safeinstall.model import Environment, Process
    from safeinstall.rebuild.chronicle import Chronicle
    from safeinstall.rebuild.situation import Situation
    from safeinstall.settings import Session

    class Goal(Protocol):
        """What differs between the two."""

        prefix: str  # where it is at last
        source: str  # the environment that it is made of, if that stays; else ""
        environment: Environment  # what is at the prefix before
        before: Inventory
        done: str  # what becomes of it, in words
        undone: str  # and if it fails

        def disturbed(self) -> tuple[Process, ...]:
            """The processes whose files are exchanged."""

        def copier(self, new: str) -> Copier:
            """What copies files into the new environment, at the staging prefix."""

        def settle_in(self, new: str, chronicle: Chronicle, /) -> None:
            """The last thing before it goes to its place."""


class InPlace:
    """It is exchanged with the old one."""

    source, done, undone = "", "is made anew", "is as it was"

    def __init__(self, now: Situation) -> None:
        self.environment, self.before = now.environment, now.inventory
        self.prefix = now.environment.prefix

    def disturbed(self) -> tuple[Process, ...]:
        """Those that run out of the old one."""
        return tuple(processes.running(self.prefix))

    def copier(self, new: str) -> Copier:
        """Paths in the files are right already."""
        return Copier(new)

    def settle_in(self, new: str, chronicle: Chronicle) -> None:
        """Journal, owner and modes are those of the old one."""
        chronicle.bring_journal(new)
        ownership.as_before(self.prefix, new)


class Elsewhere:
    """It comes beside the environment of which it is made, which stays as it is."""

    done, undone = "is made", "is not made"

    def __init__(self, prefix: str, now: Situation, session: Session) -> None:
        self.prefix, self.source = prefix, now.environment.prefix
        found = describe(prefix, now.installation.root_prefix)
        self.environment = place.with_name(found, lambda: place.conda_installation(session))
        self.before = Inventory()

    def disturbed(self) -> tuple[Process, ...]:
        """None."""
        return ()

    def copier(self, new: str) -> Copier:
        """Paths in the files are those of the source."""
        return Mover(new, self.source)

    def settle_in(self, new: str, _: Chronicle) -> None:
        """Its directory is like any new one of this user."""
        mask = os.umask(0o077)
        os.umask(mask)
        os.chmod(new, 0o777 & ~mask)
