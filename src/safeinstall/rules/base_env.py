"""SI101 base-env: the change lands in the environment that conda itself runs in."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.quoting import noted, paste
from safeinstall.output.wording import asked_for
from safeinstall.rules.shared.remedies import by_conda
from safeinstall.specs.conda_itself import CONDA_ITSELF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command, Facts

CODE = "SI101"
NAME = "base-env"


def look(facts: Facts) -> Finding | None:
    """``block`` if the command changes base without naming it, ``warn`` if it names base. To take
    out of base what was put there by hand is what base is the better for.
    """
    environment, command = facts.environment, facts.command
    if not environment.base or _is_own_update(command) or _takes_out(facts):
        return None
    named = command.target.named or facts.named_by_path
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn" if named else "block",
        message=f"{command.tool} {command.verb} would change base, the environment that conda "
        "itself runs in. When base breaks, conda breaks, and with it every other environment.",
        evidence=(f"base is {environment.prefix}",),
        fixes=_fixes(command),
    )


def _is_own_update(command: Command) -> bool:
    names = [spec.name for spec in command.specs]
    brings = command.verb in ("install", "update") and command.tool != "pip"
    return brings and bool(names) and CONDA_ITSELF.issuperset(names)


def _takes_out(facts: Facts) -> bool:
    command = facts.command
    names = [spec.name for spec in command.specs]
    removes = command.verb in ("remove", "uninstall")
    return removes and bool(names) and facts.by_hand.issuperset(names)


def _fixes(command: Command) -> tuple[str, ...]:
    specs = asked_for(command)
    if command.verb not in ("install", "update") or not specs:
        activate = by_conda("activate", ["NAME"], command)
        return (noted(activate, "the environment you mean, then once more"),)
    if command.tool == "pip":
        return (
            "conda create -n NAME python pip && conda activate NAME",
            paste(["python", "-m", "pip", "install", *specs]),
        )
    return (
        by_conda("create", ["-n", "NAME", *specs], command),
        by_conda(command.verb, ["-n", "NAME", *specs], command),
    )
