"""The condition of an environment: owners of packages, phase, and problems. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.journal.select import handles
from safeinstall.model import CONDA_OWNERS
from safeinstall.output.quoting import paste
from safeinstall.output.shown import is_command
from safeinstall.policy.rule_table import TABLE
from safeinstall.rules.shared.remedies import conda_install, pip_in, ways_back
from safeinstall.specs import deny_list, lookalikes
from safeinstall.specs.requirement import normalize
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from safeinstall.journal.read import Damage
    from safeinstall.model import Change, Environment, Inventory, Json, Package
    from safeinstall.probe.past_changes import Episode

# The rule about the warnings of tools.
_TOOL_WARNED = next(rule.code for rule in TABLE if "warnings" in rule.explain)
_NEWEST = 3  # operations of one kind that are listed
_SOURCES = {
    "editable": "editable",
    "path": "from a directory or file",
    "url": "from an address",
    "vcs": "from version control",
}


class Problem(Value):
    """A problem of an environment, and the commands that solve it, in their order."""

    kind: str  # one of PROBLEMS
    message: str
    commands: tuple[str, ...]
    names: tuple[str, ...] = ()  # of packages, or IDs of operations


PROBLEMS = ("overwritten", "gone", "doubled", "denied", "interrupted", "warned", "journal")
"""The kinds of problems, the worst first."""


class Condition(Value):
    """Everything that ``status`` shows about an environment."""

    environment: Environment
    inventory: Inventory
    handed_over: str | None  # when pip first installed something after conda; None: never
    returned: int  # how often conda changed something after ``handed_over``
    last: Json | None  # the newest operation
    drift: tuple[Change, ...]  # since the last record
    problems: tuple[Problem, ...]

    @property
    def phase(self) -> str:
        """``empty``, ``conda-led``, ``handed-over``, or ``pip-led`` for a non-conda environment."""
        if not self.inventory.packages:
            return "empty"
        if self.environment.kind != "conda":
            return "pip-led"
        return "handed-over" if self.inventory.not_owned_by(*CONDA_OWNERS) else "conda-led"


def owners(inventory: Inventory) -> dict[str, tuple[Package, ...]]:
    """The packages by owner: conda first, then by the number of packages."""
    found: dict[str, list[Package]] = {}
    for package in inventory.packages:
        found.setdefault(package.owner, []).append(package)
    order = sorted(found, key=lambda owner: (owner not in CONDA_OWNERS, -len(found[owner]), owner))
    return {owner: tuple(found[owner]) for owner in order}


def sources(packages: Sequence[Package]) -> dict[str, int]:
    """The number of packages that are not from an index, by kind of source: ``{"vcs": 2}``."""
    counts: dict[str, int] = {}
    for package in packages:
        if package.source in _SOURCES:
            counts[package.source] = counts.get(package.source, 0) + 1
    return counts


def source_words(counts: Mapping[str, int]) -> str:
    """The result of :func:`sources` as text: ``2 editable, 1 from version control``."""
    return ", ".join(f"{counts[name]} {_SOURCES[name]}" for name in _SOURCES if name in counts)


def returns(past: Sequence[Episode], handed_over: str | None) -> int:
    """How often conda changed something after the environment was handed over."""
    if handed_over is None:
        return 0
    return sum(item.owner in CONDA_OWNERS and item.time > handed_over for item in past)


def problems(
    environment: Environment,
    inventory: Inventory,
    doubled: Mapping[str, Sequence[str]],
    newest: Sequence[Json],
    damages: Sequence[Damage],
    selector: Sequence[str] = (),
    deny: Sequence[str] = (),
    strange: Collection[str] = (),
) -> tuple[Problem, ...]:
    """The problems of an environment, the worst first.

    ``doubled`` has the metadata directories by distribution; ``newest`` are the latest operations,
    newest first; ``selector`` are the options that name the environment in safeinstall commands;
    ``deny`` is the policy's list. Commands from the records of ``strange`` operations (their IDs)
    are not shown as advice, because somebody else may have written those records.
    """
    twice = sorted(set(doubled).difference(*map(_names, inventory.overwritten)))
    found = (
        *(_overwritten(environment, package, inventory) for package in inventory.overwritten),
        *_same_files(environment, inventory),
        *(_gone(environment, package) for package in inventory.gone),
        *(_doubled(environment, name, doubled[name], inventory) for name in twice),
        *_denied(environment, inventory, deny),
        *_interrupted(newest, selector, strange),
        *_warned(newest, selector, strange),
        *_journal(damages, selector),
    )
    return tuple(p.replace(commands=tuple(filter(is_command, p.commands))) for p in found)


def _overwritten(environment: Environment, package: Package, inventory: Inventory) -> Problem:
    names = _names(package)
    others = inventory.not_owned_by(*CONDA_OWNERS)
    there = next((other for other in others if other.name in names), None)
    instead = f"{there.owner}'s {there.version}" if there else "another one"
    return Problem(
        "overwritten",
        f"{package.name}: conda's record says {package.version}, what is there is {instead}",
        (_uninstall(environment, there.name if there else names[0]), _relink(environment, package)),
        (package.name,),
    )


def _same_files(environment: Environment, inventory: Inventory) -> list[Problem]:
    """Pip-owned packages with the same files as a conda-owned distribution of another name."""
    theirs = {found.name: found for found in inventory.conda_distributions}
    doubles = lookalikes.doubles(theirs, ())
    found = [(p, doubles.get(p.name)) for p in inventory.not_owned_by(*CONDA_OWNERS)]
    return [
        Problem(
            "overwritten",
            f"{there.package.name}: {package.owner}'s {package.name} {package.version} has the "
            "same files, and one lies over the other",
            (_uninstall(environment, package.name), _relink(environment, there.package)),
            (there.package.name,),
        )
        for package, there in found
        if there
    ]


def _names(package: Package) -> tuple[str, ...]:
    """pip's names for the distributions in a conda package."""
    return package.distributions or (normalize(package.name),)


def _gone(environment: Environment, package: Package) -> Problem:
    return Problem(
        "gone",
        f"{package.name}: conda's record says {package.version}, nothing of it is there",
        (_relink(environment, package),),
        (package.name,),
    )


def _doubled(
    environment: Environment, name: str, directories: Sequence[str], inventory: Inventory
) -> Problem:
    """A distribution with several metadata directories. The commands remove all of them, and
    install the conda-owned package again if there is one, else the version in the inventory.
    """
    ours = [p for p in inventory.packages if name in (normalize(p.name), *p.distributions)]
    by_conda = next((p for p in ours if p.owner in CONDA_OWNERS), None)
    spec = f"{name}=={ours[-1].version}" if ours else name
    again = _relink(environment, by_conda) if by_conda else pip_in(environment, "install", [spec])
    return Problem(
        "doubled",
        f"{name} is there {len(directories)} times: {', '.join(directories)}",
        (f"{_uninstall(environment, name)}  # {len(directories)} times", again),
        (name,),
    )


def _denied(environment: Environment, inventory: Inventory, deny: Sequence[str]) -> list[Problem]:
    """Installed packages that the policy denies, for example from before there was this policy."""
    return [
        Problem(
            "denied",
            f"{package.name} {package.version} is there, and the policy denies it",
            tuple(ways_back(environment, [package])),
            (package.name,),
        )
        for package in (deny_list.among(deny, inventory.packages) if deny else ())
    ]


def _interrupted(
    newest: Sequence[Json], selector: Sequence[str], strange: Collection[str]
) -> list[Problem]:
    """Interrupted operations whose command was not successful later on."""
    names = handles(newest)
    found, done = [], []
    for item in newest:
        if item["status"] == "done":
            done.append(item["argv"])
        elif item["status"] == "interrupted" and item["argv"] not in done:
            found.append(item)
    return [
        Problem(
            "interrupted",
            f"interrupted, and not repeated since: {paste(_short(item['argv']))}",
            (_show(names[item["op"]], selector), *_again(item, strange)),
            (str(item["op"]),),
        )
        for item in found[:_NEWEST]
    ]


def _again(item: Json, strange: Collection[str]) -> tuple[str, ...]:
    return () if item["op"] in strange else (paste(_short(item["argv"])),)


def _warned(
    newest: Sequence[Json], selector: Sequence[str], strange: Collection[str]
) -> list[Problem]:
    names = handles(newest)
    found = [item for item in newest if item["warnings"]][:_NEWEST]
    return [
        _warning(item, _show(names[item["op"]], selector), known=item["op"] not in strange)
        for item in found
    ]


def _warning(item: Json, show: str, *, known: bool) -> Problem:
    """A warning of the tool, with the message of the rule's finding about it, if there is one."""
    said = {finding.get("rule"): finding for finding in item["findings"]}.get(_TOOL_WARNED, {})
    message = str(said.get("message") or item["warnings"][0]).partition(" Run: ")[0]
    tool, day = (item["tool"] or {}).get("name"), str(item["time"])[:10]
    return Problem(
        "warned",
        f"{tool} warned on {day}: {message}",
        (show, *(said.get("fixes") or () if known else ())),
        (str(item["op"]),),
    )


def _journal(damages: Sequence[Damage], selector: Sequence[str]) -> list[Problem]:
    if not damages:
        return []
    several = f" and {len(damages) - 1} more" if len(damages) > 1 else ""
    command = paste(["safeinstall", "history", "verify", *selector])
    return [Problem("journal", f"{damages[0]}{several}", (command,))]


def _show(name: str, selector: Sequence[str]) -> str:
    return paste(["safeinstall", "history", "show", name, *selector])


def _uninstall(environment: Environment, name: str) -> str:
    """An uninstall command, with an override reason: the guard would block it if a conda-owned
    package needs the distribution or has the same files.
    """
    return f'SAFEINSTALL_REASON="to mend it" {pip_in(environment, "uninstall", [name])}'


def _relink(environment: Environment, package: Package) -> str:
    return conda_install(environment, ["--force-reinstall", f"{package.name}={package.version}"])


def _short(argv: Sequence[str]) -> list[str]:
    return [argv[0].rpartition("/")[2] or argv[0], *argv[1:]] if argv else []
