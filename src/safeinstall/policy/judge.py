"""Turn findings and a policy into a verdict. Pure, but for the date on which exceptions expire.

A verdict can be shown and recorded: it has no secrets, and no command that cannot be pasted.
"""

from __future__ import annotations

import time

from safeinstall.model import Verdict
from safeinstall.output import shown
from safeinstall.policy.merge import covers
from safeinstall.policy.presets import ORDER
from safeinstall.policy.rule_table import TABLE
from safeinstall.policy.tighten import NEVER, TICKET
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Environment, Finding, Level
    from safeinstall.policy import Decided, Exemption
    from safeinstall.policy.merge import Policy


class Match(Value):
    """An exception of the policy, beside a finding of its rule."""

    exception: Exemption
    other_environment: bool = False
    other_packages: tuple[str, ...] = ()  # of the finding, which the exception does not name
    expired: bool = False

    @property
    def whole(self) -> bool:
        """Does the exception cover the finding?"""
        return not (self.other_environment or self.other_packages or self.expired)

    @property
    def only_expired(self) -> bool:
        """Would the exception cover the finding, if it had not expired?"""
        return self.expired and not (self.other_environment or self.other_packages)


def judge(
    findings: Iterable[Finding], policy: Policy, environment: Environment, today: str
) -> Verdict:
    """Give each finding its level by the policy, and decide. ``today`` is an ISO 8601 date."""
    kept: list[Finding] = []
    used: list[str] = []
    for finding in findings:
        decided = level_of(finding, policy)
        if decided.value == "off" or (decided.value == "warn" and finding.again):
            continue
        near = matches(finding, policy, environment, today)
        exception = next((match.exception for match in near if match.whole), None)
        if exception is not None:
            used.append(f"{exception.key}: {exception.reason}")
            continue
        kept.append(shown.finding(_weighed(finding, decided, near)))
    blocking = [finding for finding in kept if finding.level == "block"]
    overrides = [policy.rules[finding.rule].override for finding in blocking]
    return Verdict(
        decision="block" if blocking else "warn" if kept else "allow",
        findings=tuple(sorted(kept, key=lambda f: -ORDER.index(f.level))),
        overridable=NEVER not in overrides,
        exceptions=tuple(used),
        contact=shown.one_line(policy.contact) if blocking else "",
        tickets=tickets(overrides),
    )


def join(first: Verdict, second: Verdict) -> Verdict:
    """Join two verdicts on one command: from before the tool started, and while it was running."""
    order = ("allow", "warn", "block")
    return Verdict(
        decision=max(first.decision, second.decision, key=order.index),
        findings=first.findings + second.findings,
        overridable=first.overridable and second.overridable,
        exceptions=first.exceptions + second.exceptions,
        contact=first.contact or second.contact,
        tickets=tuple(dict.fromkeys(first.tickets + second.tickets)),
    )


def tickets(overrides: Iterable[str]) -> tuple[str, ...]:
    """The patterns that a reason must match to get past blocks with these ``override`` values."""
    named = (each.removeprefix(TICKET) for each in overrides if each.startswith(TICKET))
    return tuple(dict.fromkeys(named))


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


def level_of(finding: Finding, policy: Policy) -> Decided:
    """The policy's level for the finding, and where it comes from: ``level`` if the rule says
    "block", ``mild`` if "warn", but never more than ``level``.
    """
    level = policy.decided[f"rules.{finding.rule}.level"]
    if finding.level == "block":
        return level
    mild = policy.decided[f"rules.{finding.rule}.mild"]
    return min(mild, level, key=lambda decided: ORDER.index(decided.value))


def matches(
    finding: Finding, policy: Policy, environment: Environment, today: str
) -> tuple[Match, ...]:
    """The exceptions for the finding's rule, each with what keeps it from covering the finding."""
    return tuple(
        Match(
            exception,
            not _covers_environment(exception, environment),
            _not_covered(exception.packages, finding.packages),
            exception.expires < today,
        )
        for exception in policy.exceptions
        if exception.rule == finding.rule
    )


def _weighed(finding: Finding, decided: Decided, near: Iterable[Match]) -> Finding:
    level: Level = decided.value
    expired = [match.exception for match in near if match.only_expired]
    more = "".join(
        f" The policy's exception {shown.value(exception.id)} ended on {exception.expires}; its "
        f"owner is {shown.value(exception.owner)}."
        for exception in expired
    )
    return finding.replace(level=level, decided_by=str(decided.by), message=finding.message + more)


def _excepted(rule: str, policy: Policy, environment: Environment) -> frozenset[str] | None:
    """The packages that exceptions exclude from a rule in this environment; ``None`` if an
    exception lifts the rule for all packages.
    """
    packages: set[str] = set()
    today = time.strftime("%Y-%m-%d")
    for exception in policy.exceptions:
        holds = exception.rule == rule and exception.expires >= today
        if holds and _covers_environment(exception, environment):
            if not exception.packages:
                return None
            packages.update(exception.packages)
    return frozenset(packages)


def _covers_environment(exception: Exemption, environment: Environment) -> bool:
    places = (environment.name, environment.prefix)
    return not exception.envs or covers(exception.envs, *places)


def _not_covered(allowed: tuple[str, ...], packages: tuple[str, ...]) -> tuple[str, ...]:
    """The packages of a finding that the exception does not name. An exception without packages
    covers all; one with packages covers no finding that names none.
    """
    if not allowed:
        return ()
    return tuple(name for name in packages if name not in allowed) or (() if packages else ("",))
