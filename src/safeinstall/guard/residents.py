"""What conda's plan would do to installed distributions that conda does not own."""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.model import Resident
from safeinstall.probe import unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts, Package, Plan


def with_residents(plan: Plan, facts: Facts) -> Plan:
    """The plan with the installed distributions that conda does not own. Imports ``packaging``."""
    if not facts.conda_may_touch:
        return plan
    site_packages.enable()
    prefix = facts.environment.prefix
    written = {path for package in plan.link for path in package.files or ()}
    taken = {path for package in plan.unlink for path in package.files or ()}
    return plan.replace(
        residents=tuple(_described(p, prefix, written, written | taken) for p in facts.residents)
    )


def _described(package: Package, prefix: str, written: set[str], touched: set[str]) -> Resident:
    """The distribution with its files: which of those that the plan would write over have other
    content by now, and which of those that it would touch nobody would miss. If its RECORD is
    incomplete, it gets the unlisted files that the plan would write over, too.
    """
    from safeinstall.probe import distribution

    def described() -> Resident:
        found = distribution.describe(package, prefix)
        if found.partly:
            found = distribution.with_unlisted(found, prefix, written)
        found = distribution.with_spare(found, prefix, touched)
        return distribution.with_lost(found, prefix, written)

    unknown = Resident(
        package.name,
        package.version,
        package.owner,
        requires=None,
        unread=package.location,
        partly=True,
    )
    return unreadable.attempt("installed files", package.location, described, unknown)
