"""Turn findings and a policy into a verdict. Pure, but for the date on which exceptions expire.

A verdict can be shown and recorded: it has no secrets, and no command that cannot be pasted.
"""

from __future__ import annotations

import time

from safeinstall.model import Verdict
from safeinstall.output import shown
from safeinstall.policy.presets import ORDER
from safeinstall.policy.rule_table import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from safeinstall.model import Environment, Finding, Level
    from safeinstall.policy.merge import Policy


def judge(
    findings: Iterable[Finding], policy: Policy, environment: Environment, today: str
) -> Verdict:
    """Give each finding its level by the policy, and decide. ``today`` is an ISO 8601 date."""
    kept: list[Finding] = []
    used: list[str] = []
    for finding in findings:
        level = _level(finding, policy)
        exception = _exception(finding, policy, environment, today)
        if level == "off" or (level == "warn" and finding.again):
            continue
        if exception is not None:
            used.append(f"{finding.rule}: {exception['reason']}")
            continue
        kept.append(shown.finding(finding.replace(level=level)))
    blocking = [finding for finding in kept if finding.level == "block"]
    return Verdict(
        decision="block" if blocking else "warn" if kept else "allow",
        findings=tuple(sorted(kept, key=lambda f: -ORDER.index(f.level))),
        overridable=all(policy.rules[f.rule].override != "never" for f in blocking),
        exceptions=tuple(used),
    )


def join(first: Verdict, second: Verdict) -> Verdict:
    """Join two verdicts on one command: from before the tool started, and while it was running."""
    order = ("allow", "warn", "block")
    return Verdict(
        decision=max(first.decision, second.decision, key=order.index),
        findings=first.findings + second.findings,
        overridable=first.overridable and second.overridable,
        exceptions=first.exceptions + second.exceptions,
    )


def exempt(policy: Policy, environment: Environment) -> dict[str, frozenset[str]]:
    """The packages that exceptions exclude today, by the code of each rule that a rail can enforce.

    A rule has no entry if the policy does not block for it, or if an exception lifts it entirely.
    """
    found = {}
    for rule in TABLE:
        if rule.hold and policy.rules[rule.code].level == "block":
            packages = _excepted(rule.code, policy, environment)
            if packages is not None:
                found[rule.code] = packages
    return found


def _excepted(rule: str, policy: Policy, environment: Environment) -> frozenset[str] | None:
    """The packages that exceptions exclude from a rule in this environment; ``None`` if an
    exception lifts the rule for all packages.
    """
    packages: set[str] = set()
    for exception in policy.exceptions:
        if _applies(exception, rule, environment, time.strftime("%Y-%m-%d")):
            if not exception.get("packages"):
                return None
            packages.update(exception["packages"])
    return frozenset(packages)


def _level(finding: Finding, policy: Policy) -> Level:
    """The policy's level for the finding: ``level`` if the rule says "block", ``mild`` if "warn",
    but never more than ``level``.
    """
    setting = policy.rules[finding.rule]
    if finding.level == "block":
        return setting.level
    return min(setting.mild, setting.level, key=ORDER.index)


def _exception(
    finding: Finding, policy: Policy, environment: Environment, today: str
) -> Mapping[str, Any] | None:
    for exception in policy.exceptions:
        allowed = exception.get("packages", ())
        if _applies(exception, finding.rule, environment, today) and _covers_packages(
            allowed, finding.packages
        ):
            return exception
    return None


def _applies(exception: Mapping[str, Any], rule: str, environment: Environment, today: str) -> bool:
    return (
        exception["rule"] == rule
        and exception.get("expires", today) >= today
        and _covers_environment(exception.get("envs", ()), environment)
    )


def _covers_environment(patterns: Iterable[str], environment: Environment) -> bool:
    from fnmatch import fnmatchcase  # imports re: only where an exception has to be checked

    patterns = tuple(patterns)
    places = (environment.name, environment.prefix)
    return not patterns or any(fnmatchcase(place, p) for p in patterns for place in places)


def _covers_packages(allowed: Iterable[str], packages: Iterable[str]) -> bool:
    """Does an exception cover a finding? It must name every package of the finding, or none."""
    allowed = frozenset(allowed)
    return not allowed or (bool(packages) and allowed.issuperset(packages))
