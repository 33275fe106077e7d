"""Call the hooks of the rules in the rule table. No other module imports a rule by its name.

A rule is a module with up to four hooks, all pure. A hook is called if the fact that the table
names for it is not empty; the module is imported at the first call.

- ``look(facts) -> Finding | None``: before the tool starts.
- ``hold(facts) -> Sequence[str]``: lines of a constraints file that keep pip's resolver from harm.
- ``look_at_plan(facts, plan) -> Finding | None``: when conda's transaction is known.
- ``explain(facts, evidence) -> Iterable[Finding]``: while the tool runs, or when it has ended.

A rule's finding has the level ``block`` for harm, or ``warn`` for less. The level that the policy
gives to either is decided in :mod:`safeinstall.policy.judge`.

If a rule raises an exception, the other rules are called nevertheless, and SI404 reports it.
"""

from __future__ import annotations

from safeinstall.errors import NO_FAULT_OF_DATA, described
from safeinstall.model import Unreadable
from safeinstall.policy.rule_table import BY_CODE, TABLE
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import Any, TypeVar

    from safeinstall.model import Facts, Finding, Plan
    from safeinstall.policy.rule_table import Rule
    from safeinstall.rules.evidence import Evidence

    T = TypeVar("T", Facts, Evidence)


class Answer(Value):
    """What a rule has said when it was asked."""

    rule: str  # its code
    hook: str
    findings: tuple[Finding, ...]


def look(facts: Facts, slow: Collection[str] = ()) -> Iterator[Finding]:
    """The findings of all ``look`` hooks; of the slow rules, only those with codes in ``slow``."""
    return findings(answers(facts, slow))


def answers(facts: Facts, slow: Collection[str] = ()) -> Iterator[Answer]:
    """What each rule says whose ``look`` hook is called, be it nothing."""

    def ask(rule: Rule, facts: Facts) -> Answer | None:
        wanted = rule.look and (not rule.slow or rule.code in slow) and getattr(facts, rule.look)
        return _answer(rule, "look", module(rule).look(facts)) if wanted else None

    return _each(facts, facts, ask)


def look_of(code: str, facts: Facts) -> Finding | None:
    """The finding of one rule's ``look`` hook."""
    rule = BY_CODE[code]
    if not getattr(facts, rule.look):
        return None
    finding: Finding | None = module(rule).look(facts)
    return finding


def hold(facts: Facts, but: Collection[str] = ()) -> list[str]:
    """The constraints of every rule that the policy enforces in this environment, but of these."""
    rules = [rule for rule in enforced(facts) if rule.code not in but]
    return [line for rule in rules for line in module(rule).hold(facts)]


def enforced(facts: Facts) -> list[Rule]:
    """The rules that pip's resolver is to enforce for this command."""
    asked = [rule for rule in TABLE if rule.hold and getattr(facts, rule.hold)]
    return [rule for rule in asked if rule.code in facts.exempt]


def look_at_plan(facts: Facts, plan: Plan) -> Iterator[Finding]:
    """The findings about conda's transaction; none if the transaction changes nothing."""
    return findings(answers_about_plan(facts, plan))


def answers_about_plan(facts: Facts, plan: Plan) -> Iterator[Answer]:
    """What each rule says whose ``look_at_plan`` hook is called, be it nothing."""

    def ask(rule: Rule, facts: Facts) -> Answer | None:
        wanted = rule.look_at_plan and getattr(facts, rule.look_at_plan)
        found = module(rule).look_at_plan(facts, plan) if wanted else None
        return _answer(rule, "look_at_plan", found) if wanted else None

    return _each(facts, facts, ask) if plan.link or plan.unlink else iter(())


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """The findings about evidence that became known while the tool ran, or afterwards."""

    def ask(rule: Rule, evidence: Evidence) -> Answer | None:
        if not any(getattr(evidence, piece) for piece in rule.explain):
            return None
        return Answer(rule.code, "explain", tuple(module(rule).explain(facts, evidence)))

    return findings(_each(facts, evidence, ask))


def findings(answers: Iterable[Answer]) -> Iterator[Finding]:
    """All that the rules have found."""
    return (finding for answer in answers for finding in answer.findings)


HOLDING = tuple(rule.code for rule in TABLE if rule.hold)
"""The codes of the rules that pip's resolver can enforce."""
OF_CONTENT = tuple(rule.code for rule in TABLE if rule.code.startswith("SI2"))
"""The codes of the rules about what is in the environment; a new one may be free of that."""

PLANNED = tuple(rule.code for rule in TABLE if rule.look_at_plan)
"""The codes of the rules that look at conda's plan."""


def module(rule: Rule) -> Any:
    """Import the module of a rule."""
    return __import__(f"safeinstall.rules.{rule.module}", fromlist=("CODE",))


def _answer(rule: Rule, hook: str, found: Finding | None) -> Answer:
    return Answer(rule.code, hook, (found,) if found is not None else ())


def _each(facts: Facts, judged_by: T, ask: Callable[[Rule, T], Answer | None]) -> Iterator[Answer]:
    """Call ``ask`` for every rule. An exception is added to ``judged_by`` as an unreadable item,
    which SI404, the last rule of the table, then reports.
    """
    for rule in TABLE:
        try:
            answer = ask(rule, judged_by)
        except NO_FAULT_OF_DATA:
            raise
        except Exception as error:
            prefix = facts.environment.prefix
            item = Unreadable(f"rule {rule.code}", prefix, described(error))
            judged_by = judged_by.with_unreadable(item)
            continue
        if answer is not None:
            yield answer
