"""From a plan to what the rules say of it; reads the metadata of what conda does not see."""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.probe import conda_history, distribution
from safeinstall.rules import conda_after_pip, denied_package, on_plan
from safeinstall.rules.commands import updates_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Finding, Plan, Situation


def findings(met: Situation, plan: Plan) -> tuple[Finding, ...]:
    """The findings, unweighed. Imports ``packaging``."""
    site_packages.enable()
    met = met.replace(asked=_asked(met))
    denied = denied_package.look_at_plan(met, plan)
    hidden = conda_after_pip.residents(met)
    prefix = met.environment.prefix
    written = {path for package in plan.link for path in package.files or ()}
    described = distribution.describe_all(hidden, prefix)
    others = [distribution.with_lost(resident, prefix, written) for resident in described]
    return (*filter(None, (denied,)), *on_plan.look(met, plan, others))


def _asked(met: Situation) -> tuple[str, ...]:
    """What conda was asked for here before, where the command means all of it."""
    if not updates_all(met.command):
        return ()
    return conda_history.asked(conda_history.read(met.environment.prefix))
