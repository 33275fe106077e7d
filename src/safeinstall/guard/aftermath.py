"""What the tool has left behind: the changes in the environment, as evidence for the rules."""

from __future__ import annotations

from safeinstall.journal import changes
from safeinstall.model import CONDA_OWNERS, PIP_LIKE
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.rules.evidence import Evidence
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from safeinstall.guard.facts import LookedUp
    from safeinstall.model import Change, Environment, Facts, Finding, Inventory
    from safeinstall.rails.rail import Report


class Aftermath(Value):
    """The environment when the tool has ended; as it was before, where the tool never ran."""

    environment: Environment
    before: Inventory
    inventory: Inventory
    changes: tuple[Change, ...] = ()

    def facts(self, before: Facts) -> Facts:
        """The facts of before, about the environment as it is now."""
        return before.replace(environment=self.environment, inventory=self.inventory)


def look(facts: LookedUp) -> Aftermath:
    """What is in the environment by now, compared with what was there before."""
    before = facts.environment
    environment = describe(before.prefix, facts.root_prefix)
    environment = environment.replace(by_name=before.by_name or environment.by_name)
    found = inventory.scan(environment, facts.session.settings.cache_dir)
    made = changes.between(facts.inventory, found)
    return Aftermath(environment, facts.inventory, found, made)


def reported(facts: LookedUp, after: Aftermath, report: Report) -> Evidence:
    """What the rail reported."""
    return Evidence(
        succeeded=report.ended == 0,
        conflicts=report.conflicts,
        uv_failed=report.uv_failed,
        plan_not_judged=report.plan_not_judged or _is_surprised(facts, after),
    )


def unforeseen(
    now: Facts, after: Aftermath, report: Report, said: Iterable[Finding], *, reason: bool
) -> Evidence:
    """Changes that could not be foreseen: denied packages that came in, conda-owned packages and
    files that pip replaced or removed. ``said`` are the findings that the user knows already. With
    a ``reason``, what pip has written over is not asked for: the user wants it.
    """
    return Evidence(
        brought=after.changes if now.denies_packages else (),
        come_by_pip=tuple(filter(_is_come_by_pip, after.changes)),
        unplanned=after.changes if _is_unplanned(now, report) else (),
        said=(*said, *report.shown),
        **_lost(now, after, reason=reason),
    )


def _is_surprised(facts: LookedUp, after: Aftermath) -> bool:
    """Has conda changed something although its dry run said that there was nothing to do, or that
    it could not be done?
    """
    if not facts.command.mutates:  # then nobody has asked for a plan
        return False
    plan = facts.plan
    if plan is None or plan.link or plan.unlink:
        return False
    both = (package for c in after.changes for package in (c.before, c.after) if package)
    return any(package.owner in CONDA_OWNERS for package in both)


def _is_unplanned(now: Facts, report: Report) -> bool:
    """Has conda, where it may exchange variants, worked without its plan having been judged?"""
    if not (now.conda_changes_some and now.variants):
        return False
    return report.plan_not_judged or not now.plan_is_seen


def _is_come_by_pip(change: Change) -> bool:
    """Has pip or uv brought a package that was not there, in whichever version?"""
    return not change.before and bool(change.after and change.after.owner not in CONDA_OWNERS)


def _lost(now: Facts, after: Aftermath, *, reason: bool) -> dict[str, Any]:
    """The conda-owned packages and files that pip took away or replaced, as fields of
    :class:`Evidence`.
    """
    if now.environment.kind != "conda":
        return {}
    over = {} if reason else _written_over(now, after)
    if now.command.tool not in PIP_LIKE:
        return over
    taken = changes.taken(after.before, after.inventory)
    left = changes.abandoned(after.before, after.inventory)
    return {"removed_packages": taken, "orphaned_records": left, **over}


def _written_over(now: Facts, after: Aftermath) -> dict[str, Any]:
    brought = [c for c in after.changes if c.after and c.after.owner not in CONDA_OWNERS]
    if not brought:
        return {}
    from safeinstall.probe import shared_files

    by_conda = now.is_condas
    replaced = changes.replaced(after.before, after.inventory, after.changes, by_conda=by_conda)
    new = {c.name for c in brought if not c.before} - {c.name for c in replaced}
    both = shared_files.shared(after.inventory, now.environment.prefix, new)
    over = tuple(found for found in both if not found.intact)
    return {"replaced": replaced, "files_written_over": over}
