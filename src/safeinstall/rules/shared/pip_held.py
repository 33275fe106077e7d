"""Which constraints pip's resolver has to meet in a conda environment, and why. Pure."""

from __future__ import annotations

from safeinstall.rules.shared import conda_owned, pip_constraints
from safeinstall.specs import lookalikes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import CondaDistribution, Facts, Need


def brings(facts: Facts) -> bool:
    """Does the command install packages by pip or uv (no dry run)?"""
    return facts.command.mutates and facts.command.asks_pip


def is_constrained(facts: Facts) -> bool:
    """Does pip or uv install into a conda environment, so that constraints apply?

    Not if startup files of a shell may lead to another pip: in the environment of that pip, the
    constraints would pin the versions of this environment.
    """
    command, environment = facts.command, facts.environment
    if not (command.mutates and facts.pip_fills_conda):
        return False
    return conda_owned.changes_environment(command, environment) and not command.roams


def owned(facts: Facts) -> dict[str, CondaDistribution]:
    """The conda-owned distributions that pip may not replace, by name."""
    if not is_constrained(facts) or "SI202" not in facts.exempt:
        return {}
    return pip_constraints.protected(facts, facts.exempt["SI202"])


def looked_at(
    facts: Facts, protected: Mapping[str, CondaDistribution]
) -> dict[str, CondaDistribution]:
    """The protected distributions that pip will look at: each constraint costs pip 0.5 ms."""
    within = facts.satisfied
    return {name: d for name, d in protected.items() if within is None or name in within}


def barred(facts: Facts) -> dict[str, str]:
    """The wheels of another CUDA, each with the constraint that keeps pip from it.

    A policy exception of SI204 for some packages lifts the constraints on all of these wheels.
    """
    if (
        not is_constrained(facts)
        or facts.exempt.get("SI204") != frozenset()
        or not _may_install_more(facts)
    ):
        return {}
    packages = facts.inventory.packages
    if not any("cuda" in package.name or "cuda" in package.build for package in packages):
        return {}  # without loading the tables
    from safeinstall.rules.shared import other_cuda

    return other_cuda.barred(packages)


def doubles(
    facts: Facts, protected: Mapping[str, CondaDistribution]
) -> dict[str, CondaDistribution]:
    """Distributions with the files of a conda-owned one under another name, each with that one."""
    if not protected or not _may_install_more(facts):
        return {}
    free = barred(facts).keys() | facts.exempt["SI202"]
    modules = {n: m for n, m in conda_owned.modules(facts).items() if m.package.name not in free}
    own = {name: there for name, there in protected.items() if not there.of}
    found = lookalikes.doubles(own, facts.names_seen, modules)
    return {name: there for name, there in found.items() if name not in free}


def needed(facts: Facts, protected: Mapping[str, CondaDistribution]) -> tuple[Need, ...]:
    """The requirements of protected distributions on packages that pip owns and may replace."""
    if not protected or facts.satisfied is not None:
        return ()
    return tuple(need for need in facts.needed if need.by in protected and need.wants)


def denied(facts: Facts) -> dict[str, str]:
    """The denied packages, each with the constraint that keeps pip from denied releases. They apply
    to any destination of pip.

    A denied release that is installed, and that pip sees, gets no constraint.
    """
    entries = deny(facts)
    if not entries or not brings(facts) or facts.satisfied is not None:
        return {}
    from safeinstall.specs import deny_list

    command = facts.command
    there = {package.name: package.version for package in facts.inventory.packages}
    there |= {name: found.version for name, found in conda_owned.owned(facts).items()}
    beside = command.target.directory is not None or command.roams
    passed_over = beside or conda_owned.installs_again(command, facts.environment)
    return deny_list.constraints(entries, {} if passed_over else there)


def deny(facts: Facts) -> tuple[str, ...]:
    """The entries of the policy's ``deny`` that no exception for this environment covers."""
    entries, excepted = facts.sources.deny, facts.exempt.get("SI304")
    if not entries or excepted is None:
        return ()
    from safeinstall.specs import deny_list

    return tuple(entry for entry in entries if deny_list.parts(entry)[0] not in excepted)


def _may_install_more(facts: Facts) -> bool:
    """May pip install packages into this environment that it does not have yet?"""
    return facts.satisfied is None and not conda_owned.installs_outside(
        facts.command, facts.environment
    )
