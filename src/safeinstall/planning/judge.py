"""From a plan to what the rules say of it; reads the metadata of what conda does not see."""

from __future__ import annotations

import sys

from safeinstall.probe import distribution
from safeinstall.rules import conda_after_pip, on_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Finding, Plan, Situation


def findings(met: Situation, plan: Plan) -> tuple[Finding, ...]:
    """The findings, unweighed. Imports ``packaging``."""
    with_site_packages()
    hidden = conda_after_pip.residents(met)
    others = distribution.describe_all(hidden, met.environment.prefix)
    return tuple(on_plan.look(met, plan, others))


def with_site_packages() -> None:
    """The hot path starts without them; ``packaging`` and ``yaml`` are there."""
    if sys.flags.no_site:
        import site

        site.main()
