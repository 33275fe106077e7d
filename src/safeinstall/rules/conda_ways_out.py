"""What SI201 offers instead: the environment was handed over to pip, so go on with pip in it; or
make a new one, conda first.
"""

from __future__ import annotations

from safeinstall.argv.requirement import normalize
from safeinstall.model import CONDA_OWNERS
from safeinstall.quoting import paste
from safeinstall.rules.commands import pip_install
from safeinstall.rules.plan_harm import PIP_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Command, Situation, Spec

_BRINGING = ("install", "update")
_EXPLICIT = ("url", "path")


def fixes(situation: Situation) -> tuple[str, ...]:
    """The commands to paste, best first."""
    return tuple(filter(None, (_go_on(situation), _afresh(situation) + "  # then pip, last")))


# ---- go on with pip ----------------------------------------------------------------------------


def _go_on(situation: Situation) -> str:
    """What is asked for, by pip; ``""`` where pip could not do it, or would take it from conda."""
    command = situation.command
    if command.verb not in _BRINGING:
        return ""
    words = [_for_pip(spec) for spec in command.specs if _is_pips_turn(spec, situation)]
    if not words or not all(words):
        return ""
    upgrade = ["--upgrade"] if command.verb == "update" else []
    return pip_install(situation.environment, [*upgrade, *words])


def _is_pips_turn(spec: Spec, situation: Situation) -> bool:
    """Python is never pip's, nor is what conda owns here: pip may not replace that."""
    inventory = situation.inventory
    others = {"python", *(package.name for package in inventory.owned_by(*CONDA_OWNERS))}
    others.update(found.name for found in inventory.conda_distributions)
    return others.isdisjoint((spec.name, normalize(spec.name)))


def _for_pip(spec: Spec) -> str:
    """The spec as pip takes it; ``""`` where that cannot be said."""
    version = _version_for_pip(spec.version)
    if not spec.name or version is None:
        return ""
    return PIP_NAMES.get(spec.name, spec.name) + version


def _version_for_pip(version: str) -> str | None:
    """conda's ``=1.26`` is ``==1.26.*``, and exact with a build behind it; comparisons mean the
    same to both.
    """
    number, _, build = version.removeprefix("=").strip().partition("=")
    if not version or version.startswith(("==", ">", "<", "!=", "~=")):
        return None if "|" in version or " " in version else version
    if not number[:1].isdigit() or any(letter in "|, *<>!" for letter in number.removesuffix(".*")):
        return None
    if number.endswith(".*") or build or version[0] != "=":
        return f"=={number}"
    return f"=={number}.*"


# ---- a new one ---------------------------------------------------------------------------------


def _afresh(situation: Situation) -> str:
    """A new environment, where conda comes first."""
    environment, command = situation.environment, situation.command
    new = ["-n", f"{environment.name}-new"]
    if command.verb == "env update":
        return paste(["conda", "env", "create", *new, "-f", *command.files])
    wanted = _words(command) if command.verb in _BRINGING else []
    channels = list(_channels(command)) if wanted else []
    if any(spec.kind in _EXPLICIT for spec in command.specs):  # conda takes these alone
        create = paste(["conda", "create", *new, *_python(situation)])
        return f"{create} && {paste(['conda', 'install', *new, *wanted])}"
    return paste(["conda", "create", *new, *channels, *_python(situation), *wanted])


def _python(situation: Situation) -> list[str]:
    """Python as it is now, unless the command asks for one."""
    command, python = situation.command, situation.environment.python
    asks = any(s.name == "python" and s.kind not in _EXPLICIT for s in command.specs)
    if asks and command.verb in _BRINGING:
        return []
    return [f"python={python}" if python else "python"]


def _words(command: Command) -> list[str]:
    """What is asked for, as it was typed."""
    words = [spec.raw for spec in command.specs if not spec.origin and spec.kind != "file"]
    return [*words, *(word for file in command.files for word in ("--file", file))]


def _channels(command: Command) -> Iterator[str]:
    if "--override-channels" in command.flags:
        yield "--override-channels"
    for channel in command.channels:
        yield from ("-c", channel)
