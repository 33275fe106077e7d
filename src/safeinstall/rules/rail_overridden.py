"""SI104 rail-overridden: the command overrides a marker file of the environment.

The markers are ``conda-meta/frozen`` (CEP 22) and ``EXTERNALLY-MANAGED`` (PEP 668).
"""

from __future__ import annotations

from safeinstall.argv.typed import words_of
from safeinstall.model import CONDA_LIKE, PIP_LIKE, Finding
from safeinstall.rules.shared import environment_replaced, new_environment
from safeinstall.rules.shared.remedies import conda_install, in_a_venv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts

CODE = "SI104"
NAME = "rail-overridden"
MOST = 6  # lines of the marker's text that are shown


def look(facts: Facts) -> Finding | None:
    """``block``, as somebody set the marker on purpose. Without an overriding option, conda or pip
    refuses without our help.
    """
    if facts.replaced_environment and facts.replaced_environment.forced:
        facts = facts.replaced_environment  # lost; the renamed one only gets a name
    forced = facts.forced
    if forced is None:
        return None
    environment = facts.environment
    frozen = facts.command.tool in CONDA_LIKE
    marked = "is frozen" if frozen else "is managed by something else than pip"
    said = [line for line in forced.reason.splitlines() if line.strip()]
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{environment.name or environment.prefix} {marked}, and {forced.by} forces the "
        f"way.{f' It says: {_short(said[0])}' if said else ''}",
        evidence=(f"marked by {forced.marker}", *_shown(said)),
        fixes=_fixes(facts),
    )


def _shown(said: list[str]) -> tuple[str, ...]:
    lines = tuple(_short(line) for line in said[:MOST])
    return (*lines, f"and {len(said) - MOST} more lines") if len(said) > MOST else lines


def _short(line: str, most: int = 100) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in line)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _fixes(facts: Facts) -> tuple[str, ...]:
    """The command that creates a new environment with the requested packages."""
    command, environment = facts.command, facts.environment
    if command.verb not in ("install", "update", "create", "pip install"):
        return ()
    if environment.kind != "conda":
        return (in_a_venv(words_of(command)),)
    if command.tool in PIP_LIKE:
        return (new_environment.made(facts),)
    if command.verb == "create":  # what was asked for there was for another one
        return (environment_replaced.under(new_environment.name_of(facts), command),)
    if environment.frozen_by_us:
        return (conda_install(environment, words_of(command), command),)
    return (new_environment.made(facts, words_of(command)),)
