"""SI201, second part: conda replaces a whole environment, and packages that pip owns are lost.

``conda create`` asks before it replaces an environment, but not with ``--yes``, and ``conda env
create`` never asks. The question is about the environment, not about the packages in it.
``conda rename --yes`` replaces the environment at the destination by the renamed one.
"""

from __future__ import annotations

from safeinstall.argv.typed import short_words
from safeinstall.model import CONDA_LIKE
from safeinstall.output.quoting import paste
from safeinstall.output.wording import few
from safeinstall.rules.shared import new_environment
from safeinstall.rules.shared.remedies import by_conda, conda_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command, Facts

MAKING = ("create", "env create")
_NAMING = ("-n", "-p", "--name", "--prefix")  # options of conda that name an environment


def concerns(facts: Facts) -> bool:
    """Would the command replace an environment that exists? Not in a dry run."""
    command = facts.command
    if facts.replaced_environment:
        return True
    makes = command.tool in CONDA_LIKE and command.verb in MAKING and command.mutates
    return makes and facts.environment.kind in ("conda", "venv")


def brings_nothing(facts: Facts) -> bool:
    """Does ``--download-only`` stop conda when it has taken the environment away? A clone and
    package files are linked all the same.
    """
    command = facts.command
    by_name = all(spec.kind == "name" for spec in command.specs)
    fetches = command.verb in MAKING and "--download-only" in command.flags and by_name
    return fetches and "--clone" not in command.flags and facts.environment.kind == "conda"


def message(facts: Facts) -> str:
    """The lost packages; ``""`` if all of the environment's packages are conda-owned."""
    lost, environment, command = facts.residents, facts.environment, facts.command
    does = f"{command.tool} {command.verb}"
    if brings_nothing(facts):
        return (
            f"{does} takes {environment.name} away first, with its {len(facts.inventory.packages)} "
            "packages, and --download-only puts nothing in its place."
        )
    if not lost:
        return ""
    counted = f"{len(lost)} {'package' if len(lost) == 1 else 'packages'} of pip's"
    names = ", ".join(few([f"{package.name} {package.version}".rstrip() for package in lost], 5))
    if command.verb == "rename":
        start = f"{does} takes {environment.name} away and puts another one there; {counted}"
        verb = "goes with it" if len(lost) == 1 else "go with it"
    elif environment.kind == "venv":
        start = f"{does} makes an environment over the venv {environment.prefix}; {counted} in it"
        verb = "is orphaned" if len(lost) == 1 else "are orphaned"
    else:
        start = f"{does} takes {environment.name} away and makes it anew; {counted}"
        verb = "goes with it" if len(lost) == 1 else "go with it"
    return f"{start} {verb}: {names}. The history keeps what they were."


def fixes(facts: Facts) -> tuple[str, ...]:
    """The command that makes another environment, or renames the one at the destination first, so
    that it is kept.
    """
    command, environment = facts.command, facts.environment
    if command.verb != "rename":
        return (under(new_environment.name_of(facts), command),)
    if environment.kind != "conda":
        return ()
    selector = conda_selector(environment)
    return (by_conda("rename", [*selector, f"{selector[1]}-old"], command),)


def under(name: str, command: Command) -> str:
    """The command that makes an environment, as typed, but for one of this name."""
    words, typed, named = list[str](), iter(command.words), ["-n", name]
    for word in typed:
        if not word.startswith(_NAMING):
            words.append(word)
            continue
        if word in _NAMING:
            next(typed, None)  # its value
        words += named
        named = []
    return paste(short_words(command.replace(words=(*words, *named))))
