"""The commands that SI201 offers instead of a conda command in an environment with pip packages.

The environment was handed over to pip, so either go on with pip there, or create a new one in
which conda installs first. For ``conda remove`` and ``--revision``: uninstall the pip packages that
need the removed ones before.
"""

from __future__ import annotations

from safeinstall.argv.typed import short_words
from safeinstall.model import CONDA_OWNERS
from safeinstall.output.quoting import noted, paste
from safeinstall.rules.shared import new_environment
from safeinstall.rules.shared.remedies import (
    by_conda,
    conda_selector,
    here,
    pip_in,
    pip_install,
    settings,
    typed_channels,
)
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.requirement import normalize
from safeinstall.specs.translation import as_one_for_pip
from safeinstall.specs.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Command, Facts, Resident, Spec
    from safeinstall.rules.shared.plan_harm import Harm

_BRINGING = ("install", "update")
_EXPLICIT = ("url", "path")
_BEYOND_A_REBUILD = ("--prune", "--find-links", "--no-index", "--constraint")


def fixes(
    facts: Facts, found: Sequence[Harm] = (), residents: Sequence[Resident] = ()
) -> tuple[str, ...]:
    """The commands to paste, best first; ``found`` and ``residents`` are empty without a plan."""
    readable = _readable(facts, residents)
    if facts.command.verb == "remove" or "--revision" in facts.command.flags:
        return tuple(filter(None, (readable, _pip_first(facts, found, residents))))
    go_on = "" if _brings_another_python(facts, found) else _go_on(facts, found)
    return tuple(filter(None, (readable, _rebuilt(facts), go_on, _afresh(facts))))


def _brings_another_python(facts: Facts, found: Sequence[Harm]) -> bool:
    """Do the requested packages make conda replace Python? pip has nothing like these."""
    typed = any(spec.name == "python" for spec in facts.command.specs)
    return not typed and any(harm.package == "python" for harm in found)


# ---- unreadable metadata -----------------------------------------------------------------------


def _readable(facts: Facts, residents: Sequence[Resident]) -> str:
    """The pip command that writes unreadable metadata again; ``""`` if all metadata was read, or if
    a distribution comes from a source where pip may not find the same again.
    """
    unread = {resident.name for resident in residents if resident.requires is None}
    own = [p for p in facts.residents if p.name in unread]
    specs = [f"{package.name}=={package.version}" for package in own if not package.source]
    if not specs or len(specs) < len(unread):
        return ""
    again = pip_install(here(facts), ["--force-reinstall", "--no-deps", *specs])
    return noted(again, "then the same command once more")


# ---- go on with pip ----------------------------------------------------------------------------


def _go_on(facts: Facts, found: Sequence[Harm]) -> str:
    """The pip command for the requested packages; ``""`` if pip cannot express the specs, if all of
    the packages are there, or if these versions would break others whoever installs them.
    """
    command = facts.command
    if command.verb not in _BRINGING:
        return ""
    turn = [spec for spec in command.specs if _is_pips_turn(spec, facts)]
    if any(_breaks_others(spec, found) for spec in turn):
        return ""
    words = [_for_pip(spec) for spec in turn if not _is_there(spec, facts)]
    if not words or not all(words):
        return ""
    upgrade = ["--upgrade"] if command.verb == "update" else []
    return pip_install(here(facts), [*upgrade, *words])


def _is_pips_turn(spec: Spec, facts: Facts) -> bool:
    """May pip install the package? Not Python, and not a conda-owned package."""
    inventory = facts.inventory
    others = {"python", *(package.name for package in inventory.owned_by(*CONDA_OWNERS))}
    others.update(found.name for found in inventory.conda_distributions)
    return others.isdisjoint((spec.name, normalize(spec.name)))


def _is_there(spec: Spec, facts: Facts) -> bool:
    """Is what ``conda install`` asks for there already, from another installer?"""
    name, version = _pips_name(spec), as_one_for_pip(spec.version)
    there = next((package for package in facts.residents if package.name == name), None)
    if there is None or version is None or facts.command.verb != "install":
        return False
    return satisfies(there.version, version) is True


def _breaks_others(spec: Spec, found: Sequence[Harm]) -> bool:
    """Does a package need another version than the one that is asked for? pip would only warn."""
    asked = [harm for harm in found if harm.package == _pips_name(spec)]
    return bool(spec.version) and any(len(harm.hurt) > 1 for harm in asked)


def _pips_name(spec: Spec) -> str:
    return normalize(pip_name(spec.name))


def _for_pip(spec: Spec) -> str:
    """The spec in pip's syntax; ``""`` if that has no equivalent."""
    version = as_one_for_pip(spec.version)
    name = pip_name(spec.name) if spec.name else ""
    return name + version if name and version is not None else ""


# ---- the same environment, made anew -----------------------------------------------------------


def _rebuilt(facts: Facts) -> str:
    """The command that makes the environment anew with the requested packages; ``""`` if it cannot
    be told them, or for base.
    """
    command = facts.command
    from_file = command.verb == "env update"
    can_be_told = _is_plain_file(command) if from_file else _is_plain(command)
    if facts.environment.base or not can_be_told or settings(command):
        return ""
    words = [word for spec in command.conda_specs for word in ("--add", spec.raw)]
    words += [word for spec in command.pip_specs for word in ("--add-pip", spec.raw)]
    words += ["--update"] if command.updates_all else []
    if not words:
        return ""
    channels = command.channels if from_file else typed_channels(command)
    words += [word for channel in dict.fromkeys(channels) for word in ("--channel", channel)]
    here_is_it = facts.active == facts.environment.prefix and not command.before
    where = [] if here_is_it else conda_selector(facts.environment)
    return paste(["safeinstall", "rebuild", *where, *words])


def _is_plain(command: Command) -> bool:
    """Is everything that conda is to install named on the command line?"""
    plain = all(spec.kind == "name" and not spec.origin for spec in command.specs)
    plain = plain and not command.files and "--override-channels" not in command.flags
    return plain and command.verb in _BRINGING


def _is_plain_file(command: Command) -> bool:
    """Does the file say no more than a rebuild can be told: packages and channels by their names?

    With ``--prune``, what it does not ask for is not to stay, and a rebuild would keep it.
    """
    plain = all(spec.kind == "name" for spec in command.specs) and not command.indexes
    told = all(_can_be_shown(channel) for channel in command.channels)
    return plain and told and command.flags.isdisjoint(_BEYOND_A_REBUILD)


def _can_be_shown(channel: str) -> bool:
    from safeinstall import redaction

    told = "$" not in channel and redaction.argument(channel) == channel
    return told and channel != "nodefaults"


# ---- a new environment -------------------------------------------------------------------------


def _afresh(facts: Facts) -> str:
    """The command that creates a new environment with the requested packages by conda; ``""`` if
    the command does not say which packages these are, or if the environment can be made anew.
    """
    if _rebuilt(facts):
        return ""
    command, name = facts.command, new_environment.name_of(facts)
    if command.verb == "env update":
        create = by_conda("env create", ["-n", name, "-f", *command.files], command)
        return new_environment.filled(facts, create)
    wanted = new_environment.for_conda(command) if command.verb in _BRINGING else []
    if not wanted and not (command.updates_all and facts.asked.conda):
        return ""
    # conda accepts addresses of package files only without other specs
    if any(spec.kind in _EXPLICIT for spec in command.specs):
        return new_environment.of_files(facts, wanted)
    return new_environment.made(facts, wanted)


# ---- pip uninstall before conda remove ---------------------------------------------------------


def _pip_first(facts: Facts, found: Sequence[Harm], residents: Sequence[Resident]) -> str:
    """The pip command that uninstalls the packages that would break, with all packages that need
    them, followed by the conda command; ``""`` if no such package is known.
    """
    from safeinstall.specs.requirements import Needs

    needs = Needs(residents, facts.environment.python)
    going = {harm.package for harm in found}
    if "python" in going:  # nothing of pip's works without
        going.update(resident.name for resident in residents)
    known = 0
    while known < len(going):
        known = len(going)
        going.update(*map(needs.needing, tuple(going)))
    theirs = [resident.name for resident in residents if resident.name in going]
    if not theirs:
        return ""
    yes = ["-y"] if "--yes" in facts.command.flags else []
    uninstall = pip_in(here(facts), "uninstall", [*yes, *theirs])
    return f"{uninstall} && {paste(short_words(facts.command))}"
