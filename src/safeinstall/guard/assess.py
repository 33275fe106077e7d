"""From the command line to a verdict, for ``run`` and ``check``. Changes nothing."""

from __future__ import annotations

from safeinstall.guard.decide import Case, weigh
from safeinstall.guard.facts import LookedUp
from safeinstall.model import Verdict
from safeinstall.policy import load as policies
from safeinstall.policy.rule_table import TABLE
from safeinstall.rules import registry
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.policy.merge import Policy
    from safeinstall.probe.place import Place
    from safeinstall.rules.registry import Answer
    from safeinstall.settings import Session


class Assessed(Value):
    """A command in its environment, and the verdict of the policy."""

    case: Case
    verdict: Verdict
    answers: tuple[Answer, ...] = ()  # of the rules that were asked


def assess(place: Place, session: Session, *, dry_run: bool = False) -> Assessed:
    """Look at the environment and judge. Raises :class:`PolicyError` for an invalid policy.

    With ``dry_run``, which ``check`` uses, conda's plan is read from a dry run before the verdict,
    not from the plugin while conda runs. A dry run changes nothing.
    """
    policy = policies.load(session.settings, session.cwd)
    facts = LookedUp(place, session, policy, dry_run=dry_run)
    case = Case(facts, session)
    answers = _answers(facts)
    return Assessed(case, weigh(case, dict.fromkeys(registry.findings(answers))), answers)


def is_stopped(assessed: Assessed) -> bool:
    """Is the command blocked, and no override reason that counts was given beforehand?"""
    if assessed.verdict.decision != "block":
        return False
    from safeinstall.guard.reasons import given_beforehand

    verdict = assessed.verdict
    return not (verdict.overridable and given_beforehand(assessed.case.session, verdict.tickets))


def _answers(facts: LookedUp) -> tuple[Answer, ...]:
    """What the rules say before anything is started."""
    _ = facts.inventory  # all rules build on it: an error here is not one rule's
    if not facts.command.mutates:
        return ()
    plan = facts.plan  # before the rules, as they are told what could not be read for it
    found = [*registry.answers(facts, slow=asked_before(facts.policy))]
    if facts.command.pip_specs and facts.is_condas:
        from safeinstall.guard import started_pip

        pip = started_pip.foreseen(facts)
        told = {finding.rule for finding in registry.findings(found)}
        found += started_pip.answers(pip, told) if pip else ()
    if plan is not None:
        found += registry.answers_about_plan(facts, plan)
    return tuple(found)


def asked_before(policy: Policy) -> list[str]:
    """The codes of the slow rules that are asked before the tool starts: those set to "block"."""
    return [rule.code for rule in TABLE if rule.slow and policy.rules[rule.code].level == "block"]
