"""SI307 min-age: a release may be younger than the policy allows, and the tool would not tell."""

from __future__ import annotations

from safeinstall.argv.typed import words_of
from safeinstall.model import CONDA_OWNERS, Finding
from safeinstall.output.quoting import paste
from safeinstall.output.shown import value
from safeinstall.rules.shared.remedies import here, pip_install
from safeinstall.specs.release_age import MEANS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import AgeLimit, Command, Facts

CODE = "SI307"
NAME = "min-age"


def look(facts: Facts) -> Finding | None:
    """``block`` where the tool has no means to keep to the age, or is told to take younger ones.

    Where neither is so, the guard tells the tool the age, and there is nothing to find.
    """
    limit = facts.age_limit
    if limit is None:
        return None
    if not limit.known:
        if _is_for_the_tool(facts.command):
            return None
        return _finding(facts, f"{_tool(facts, limit)} cannot keep to that", _newer(facts))
    if limit.loosened:
        why = f"{value(limit.loosened)} would let younger ones in"
        return _finding(facts, why, _without(facts))
    return None


def _is_for_the_tool(command: Command) -> bool:
    """Is it the tool itself that is asked for? Otherwise no newer one could be installed."""
    return {spec.name for spec in command.specs} == {command.tool}


def _finding(facts: Facts, why: str, fixes: tuple[str, ...]) -> Finding:
    message = f"The policy allows releases from the age of {facts.sources.min_age} on, and {why}."
    return Finding(CODE, NAME, "block", message, fixes=fixes)


def _tool(facts: Facts, limit: AgeLimit) -> str:
    tool = " ".join(filter(None, (facts.command.tool, limit.version)))
    means = MEANS.get(facts.command.tool)
    return f"{tool}, unlike {means.since} and later," if means else tool


def _newer(facts: Facts) -> tuple[str, ...]:
    """The command that brings a release of the tool which can."""
    tool, environment = facts.command.tool, facts.environment
    if tool not in MEANS:
        return ()
    spec = f"{tool}>={MEANS[tool].since}"
    if tool == "conda":
        return (paste(["conda", "install", "-n", "base", spec]),)
    if any(package.name == tool for package in facts.inventory.owned_by(*CONDA_OWNERS)):
        by = ["-n", environment.name] if environment.by_name else ["-p", environment.prefix]
        return (paste(["conda", "install", *by, spec]),)
    return (pip_install(here(facts), ["--upgrade", spec]),)


def _without(facts: Facts) -> tuple[str, ...]:
    """The command without options of its own about that, so that the policy's age holds."""
    command, limit = facts.command, facts.age_limit
    if not command.asks_pip or limit is None or limit.loosened not in command.words:
        return ()
    return (pip_install(here(facts), words_of(command)),)
