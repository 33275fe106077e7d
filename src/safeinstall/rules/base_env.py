"""SI101 base-env: the change lands in the environment that conda itself runs in."""

from __future__ import annotations

from safeinstall.model import CONDA_LIKE, Finding
from safeinstall.output.quoting import noted
from safeinstall.rules.shared import new_environment
from safeinstall.rules.shared.remedies import by_conda
from safeinstall.specs.conda_itself import CONDA_ITSELF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command, Facts

CODE = "SI101"
NAME = "base-env"

_OR_ELSE = "or activate the environment you mean, then once more"


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
        fixes=_fixes(facts),
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


def _fixes(facts: Facts) -> tuple[str, ...]:
    """What is asked for in an environment of its own; the command that names base where it asks
    for nothing.
    """
    command = facts.command
    if command.specs and (command.asks_pip or command.verb in ("install", "update")):
        return (noted(new_environment.of_its_own(facts), _OR_ELSE),)
    if command.tool in CONDA_LIKE and not command.before:
        words = [*command.words[command.launcher :], "-n", "base"]
        return (noted(by_conda("", words, command), f"if base is what you mean; {_OR_ELSE}"),)
    return ()
