"""SI102 wrong-env-pip: the pip that would run belongs to another than the active environment."""

from __future__ import annotations

import os

from safeinstall.model import Finding
from safeinstall.output.quoting import paste

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts

CODE = "SI102"
NAME = "wrong-env-pip"


def look(facts: Facts) -> Finding | None:
    """``block`` if PATH chose this pip. A path or ``--python`` shows that the user chose it."""
    environment, command, active = facts.environment, facts.command, facts.active
    if command.tool != "pip" or active is None or not environment.prefix:
        return None
    if facts.named_by_path or command.target.python is not None:
        return None
    if os.path.realpath(active) == os.path.realpath(environment.prefix):
        return None
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"This {command.tool} does not belong to {_active(facts)}, which is active, "
        f"but to {_other(facts)}: the packages would land there.",
        evidence=(
            f"{command.words[0]} is {facts.executable}",
            f"it installs into {environment.prefix}",
            f"active is {active}",
        ),
        fixes=_fixes(facts, active),
    )


def _active(facts: Facts) -> str:
    return facts.active_name or str(facts.active)


def _other(facts: Facts) -> str:
    environment = facts.environment
    if environment.kind == "system":
        return f"the Python in {environment.prefix}"
    return environment.name or environment.prefix


def _fixes(facts: Facts, active: str) -> tuple[str, ...]:
    arguments = list(facts.command.words[facts.command.launcher :])
    right = paste([os.path.join(active, "bin", "python"), "-m", "pip", *arguments])
    if facts.active_has_pip:
        return (right,)
    if facts.active_kind == "conda":
        return (paste(["conda", "install", "-p", active, "pip"]), right)
    return (paste([os.path.join(active, "bin", "python"), "-m", "ensurepip"]), right)
