"""SI102 wrong-env-pip: the pip that would run is not the active environment's."""

from __future__ import annotations

import os

from safeinstall.model import Finding
from safeinstall.quoting import paste

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Situation

CODE = "SI102"
NAME = "wrong-env-pip"


def look(situation: Situation) -> Finding | None:
    """Harm where PATH chose this pip; a pip named by its path or by ``--python`` is meant."""
    environment, command, active = situation.environment, situation.command, situation.active
    if command.tool != "pip" or active is None or not environment.prefix:
        return None
    if situation.by_path or command.target.python is not None:
        return None
    if os.path.realpath(active) == os.path.realpath(environment.prefix):
        return None
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"This {command.tool} does not belong to {_active(situation)}, which is active, "
        f"but to {_other(situation)}: the packages would land there.",
        evidence=(
            f"{command.words[0]} is {situation.executable}",
            f"it installs into {environment.prefix}",
            f"active is {active}",
        ),
        fixes=_fixes(situation, active),
    )


def _active(situation: Situation) -> str:
    return situation.active_name or str(situation.active)


def _other(situation: Situation) -> str:
    environment = situation.environment
    if environment.kind == "system":
        return f"the Python in {environment.prefix}"
    return environment.name or environment.prefix


def _fixes(situation: Situation, active: str) -> tuple[str, ...]:
    arguments = list(situation.command.words[situation.command.launcher :])
    right = paste([os.path.join(active, "bin", "python"), "-m", "pip", *arguments])
    if situation.active_has_pip:
        return (right,)
    if situation.active_kind == "conda":
        return (paste(["conda", "install", "-p", active, "pip"]), right)
    return (paste([os.path.join(active, "bin", "python"), "-m", "ensurepip"]), right)
