"""From a plan to what the rules say of it; reads the metadata of what conda does not see."""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.model import Resident
from safeinstall.probe import conda_history, distribution, unreadable
from safeinstall.rules import conda_after_pip, denied_package, on_plan
from safeinstall.specs.asked import updates_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts, Finding, Package, Plan


def findings(facts: Facts, plan: Plan) -> tuple[Finding, ...]:
    """The findings, unweighed. Imports ``packaging``."""
    site_packages.enable()
    denied = denied_package.look_at_plan(facts, plan)
    prefix = facts.environment.prefix
    asked = unreadable.attempt("what conda was asked for", prefix, lambda: _asked(facts), ())
    hidden = conda_after_pip.residents(facts)
    written = {path for package in plan.link for path in package.files or ()}
    others = [_described(package, prefix, written) for package in hidden]
    facts = facts.replace(asked=asked, unreadable=unreadable.noted())
    return (*filter(None, (denied,)), *on_plan.look(facts, plan, others))


def _described(package: Package, prefix: str, written: set[str]) -> Resident:
    """The distribution with those of its files that the plan would write; where its own list of
    files is damaged, with what is in its place.
    """

    def described() -> Resident:
        found = distribution.describe(package, prefix)
        if found.partly:
            found = distribution.with_unlisted(found, prefix, written)
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


def _asked(facts: Facts) -> tuple[str, ...]:
    """What conda was asked for here before, where the command means all of it."""
    if not updates_all(facts.command):
        return ()
    return conda_history.asked(conda_history.read(facts.environment.prefix))
