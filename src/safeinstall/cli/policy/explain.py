"""``safeinstall policy explain``: how the verdict of ``check`` comes about."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from safeinstall.cli.policy.printed import as_json
from safeinstall.errors import Blocked
from safeinstall.guard.assess import assess, is_stopped
from safeinstall.guard.words import is_ours, understand
from safeinstall.journal.actor import kinds
from safeinstall.probe import place as places
from safeinstall.render.look import look
from safeinstall.render.pager import paged
from safeinstall.render.policy import explained as render
from safeinstall.report.policy import explained, values
from safeinstall.rules import registry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from safeinstall.guard.assess import Assessed
    from safeinstall.model import Json
    from safeinstall.settings import Session

_NOTHING: Json = {"verdict": "allow", "environment": None, "rules": []}


def explain(words: Sequence[str], session: Session, out: TextIO, *, json: bool = False) -> int:
    """Print each rule that is asked about the command, and what decides. Changes nothing.

    Returns what ``check`` returns: 0, or 77 if the command would be stopped.
    """
    command, executable = understand(words, session)
    report, stopped = _NOTHING, False
    if is_ours(command):
        assessed = assess(places.find(command, executable, session), session, dry_run=True)
        report, stopped = _report(assessed), is_stopped(assessed)
    report = {"schema": values.SCHEMA, "words": list(words), **report}
    if json:
        as_json(report, out)
    else:
        style = look(session.environ, out)
        with paged(style, session.environ, out) as stream:
            render.as_text(report, style, stream)
    return Blocked.exit_code if stopped else 0


def _report(assessed: Assessed) -> Json:
    facts, verdict = assessed.case.facts, assessed.verdict
    policy, environment = facts.policy, facts.environment
    enforced = [rule.code for rule in registry.enforced(facts)]
    today = time.strftime("%Y-%m-%d")
    rules = explained.asked(assessed.answers, policy, environment, today, enforced)
    return {
        "verdict": verdict.decision,
        "environment": values.place(environment),
        "actors": sorted(kinds(assessed.case.session.environ)),
        "rules": rules,
        "not_asked": explained.not_asked(rules),
        "overridable": verdict.overridable,
        "tickets": list(verdict.tickets),
        "contact": verdict.contact or None,
        "files": values.files(policy),
    }
