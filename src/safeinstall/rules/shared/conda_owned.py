"""Where pip would stand on conda's ground: questions that several rules and pip's rail ask."""

from __future__ import annotations

import os

from safeinstall.model import CONDA_OWNERS
from safeinstall.output.shown import value
from safeinstall.rules.shared.remedies import conda_install, fresh
from safeinstall.specs.translation import as_conda
from safeinstall.specs.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Command, CondaDistribution, Environment, Facts, Spec

AGAIN = ("--force-reinstall", "--ignore-installed", "--reinstall")  # pip's, pip's, uv's


def owned(facts: Facts) -> dict[str, CondaDistribution]:
    """What conda's packages in the command's environment mean to pip, by name."""
    return {found.name: found for found in facts.inventory.conda_distributions}


def lands_here(command: Command, environment: Environment) -> bool:
    """Does pip change the environment itself? It does where it puts things beside it, too: what is
    installed in another version is taken away first, unless it is told to ignore what is there.
    """
    target = command.target
    if target.user:
        return False
    if goes_beside(command, environment):
        return command.tool == "pip" and "--ignore-installed" not in command.flags
    return target.directory is None or _own_directory(target.directory, environment)


def goes_beside(command: Command, environment: Environment) -> bool:
    """Do ``--root`` or ``--prefix`` lead elsewhere?"""
    root, prefix = command.target.root, command.target.scheme_prefix
    if root is not None and root.strip("/"):
        return True
    return prefix is not None and not _same(prefix, environment.prefix)


def installs_again(command: Command, environment: Environment) -> bool:
    """Does pip pass over what is installed, and so write files that are there already?"""
    directory = command.target.directory
    into_itself = directory is not None and _own_directory(directory, environment)
    return into_itself or not command.flags.isdisjoint(AGAIN)


def is_conditional(spec: Spec) -> bool:
    """Has it an environment marker? Then only pip knows whether it counts."""
    return ";" in spec.raw


def replaces(spec: Spec, there: CondaDistribution, facts: Facts) -> str:
    """How pip would surely put its own in the place of ``there``, in a few words; else ``""``."""
    if is_conditional(spec):
        return ""
    again = installs_again(facts.command, facts.environment)
    if spec.kind != "name":
        if not again and is_same_wheel(spec, there, facts.command):
            return ""
        return f"{'-e ' * spec.editable}{value(spec.raw)} would take its place"
    if again:
        option = next((o for o in AGAIN if o in facts.command.flags), "--target")
        return f"{option} would write pip's files over it"
    if spec.name in facts.command.reinstalls:
        return "--reinstall-package would write pip's files over it"
    if satisfies(there.version, spec.version) is False:
        beside = goes_beside(facts.command, facts.environment)
        taken = ", and pip takes this one away for it" if beside else ""
        return f"{value(spec.name + spec.version)} asks for another version{taken}"
    return ""


def is_same_wheel(spec: Spec, there: CondaDistribution, command: Command) -> bool:
    """A local wheel in the version that is there: pip (not uv) does nothing, and says so."""
    if command.tool != "pip" or spec.kind != "path" or not spec.raw.endswith(".whl"):
        return False
    return spec.version == f"=={there.version}"


def described(there: CondaDistribution) -> str:
    """``numpy 1.21.6``, ``torch 2.0.1+cu118 (conda's pytorch 2.0.1)``."""
    package, twin = there.package, there.twin
    if there.shadow:
        return f"{there.name} {there.version} (in {there.shadow}, before conda's {package.version})"
    if twin:
        return f"{there.name} (conda's {package.version} and {twin.owner}'s {twin.version}, both)"
    if package.name == there.name and package.version == there.version:
        return f"{there.name} {there.version}"
    return f"{there.name} {there.version} (conda's {package.name} {package.version})"


def conda_spec(there: CondaDistribution, constraint: str) -> str:
    """What to ask conda for. pip's constraint, where conda has words for it."""
    return there.package.name + (as_conda(constraint) or "")


def conda_first(facts: Facts, specs: Iterable[str]) -> tuple[str, ...]:
    """conda brings it: into this environment while that is conda's alone, else into a new one."""
    environment, specs = facts.environment, tuple(specs)
    here = conda_install(environment, specs, facts.command)
    new = fresh(environment, ("pip", *specs), facts.command) + "  # then pip, last"
    mixed = facts.inventory.not_owned_by(*CONDA_OWNERS)
    return (new, here) if mixed else (here, new)


def _own_directory(directory: str, environment: Environment) -> bool:
    return any(_same(directory, place) for place in environment.site_packages)


def _same(first: str, second: str) -> bool:
    return os.path.normpath(first) == os.path.normpath(second)
