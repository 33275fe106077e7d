"""What SI201 offers instead: the environment was handed over to pip, so go on with pip in it; or
make a new one, conda first. Where conda is to take something away, pip's that need it go before.
"""

from __future__ import annotations

from safeinstall.argv.typed import short_words
from safeinstall.model import CONDA_OWNERS
from safeinstall.output.quoting import paste
from safeinstall.rules.shared.remedies import by_conda, pip_in, pip_install, typed_channels
from safeinstall.specs.conda_names import PIP_NAMES
from safeinstall.specs.requirement import normalize
from safeinstall.specs.translation import as_one_for_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Command, Facts, Resident, Spec
    from safeinstall.rules.shared.plan_harm import Harm

_BRINGING = ("install", "update")
_EXPLICIT = ("url", "path")


def fixes(
    facts: Facts, found: Sequence[Harm] = (), residents: Sequence[Resident] = ()
) -> tuple[str, ...]:
    """The commands to paste, best first; what the plan would do is known where there is one."""
    readable = _readable(facts, residents)
    if facts.command.verb == "remove":
        return tuple(filter(None, (readable, _pip_first(facts, found, residents))))
    afresh = _afresh(facts)
    new = f"{afresh}  # then pip, last" if afresh else ""
    return tuple(filter(None, (readable, _go_on(facts), new)))


# ---- what nobody can read ----------------------------------------------------------------------


def _readable(facts: Facts, residents: Sequence[Resident]) -> str:
    """pip writes the metadata anew that cannot be read; ``""`` where all is read, or where pip
    would not find the very same once more.
    """
    unread = {resident.name for resident in residents if resident.requires is None}
    own = [p for p in facts.inventory.not_owned_by(*CONDA_OWNERS) if p.name in unread]
    specs = [f"{package.name}=={package.version}" for package in own if not package.source]
    if not specs or len(specs) < len(unread):
        return ""
    again = pip_install(facts.environment, ["--force-reinstall", "--no-deps", *specs])
    return f"{again}  # then the same command once more"


# ---- go on with pip ----------------------------------------------------------------------------


def _go_on(facts: Facts) -> str:
    """What is asked for, by pip; ``""`` where pip could not do it, or would take it from conda."""
    command = facts.command
    if command.verb not in _BRINGING:
        return ""
    words = [_for_pip(spec) for spec in command.specs if _is_pips_turn(spec, facts)]
    if not words or not all(words):
        return ""
    upgrade = ["--upgrade"] if command.verb == "update" else []
    return pip_install(facts.environment, [*upgrade, *words])


def _is_pips_turn(spec: Spec, facts: Facts) -> bool:
    """Python is never pip's, nor is what conda owns here: pip may not replace that."""
    inventory = facts.inventory
    others = {"python", *(package.name for package in inventory.owned_by(*CONDA_OWNERS))}
    others.update(found.name for found in inventory.conda_distributions)
    return others.isdisjoint((spec.name, normalize(spec.name)))


def _for_pip(spec: Spec) -> str:
    """The spec as pip takes it; ``""`` where that cannot be said."""
    version = as_one_for_pip(spec.version)
    if not spec.name or version is None:
        return ""
    return PIP_NAMES.get(spec.name, spec.name) + version


# ---- a new one ---------------------------------------------------------------------------------


def _afresh(facts: Facts) -> str:
    """A new environment, where conda comes first; ``""`` where nobody knows what belongs in it."""
    environment, command = facts.environment, facts.command
    new = ["-n", f"{environment.name}-new"]
    if command.verb == "env update":
        return by_conda("env create", [*new, "-f", *command.files], command)
    wanted = [*_words(command), *_asked_before(facts)] if command.verb in _BRINGING else []
    if not wanted:
        return ""
    if any(spec.kind in _EXPLICIT for spec in command.specs):  # conda takes these alone
        create = by_conda("create", [*new, *_python(facts)], command)
        return f"{create} && {by_conda('install', [*new, *wanted], command)}"
    return by_conda("create", [*new, *_channels(command), *_python(facts), *wanted], command)


def _asked_before(facts: Facts) -> list[str]:
    """Where everything is updated: what conda was ever asked for and has here."""
    if not facts.command.updates_all:
        return []
    now = {"python", *(spec.name for spec in facts.command.specs)}
    there = {package.name for package in facts.inventory.owned_by(*CONDA_OWNERS)}
    return [name for name in facts.asked if name in there and name not in now]


def _python(facts: Facts) -> list[str]:
    """Python as it is now, unless the command asks for one."""
    specs, python = facts.command.specs, facts.environment.python
    if any(spec.name == "python" and spec.kind not in _EXPLICIT for spec in specs):
        return []
    return [f"python={python}" if python else "python"]


def _words(command: Command) -> list[str]:
    """What is asked for, as it was typed."""
    words = [spec.raw for spec in command.specs if not spec.origin and spec.kind != "file"]
    return [*words, *(word for file in command.files for word in ("--file", file))]


def _channels(command: Command) -> Iterator[str]:
    if "--override-channels" in command.flags:
        yield "--override-channels"
    for channel in typed_channels(command):
        yield from ("-c", channel)


# ---- pip's before conda's ----------------------------------------------------------------------


def _pip_first(facts: Facts, found: Sequence[Harm], residents: Sequence[Resident]) -> str:
    """pip takes away what would be hurt, with what needs that, and conda comes after it; ``""``
    where nobody knows what that is.
    """
    from safeinstall.specs.requirements import Needs

    environment = facts.environment
    needs = Needs(residents, environment.python)
    going = {harm.package for harm in found}
    known = 0
    while known < len(going):
        known = len(going)
        going.update(*map(needs.needing, tuple(going)))
    theirs = [resident.name for resident in residents if resident.name in going]
    if not theirs:
        return ""
    yes = ["-y"] if "--yes" in facts.command.flags else []
    uninstall = pip_in(environment, "uninstall", [*yes, *theirs])
    return f"{uninstall} && {paste(short_words(facts.command))}"
