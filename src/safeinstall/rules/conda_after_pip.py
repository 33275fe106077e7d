"""SI201 conda-after-pip: conda changes an environment in which pip owns packages."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.quoting import paste
from safeinstall.rules.phrases import asked_for, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command, Situation

CODE = "SI201"
NAME = "conda-after-pip"

CONDA_OWNERS = ("conda", "conda-pypi", "conda-via-whl")
# These take the environment away or make a new one: there is nothing left to break.
WHOLE_ENVIRONMENT = ("create", "env create", "env remove", "rename")


def look(situation: Situation) -> Finding | None:
    """Harm: conda reads no record of what pip owns, and writes over it."""
    environment, command = situation.environment, situation.command
    if command.tool not in ("conda", "mamba", "micromamba") or environment.kind != "conda":
        return None
    if command.verb in WHOLE_ENVIRONMENT or _removes_all(command):
        return None
    foreign = situation.inventory.not_owned_by(*CONDA_OWNERS)
    if not foreign:
        return None
    count = len(foreign)
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"conda would change {environment.name}, where pip owns {count} "
        f"{'package' if count == 1 else 'packages'}. conda does not see them: it may replace what "
        "they need and write over their files.",
        evidence=listed(foreign),
        fixes=_fixes(situation),
        packages=tuple(package.name for package in foreign),
    )


def _removes_all(command: Command) -> bool:
    return command.verb == "remove" and "--all" in command.flags


def _fixes(situation: Situation) -> tuple[str, ...]:
    """The environment was handed over to pip: go on with pip, or make a new one, conda first."""
    environment, command = situation.environment, situation.command
    specs = asked_for(command)
    python = f"{environment.prefix}/bin/python"
    fixes = []
    if command.verb in ("install", "update") and specs:
        upgrade = ["--upgrade"] if command.verb == "update" else []
        names = [spec.name + spec.version for spec in command.specs if _pip_can_read(spec.version)]
        if names:
            fixes.append(paste([python, "-m", "pip", "install", *upgrade, *names]))
    fixes.append(
        paste(["conda", "create", "-n", f"{environment.name}-new", *_conda_specs(situation)])
        + "  # then pip, last"
    )
    return tuple(fixes)


def _pip_can_read(version: str) -> bool:
    """``==1.26`` and ``>=2,<3`` mean the same to both; conda's ``=1.26`` and builds do not."""
    return not version or version.startswith(("==", ">", "<", "!=", "~="))


def _conda_specs(situation: Situation) -> list[str]:
    """Python as it is now, and what the command asks for."""
    python: list[str] = [
        f"python={situation.environment.python}" if situation.environment.python else "python"
    ]
    return python + (asked_for(situation.command) if situation.command.verb == "install" else [])
