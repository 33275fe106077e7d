"""What pip's resolver is held to in a conda environment, and for whose sake. Pure."""

from __future__ import annotations

from safeinstall.rules.shared import conda_owned, pip_constraints
from safeinstall.specs import lookalikes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import CondaDistribution, Facts, Need


def brings(facts: Facts) -> bool:
    """Is it an installation by pip or uv?"""
    return facts.command.mutates and facts.command.asks_pip


def is_held(facts: Facts) -> bool:
    """Is it an installation by pip or uv into an environment that is conda's?

    Not where a shell's startup files may lead to another pip: the constraints would bring these
    very versions into that one's environment.
    """
    command, environment = facts.command, facts.environment
    if not (brings(facts) and environment.kind == "conda"):
        return False
    return conda_owned.lands_here(command, environment) and not command.roams


def owned(facts: Facts) -> dict[str, CondaDistribution]:
    """The conda-owned distributions that pip may not replace, by name."""
    if not is_held(facts) or "SI202" not in facts.exempt:
        return {}
    return pip_constraints.protected(facts, facts.exempt["SI202"])


def looked_at(
    facts: Facts, protected: Mapping[str, CondaDistribution]
) -> dict[str, CondaDistribution]:
    """Those of them that pip will look at: each constraint costs it half a millisecond."""
    within = facts.satisfied
    return {name: d for name, d in protected.items() if within is None or name in within}


def barred(facts: Facts) -> dict[str, str]:
    """The wheels of another CUDA, each with the constraint that keeps it out.

    An exception for some of CUDA's packages is one for all of them.
    """
    if not is_held(facts) or facts.exempt.get("SI204") != frozenset() or not _brings_more(facts):
        return {}
    packages = facts.inventory.packages
    if not any("cuda" in package.name or "cuda" in package.build for package in packages):
        return {}  # and the tables need not be loaded
    from safeinstall.rules.shared import other_cuda

    return other_cuda.barred(packages)


def doubles(
    facts: Facts, protected: Mapping[str, CondaDistribution]
) -> dict[str, CondaDistribution]:
    """Distributions that bring a conda-owned one's files under another name, with that one."""
    if not protected or not _brings_more(facts):
        return {}
    free = barred(facts).keys() | facts.exempt["SI202"]
    found = lookalikes.doubles(protected, facts.names_seen)
    return {name: there for name, there in found.items() if name not in free}


def needed(facts: Facts, protected: Mapping[str, CondaDistribution]) -> tuple[Need, ...]:
    """What pip owns and may move, as far as conda-owned packages can go with it."""
    if not protected or facts.satisfied is not None:
        return ()
    return tuple(need for need in facts.needed if need.by in protected and need.wants)


def denied(facts: Facts) -> dict[str, str]:
    """What the policy denies, wherever pip puts things, each with the constraint that keeps it out.

    The releases that are installed count as long as pip sees them.
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
    """The entries of the policy's ``deny`` that no exception covers here."""
    entries, excepted = facts.sources.deny, facts.exempt.get("SI304")
    if not entries or excepted is None:
        return ()
    from safeinstall.specs import deny_list

    return tuple(entry for entry in entries if deny_list.parts(entry)[0] not in excepted)


def _brings_more(facts: Facts) -> bool:
    """May pip bring what is not installed, and into this environment?"""
    return facts.satisfied is None and not conda_owned.goes_beside(facts.command, facts.environment)
