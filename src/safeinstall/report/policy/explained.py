"""How the rules and the policy came to a verdict, as plain data: for ``policy explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.policy.judge import level_of, matches
from safeinstall.policy.rule_table import BY_CODE, TABLE
from safeinstall.report.policy.values import source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from safeinstall.model import Environment, Finding, Json
    from safeinstall.policy.judge import Match
    from safeinstall.policy.merge import Policy
    from safeinstall.rules.registry import Answer


def asked(
    answers: Iterable[Answer],
    policy: Policy,
    environment: Environment,
    today: str,
    enforced: Collection[str] = (),
) -> list[Json]:
    """Each rule that was asked, with all that it has found. ``enforced`` are the codes of the rules
    that pip's resolver is held to.
    """
    found: dict[str, dict[Finding, None]] = {code: {} for code in enforced}
    for answer in answers:
        found.setdefault(answer.rule, {}).update(dict.fromkeys(answer.findings))
    return [
        {
            "rule": rule.code,
            "name": rule.name,
            "enforced": rule.code in enforced,
            "findings": [_finding(each, policy, environment, today) for each in found[rule.code]],
        }
        for rule in TABLE
        if rule.code in found
    ]


def not_asked(rules: Iterable[Json]) -> list[str]:
    """The codes of all other rules, which the command gives no reason to ask."""
    asked = {rule["rule"] for rule in rules}
    return sorted(BY_CODE.keys() - asked)


def _finding(finding: Finding, policy: Policy, environment: Environment, today: str) -> Json:
    decided = level_of(finding, policy)
    near = matches(finding, policy, environment, today)
    return {
        "harm": finding.level == "block",
        "message": finding.message,
        "packages": list(finding.packages),
        "level": decided.value,
        "outcome": _outcome(finding, decided.value, near),
        "decided_by": source(decided.by),
        "exceptions": [_match(match) for match in near],
    }


def _outcome(finding: Finding, level: str, near: Iterable[Match]) -> str:
    """What the policy makes of it, as :func:`safeinstall.policy.judge.judge` decides: ``block``,
    ``warn``, ``off``, ``told before``, or ``excepted``.
    """
    if level == "off":
        return level
    if level == "warn" and finding.again:
        return "told before"
    return "excepted" if any(match.whole for match in near) else level


def _match(match: Match) -> Json:
    exception = match.exception
    return {
        "id": exception.id,
        "reason": exception.reason,
        "owner": exception.owner,
        "by": source(exception.by),
        "covers": match.whole,
        "why_not": list(_obstacles(match)),
    }


def _obstacles(match: Match) -> Iterator[str]:
    if match.other_environment:
        yield f"it is for {', '.join(match.exception.envs)}"
    if match.expired:
        yield f"it ended on {match.exception.expires}"
    others = ", ".join(filter(None, match.other_packages))
    if others:
        yield f"it does not name {others}"
    elif match.other_packages:
        yield f"it is for {', '.join(match.exception.packages)}, and the finding names no package"
