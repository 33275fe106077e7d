"""What a command asks for: of pip, of conda, and of which of them its specs are. Pure."""

from __future__ import annotations

from safeinstall.model import CONDA_LIKE, PIP_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command, Spec

INSTALLING = ("install", "pip install", "pip sync")  # pip's and uv's verbs
REMOVING = ("uninstall", "pip uninstall")
TAKING = ("install", "update", "create", "env create", "env update")  # conda's, from channels


def asks_pip(command: Command) -> bool:
    """Does pip or uv put something into an environment here?"""
    return command.tool in PIP_LIKE and command.verb in INSTALLING


def removes_by_pip(command: Command) -> bool:
    """Does pip or uv take something out of an environment here, and nothing else?"""
    return command.tool in PIP_LIKE and command.verb in REMOVING


def asks_conda(command: Command) -> bool:
    """Does conda, or one like it, take packages from channels here?"""
    return command.tool in CONDA_LIKE and command.verb in TAKING


def updates_all(command: Command) -> bool:
    """Is conda to update whatever is there, ``--all`` or ``--update-all``?"""
    return asks_conda(command) and not {"--all", "--update-all"}.isdisjoint(command.flags)


def pip_specs(command: Command) -> tuple[Spec, ...]:
    """What pip or uv will be asked for, also by conda on behalf of an environment file."""
    if asks_pip(command):
        return command.specs
    if asks_conda(command):
        return tuple(spec for spec in command.specs if spec.installer == "pip")
    return ()


def conda_specs(command: Command) -> tuple[Spec, ...]:
    """What conda itself will be asked for."""
    if not asks_conda(command):
        return ()
    return tuple(spec for spec in command.specs if not spec.installer)
