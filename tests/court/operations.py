"""Sequences of operations, drawn from a seed. Pure: the same numbers give the same sequence."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.court import by_conda, by_pip, pools
from tests.court.memory import Drawn, Memory

BOTH = "both"


@dataclass(frozen=True)
class Operation:
    """One command, and what is done with it. For what its texts may hold see :class:`Drawn`."""

    kind: str  # the row of the table
    tool: str  # who changes the environment: "conda", "pip" or BOTH
    words: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()  # written into the working directory before
    outside: bool = False  # done without the guard, to see what comes after it
    goes_on: str = "guarded"  # or "bare": whose result the next operation meets
    environ: tuple[tuple[str, str], ...] = ()
    uncached: bool = False  # the guarded command finds an empty package cache


@dataclass(frozen=True)
class Sequence:
    """Operations on one environment, which the first one makes."""

    seed: int
    number: int
    operations: tuple[Operation, ...]


Kind = tuple[str, int, Callable[[Memory], Drawn]]

CREATE = "conda create"
MAKERS: dict[str, Kind] = {
    CREATE: ("conda", 8, by_conda.create),
    "conda create --file": ("conda", 1, by_conda.create_explicitly),
    "conda env create": (BOTH, 2, by_conda.create_from_file),
}
CHANGES: dict[str, Kind] = {
    "conda install": ("conda", 16, by_conda.add()),
    "conda install python=": ("conda", 3, by_conda.move_python),
    "conda install --no-deps": ("conda", 2, by_conda.add("--no-deps", most=1)),
    "conda install --freeze-installed": ("conda", 3, by_conda.add("--freeze-installed")),
    "conda install --force-reinstall": ("conda", 2, by_conda.add("--force-reinstall", most=1)),
    "conda install --file": ("conda", 3, by_conda.add_explicitly),
    "conda update": ("conda", 5, by_conda.update),
    "conda update --all": ("conda", 3, by_conda.update_all),
    "conda remove": ("conda", 5, by_conda.remove()),
    "conda remove --force": ("conda", 2, by_conda.remove("--force")),
    "conda remove pip": ("conda", 1, by_conda.remove_pip),
    "conda env update": (BOTH, 5, by_conda.update_from_file()),
    "conda env update --prune": (BOTH, 4, by_conda.update_from_file("--prune")),
    "conda env update, settings": (BOTH, 4, by_conda.update_from_file(settings=True)),
    "pip install": ("pip", 20, by_pip.install()),
    "pip install --upgrade": ("pip", 6, by_pip.install("-U")),
    "pip install --no-deps": ("pip", 3, by_pip.install("--no-deps", exact=0.6, most=1)),
    "pip install --force-reinstall": ("pip", 3, by_pip.install("--force-reinstall", most=1)),
    "pip install --ignore-installed": ("pip", 2, by_pip.install("--ignore-installed", most=1)),
    "pip install -r": ("pip", 6, by_pip.from_file),
    "pip install -c": ("pip", 3, by_pip.constrained),
    "pip install --require-hashes": ("pip", 3, by_pip.with_hashes),
    "pip install, settings": ("pip", 2, by_pip.under_settings),
    "pip install WHEEL": ("pip", 4, by_pip.wheel),
    "pip install git+": ("pip", 4, by_pip.vcs),
    "pip install PROJECT": ("pip", 4, by_pip.project),
    "pip uninstall": ("pip", 6, by_pip.uninstall),
    "uv pip install": ("pip", 5, by_pip.uv("install")),
    "uv pip uninstall": ("pip", 2, by_pip.uv("uninstall")),
    "uv pip sync": ("pip", 2, by_pip.uv_sync),
    "conda run pip install": ("pip", 2, by_pip.through_conda_run),
}
THEMES: dict[str, Kind] = {
    f"{tool}, {theme}": (tool, 1, meet(theme))
    for theme in pools.THEMES
    for tool, meet in (("conda", by_conda.meet), ("pip", by_pip.meet))
}
BESIDE: dict[str, Kind] = {
    "conda list": ("conda", 2, by_conda.look),
    "damage": ("conda", 4, by_pip.damage),
}
"""Done by others, never judged."""
KINDS = MAKERS | CHANGES | THEMES
"""Every kind of operation: the tool that changes something, its weight, how it is drawn."""

OUTSIDE = 0.12  # the share of operations that nobody guards
BARE = 0.15  # the share after which the unguarded result goes on
LOYAL = 0.5  # how often a sequence with a theme comes back to it
UNCACHED = 0.2  # the share for which nothing has been downloaded yet
HARM_DONE = 0.35  # the share of BESIDE among what nobody guards


def draw(seed: int, number: int, length: int = 5) -> Sequence:
    """The sequence of that number; the environment is made first, then changed ``length`` times."""
    dice = random.Random(f"{seed}/{number}")
    memory = Memory(dice)
    first = _operation(_choose(MAKERS, memory), memory)
    return Sequence(seed, number, (first, *(_any(memory) for _ in range(length))))


def _any(memory: Memory) -> Operation:
    dice = memory.dice
    outside = dice.random() < OUTSIDE
    if outside and dice.random() < HARM_DONE:
        return _operation(_choose(BESIDE, memory), memory, outside=True)
    goes_on = "bare" if dice.random() < BARE else "guarded"
    if memory.theme and dice.random() < LOYAL:
        mine = {kind: row for kind, row in THEMES.items() if kind.endswith(f", {memory.theme}")}
        return _operation(_choose(mine, memory), memory, outside, goes_on)
    return _operation(_choose(CHANGES | THEMES, memory), memory, outside, goes_on)


def _choose(table: dict[str, Kind], memory: Memory) -> str:
    kinds = {kind: weight for kind, (_, weight, _) in table.items()}
    return memory.dice.choices(list(kinds), list(kinds.values()))[0]


def _operation(
    kind: str, memory: Memory, outside: bool = False, goes_on: str = "guarded"
) -> Operation:
    tool, _, drawer = (KINDS | BESIDE)[kind]
    drawn = drawer(memory)
    files, environ = tuple(drawn.files.items()), tuple(drawn.environ.items())
    uncached = memory.dice.random() < UNCACHED
    return Operation(kind, tool, tuple(drawn.words), files, outside, goes_on, environ, uncached)
