"""Would pip replace a conda-owned distribution? Used by several rules and by the rail for pip."""

from __future__ import annotations

import os

from safeinstall.output.shown import value
from safeinstall.rules.shared import new_environment
from safeinstall.rules.shared.remedies import conda_install
from safeinstall.specs import matchspec
from safeinstall.specs.translation import as_conda, conda_admits
from safeinstall.specs.versions import is_same, satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Command, CondaDistribution, Environment, Facts, Spec

# Options to install a package again in the installed version: two of pip, one of uv
REINSTALL_OPTIONS = ("--force-reinstall", "--ignore-installed", "--reinstall")


def owned(facts: Facts) -> dict[str, CondaDistribution]:
    """The conda-owned Python distributions that pip would replace, by name: those of the
    environment, and those of others that pip finds before these.
    """
    every = (*facts.inventory.conda_distributions, *facts.of_others)
    return {found.name: found for found in every}


def modules(facts: Facts) -> dict[str, CondaDistribution]:
    """The modules of conda-owned packages that have no metadata, by name."""
    return {found.name: found for found in facts.inventory.conda_modules}


def changes_environment(command: Command, environment: Environment) -> bool:
    """Does pip change the environment itself? With ``--root`` or ``--prefix``, too: pip uninstalls
    another version from the environment first, unless ``--ignore-installed`` is given.
    """
    target = command.target
    if target.user:
        return False
    if installs_outside(command, environment):
        return command.tool == "pip" and "--ignore-installed" not in command.flags
    return target.directory is None or _own_directory(target.directory, environment)


def installs_outside(command: Command, environment: Environment) -> bool:
    """Does ``--root`` or ``--prefix`` make pip install outside of the environment?"""
    root, prefix = command.target.root, command.target.scheme_prefix
    if root is not None and root.strip("/"):
        return True
    return prefix is not None and not _same(prefix, environment.prefix)


def installs_again(command: Command, environment: Environment) -> bool:
    """Does pip ignore installed distributions, and so write over files that are there?"""
    directory = command.target.directory
    into_itself = directory is not None and _own_directory(directory, environment)
    return into_itself or not command.flags.isdisjoint(REINSTALL_OPTIONS)


def is_conditional(spec: Spec) -> bool:
    """Does the spec have an environment marker? Then only pip knows whether it applies."""
    return ";" in spec.raw


def replaces(spec: Spec, there: CondaDistribution, facts: Facts) -> str:
    """Why pip is certain to replace the conda-owned distribution ``there``, in a few words;
    ``""`` if that is not certain.
    """
    if is_conditional(spec):
        return ""
    again = installs_again(facts.command, facts.environment)
    if spec.kind != "name":
        if not again and is_same_wheel(spec, there, facts.command):
            return ""
        return f"{'-e ' * spec.editable}{value(spec.raw)} would take its place"
    if again:
        option = next((o for o in REINSTALL_OPTIONS if o in facts.command.flags), "--target")
        return f"{option} would write pip's files over it"
    if spec.name in facts.command.reinstalls:
        return "--reinstall-package would write pip's files over it"
    if satisfies(there.version, spec.version) is False:
        beside = installs_outside(facts.command, facts.environment)
        taken = ", and pip takes this one away for it" if beside else ""
        return f"{value(spec.name + spec.version)} asks for another version{taken}"
    return ""


def is_same_wheel(spec: Spec, there: CondaDistribution, command: Command) -> bool:
    """Is the spec a local wheel in the installed version? pip (not uv) does not install it then."""
    if command.tool != "pip" or spec.kind != "path" or not spec.raw.endswith(".whl"):
        return False
    return is_same(spec.version.removeprefix("=="), there.version)


def described(there: CondaDistribution) -> str:
    """In words: ``numpy 1.21.6``, or with the package: ``torch 2.0.1 (conda's pytorch 2.0.1)``."""
    package, twin = there.package, there.twin
    if there.of:
        return f"{there.name} {there.version} of {there.of}"
    if there.shadow:
        return f"{there.name} {there.version} (in {there.shadow}, before conda's {package.version})"
    if twin:
        return f"{there.name} (conda's {package.version} and {twin.owner}'s {twin.version}, both)"
    if package.name == there.name and package.version == there.version:
        return f"{there.name} {there.version}"
    return f"{there.name} {there.version} (conda's {package.name} {package.version})"


def conda_spec(there: CondaDistribution, constraint: str) -> str:
    """The conda spec for this distribution, with pip's constraint if conda can express it."""
    from safeinstall.specs.conda_names import PRIVATE_COPIES  # rarely needed

    name = there.package.name
    return PRIVATE_COPIES.get(name, name) + (as_conda(constraint) or "")


def conda_first(facts: Facts, specs: Iterable[str]) -> tuple[str, ...]:
    """The commands by which conda installs the specs, best first: into this environment if all of
    its packages are conda-owned, else into a new one.
    """
    environment, specs = facts.environment, tuple(specs)
    here = conda_install(environment, (*specs, *_in_the_way(facts, specs)), facts.command)
    new = new_environment.made(facts, specs)
    lines = (new, here) if facts.residents else (here, new)
    return tuple(filter(None, lines))


def _in_the_way(facts: Facts, specs: Iterable[str]) -> tuple[str, ...]:
    """The packages that conda was asked for in a version that cannot be beside these specs. conda
    keeps to the version, and refuses, unless the name is given once more without it.
    """
    wanted = [matchspec.parse(spec) for spec in specs]
    named = {spec.name for spec in wanted}
    return tuple(
        name
        for name, depends in facts.asked.held.items()
        if name not in named and any(_excludes(need, spec) for need in depends for spec in wanted)
    )


def _excludes(need: str, spec: Spec) -> bool:
    """Does the dependency (``numpy >=1.21,<2``) exclude each version that the spec mentions and
    admits?
    """
    name, _, rest = need.partition(" ")
    bounds = (part.lstrip("<>=!~ ") for part in spec.version.split(","))
    admitted = [bound for bound in bounds if conda_admits(bound, spec.version)]
    versions = rest.partition(" ")[0]
    return (
        name == spec.name
        and bool(admitted and versions)
        and all(conda_admits(bound, versions) is False for bound in admitted)
    )


def _own_directory(directory: str, environment: Environment) -> bool:
    return any(_same(directory, place) for place in environment.site_packages)


def _same(first: str, second: str) -> bool:
    return os.path.normpath(first) == os.path.normpath(second)
