"""The one engine that decides: findings, weighed by the policy, said, and perhaps overridden.

What is found before the tool starts, in conda's plan, by the pip that conda starts and when the
tool has ended all goes this way, and reaches the screen by it.
"""

from __future__ import annotations

import os
import time

from safeinstall.output import stderr
from safeinstall.policy.judge import judge
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.guard.facts import LookedUp
    from safeinstall.model import Finding, Verdict
    from safeinstall.policy.merge import Policy
    from safeinstall.settings import Session


class Case(Value):
    """What is decided about: a command in its environment, under a policy."""

    facts: LookedUp
    policy: Policy
    session: Session


def weigh(case: Case, findings: Iterable[Finding]) -> Verdict:
    """What the policy makes of the findings today."""
    return judge(findings, case.policy, case.facts.environment, time.strftime("%Y-%m-%d"))


def say(case: Case, verdict: Verdict, *, amid_output: bool = False) -> None:
    """Tell the user, on stderr. ``amid_output``: on a terminal, the tool may be within a line."""
    if not verdict.findings:
        return
    from safeinstall.render import plain

    colour = stderr.coloured(case.session.environ)
    text = plain.verdict(verdict, case.facts.command, colour=colour)
    stderr.say("\n" + text if amid_output and os.isatty(2) else text)


def reason_past(case: Case, verdict: Verdict) -> str:
    """Why a blocked command shall go on all the same; ``""`` where it is not blocked, or shall
    not go on.
    """
    if verdict.decision != "block":
        return ""
    from safeinstall.guard.override import reason_for

    return reason_for(verdict, case.facts.command, case.session)


def decide(
    case: Case, findings: Iterable[Finding], *, amid_output: bool = False
) -> tuple[Verdict, str]:
    """All three in turn: the verdict, and the reason for going past it."""
    verdict = weigh(case, findings)
    say(case, verdict, amid_output=amid_output)
    return verdict, reason_past(case, verdict)
