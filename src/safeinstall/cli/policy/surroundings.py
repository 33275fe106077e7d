"""What decides which parts of a policy count: the environment, and who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.door.known import described
from safeinstall.journal.actor import kinds
from safeinstall.policy import Circumstances
from safeinstall.probe.place import active_prefix

if TYPE_CHECKING:
    from safeinstall.model import Environment
    from safeinstall.settings import Session


def active(session: Session) -> str | None:
    """The prefix of the active environment, if it is there."""
    prefix = active_prefix(session.environ)
    return prefix if prefix and environments.is_one(described(prefix, session)) else None


def environment(prefix: str | None, session: Session) -> Environment | None:
    """The environment at the prefix. Raises UsageError if there is none."""
    if prefix is None:
        return None
    found = described(prefix, session)
    if not environments.is_one(found):
        raise environments.not_there(prefix, session.settings, session.environ)
    return found


def circumstances(environment: Environment | None, actor: str, session: Session) -> Circumstances:
    """The circumstances there, for an actor, or for whoever has started this session."""
    actors = frozenset((actor,)) if actor else kinds(session.environ)
    if environment is None:
        return Circumstances(actors=actors)
    return Circumstances(environment.name, environment.prefix, actors)
