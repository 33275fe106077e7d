"""Decide about findings: weigh them by the policy, show them, and ask for an override reason.

All findings pass through this module: those made before the tool starts, those in conda's plan,
those of a pip that conda starts, and those made after the tool has ended.
"""

from __future__ import annotations

import os
import time

from safeinstall.output import stderr
from safeinstall.policy.judge import judge
from safeinstall.specs import agents
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.guard.facts import LookedUp
    from safeinstall.model import Finding, Verdict
    from safeinstall.policy.merge import Policy
    from safeinstall.settings import Session


class Case(Value):
    """The facts about a command in its environment, and the session."""

    facts: LookedUp
    session: Session

    @property
    def policy(self) -> Policy:
        """The policy that holds for this environment and this actor."""
        return self.facts.policy


def weigh(case: Case, findings: Iterable[Finding]) -> Verdict:
    """The policy's verdict on the findings. Exceptions of the policy may expire: today counts.

    Commands are offered for the conda, mamba or micromamba that is here, and only if they would not
    be blocked themselves.
    """
    today = time.strftime("%Y-%m-%d")
    verdict = judge(findings, case.policy, case.facts.environment, today)
    every = case.facts.only_asked or verdict.decision == "block"
    if not any(found.fixes and (every or found.lead) for found in verdict.findings):
        return verdict
    from safeinstall.guard import advice, pasting
    from safeinstall.render import pasted

    where = pasting.words(case.facts.shell)

    def for_here(verdict: Verdict) -> Verdict:
        return verdict.replace(findings=tuple(pasted.finding(f, where) for f in verdict.findings))

    # Where all are blocked, others come in their place
    return for_here(advice.tried(case, for_here(verdict)))


def say(case: Case, verdict: Verdict, *, amid_output: bool = False) -> None:
    """Show the findings on stderr: where a reason was given beforehand, one line tells past what
    the command goes on.

    With ``amid_output``, on a terminal, a line feed comes first: the tool may be within a line.
    """
    if not verdict.findings:
        return
    text = _text(case, verdict)
    stderr.say("\n" + text if amid_output and os.isatty(2) else text)


def _text(case: Case, verdict: Verdict) -> str:
    from safeinstall.guard import pasting
    from safeinstall.render import plain

    environ = case.session.environ
    colour, columns = stderr.coloured(environ), stderr.columns(environ)
    where = pasting.place(case.session)
    if reason := _given_beforehand(case, verdict):
        asked = case.facts.only_asked
        return plain.going_on(verdict, reason, colour=colour, asked=asked, where=where)
    typed = case.facts.typed or case.facts.command
    if agents.current(environ) and not stderr.is_terminal():
        return plain.for_agent(verdict, typed, where)
    return plain.verdict(verdict, typed, colour=colour, columns=columns, where=where)


def _given_beforehand(case: Case, verdict: Verdict) -> str:
    """The reason given beforehand for a block that can be overridden; ``""`` for none."""
    if verdict.decision != "block" or not verdict.overridable:
        return ""
    from safeinstall.guard.reasons import given_beforehand

    return given_beforehand(case.session, verdict.tickets)


def reason_past(case: Case, verdict: Verdict) -> str:
    """The override reason for a blocked command; ``""`` where the command is not blocked or no
    reason was given.
    """
    if verdict.decision != "block":
        return ""
    from safeinstall.guard.override import reason_for

    return reason_for(verdict, case.facts.command, case.session)


def decide(
    case: Case, findings: Iterable[Finding], *, amid_output: bool = False
) -> tuple[Verdict, str]:
    """Weigh, show and ask. Returns the verdict and the override reason (``""``: none)."""
    verdict = weigh(case, findings)
    say(case, verdict, amid_output=amid_output)
    return verdict, reason_past(case, verdict)
