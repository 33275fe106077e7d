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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any, TypeVar

    from safeinstall.model import Facts, Finding, Plan
    from safeinstall.policy.rule_table import Rule
    from safeinstall.rules.evidence import Evidence

    T = TypeVar("T", Facts, Evidence)


def look(facts: Facts, slow: Collection[str] = ()) -> Iterator[Finding]:
    """The findings of all ``look`` hooks; of the slow rules, only those with codes in ``slow``."""

    def ask(rule: Rule, facts: Facts) -> Finding | None:
        wanted = rule.look and (not rule.slow or rule.code in slow)
        return look_of(rule.code, facts) if wanted else None

    return _each(facts, facts, ask)


def look_of(code: str, facts: Facts) -> Finding | None:
    """The finding of one rule's ``look`` hook."""
    rule = BY_CODE[code]
    if not getattr(facts, rule.look):
        return None
    finding: Finding | None = module(rule).look(facts)
    return finding


def hold(facts: Facts) -> list[str]:
    """The constraints of every rule that the policy enforces in this environment."""
    asked = [rule for rule in TABLE if rule.hold and getattr(facts, rule.hold)]
    enforced = [rule for rule in asked if rule.code in facts.exempt]
    return [line for rule in enforced for line in module(rule).hold(facts)]


def look_at_plan(facts: Facts, plan: Plan) -> Iterator[Finding]:
    """The findings about conda's transaction; none if the transaction changes nothing."""

    def ask(rule: Rule, facts: Facts) -> Finding | None:
        if not (rule.look_at_plan and getattr(facts, rule.look_at_plan)):
            return None
        finding: Finding | None = module(rule).look_at_plan(facts, plan)
        return finding

    return _each(facts, facts, ask) if plan.link or plan.unlink else iter(())


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """The findings about evidence that became known while the tool ran, or afterwards."""

    def ask(rule: Rule, evidence: Evidence) -> list[Finding]:
        if not any(getattr(evidence, piece) for piece in rule.explain):
            return []
        return list(module(rule).explain(facts, evidence))

    return _each(facts, evidence, ask)


HOLDING = tuple(rule.code for rule in TABLE if rule.hold)
"""The codes of the rules that pip's resolver can enforce."""


def module(rule: Rule) -> Any:
    """Import the module of a rule."""
    return __import__(f"safeinstall.rules.{rule.module}", fromlist=("CODE",))


def _each(
    facts: Facts, judged_by: T, ask: Callable[[Rule, T], Finding | list[Finding] | None]
) -> Iterator[Finding]:
    """Call ``ask`` for every rule. An exception is added to ``judged_by`` as an unreadable item,
    which SI404, the last rule of the table, then reports.
    """
    for rule in TABLE:
        try:
            found = ask(rule, judged_by)
        except NO_FAULT_OF_DATA:
            raise
        except Exception as error:
            prefix = facts.environment.prefix
            item = Unreadable(f"rule {rule.code}", prefix, described(error))
            judged_by = judged_by.with_unreadable(item)
            continue
        if isinstance(found, list):
            yield from found
        elif found is not None:
            yield found
