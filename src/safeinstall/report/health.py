"""The condition of an environment: owners of packages and phase. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.model import CONDA_OWNERS
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Change, Environment, Inventory, Json, Package
    from safeinstall.probe.past_changes import Episode
    from safeinstall.protection.nouns import Step
    from safeinstall.report.problems import Problem
    from safeinstall.rules.shared.remedies import Here

_SOURCES = {
    "editable": "editable",
    "path": "from a directory or file",
    "url": "from an address",
    "vcs": "from version control",
}


class Condition(Value):
    """Everything that ``status`` shows about an environment."""

    environment: Environment
    inventory: Inventory
    handed_over: str | None  # when pip first installed something after conda; None: never
    returned: int  # how often conda changed something after ``handed_over``
    last: Json | None  # the newest operation
    drift: tuple[Change, ...]  # since the last record
    problems: tuple[Problem, ...]
    unseen: tuple[str, ...] = ()  # what was not looked at, in words
    rails: tuple[Step, ...] = ()  # that protect it, by "safeinstall protect"
    begun: bool = True  # has its journal begun?
    here: Here | None = None  # where commands about it are to be pasted

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
