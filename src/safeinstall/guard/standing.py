"""What stands in the environment itself, its door and its rails: lifted for the tool that the guard
starts, and kept when the tool has ended.
"""

from __future__ import annotations

import os

from safeinstall import settings
from safeinstall.model import Target
from safeinstall.output import stderr
from safeinstall.probe import place as places
from safeinstall.probe.environment import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.guard.aftermath import Aftermath
    from safeinstall.guard.decide import Case
    from safeinstall.model import Environment
    from safeinstall.settings import Session


def lifted(environment: Environment, session: Session, *, free: bool) -> Session:
    """The session with variables for the tool, by which it passes what "safeinstall protect" has
    laid; ``free``: also what a reason covers.
    """
    marks = (settings.PROTECTION, settings.CONDA_OWNS)
    there = (os.path.exists(os.path.join(environment.prefix, mark)) for mark in marks)
    if not (environment.frozen_by_us or any(there)):
        return session
    from safeinstall.protection import lifted as variables

    more = variables.variables(environment, session.environ, free=free)
    return session.replace(environ={**session.environ, **more})


def kept(case: Case, after: Aftermath) -> tuple[str, ...]:
    """Keep door and rails, also in an environment that was renamed; what was laid, in words."""
    if not after.changes:
        return ()
    facts = case.facts
    prefix = _renamed(case) or facts.environment.prefix
    renamed = prefix != facts.environment.prefix
    environment = describe(prefix, facts.root_prefix) if renamed else after.environment
    if environment.kind not in ("conda", "venv"):
        return ()
    from safeinstall.door.keep import keep

    created = facts.environment.kind == "missing"
    keep(environment, case.session, created=created)
    freeze = case.policy.handover == "freeze"
    if not (freeze or os.path.exists(os.path.join(prefix, settings.PROTECTION))):
        return ()
    from safeinstall.protection.keep import keep as protect

    found = None if renamed else after.inventory
    anew = created or renamed
    laid = protect(environment, case.session, found=found, anew=anew, freeze=freeze)
    if laid:
        stderr.note(f"protection of {environment.name}: {', '.join(laid)}")
    return laid


def _renamed(case: Case) -> str:
    """The prefix that the environment has by now, if conda has renamed it; else ``""``."""
    command = case.facts.command
    if not command.renamed_to or os.path.isdir(case.facts.environment.prefix):
        return ""
    to = command.renamed_to
    target = Target(prefix=to) if os.sep in to else Target(name=to)
    known = places.installation_of(command, case.facts.executable, case.session)
    return known.target_prefix(target)
