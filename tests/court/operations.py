"""Sequences of operations, drawn from a seed. Pure: the same numbers give the same sequence.

Words may hold ``{env}``, ``{prefix}``, ``{wheels}``, ``{repository}`` and ``{projects}``, which
stand for what the world has.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.court import pools

Drawn = tuple[list[str], dict[str, str]]
"""The words, and the files that they speak of."""


@dataclass(frozen=True)
class Operation:
    """One command, and what is done with it."""

    kind: str  # the row of the table
    tool: str  # who changes the environment: "conda" or "pip"
    words: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()  # written into the working directory before
    outside: bool = False  # done without the guard, to see what comes after it
    goes_on: str = "guarded"  # or "bare": whose result the next operation meets


@dataclass(frozen=True)
class Sequence:
    """Operations on one environment, which the first one makes."""

    seed: int
    number: int
    operations: tuple[Operation, ...]


@dataclass
class Memory:
    """What has been asked for already: people come back to it."""

    dice: random.Random
    conda: list[str] = field(default_factory=list)
    pip: list[str] = field(default_factory=list)

    def conda_name(self) -> str:
        """Something from the channels."""
        return self._pick(pools.CONDA, [*self.conda, *map(pools.conda_name, self.pip)])

    def pip_name(self) -> str:
        """Something from the wheels."""
        return self._pick(pools.PIP, [*self.pip, *map(pools.pip_name, self.conda)])

    def _pick(self, pool: dict[str, tuple[str, ...]], known: list[str]) -> str:
        names = {pools.conda_name(name) for name in pools.POPULAR} | set(pools.POPULAR)
        luck = self.dice.random()
        seen = [name for name in known if name in pool]
        if seen and luck < 0.4:
            return self.dice.choice(seen)
        if luck < 0.75:
            return self.dice.choice([name for name in sorted(names) if name in pool])
        return self.dice.choice(sorted(pool))


# ---- conda -------------------------------------------------------------------------------------


def _conda_spec(memory: Memory) -> str:
    name = memory.conda_name()
    memory.conda.append(name)
    if memory.dice.random() >= 0.4:
        return name
    sign = memory.dice.choice(["=", "=", ">=", "<="])
    return name + sign + memory.dice.choice(pools.CONDA[name])


def _create(memory: Memory) -> Drawn:
    start = memory.dice.choice(pools.STARTS)
    memory.conda += [spec.partition("=")[0] for spec in start]
    python = memory.dice.choice(["python", "python", "python", "python=3.10"])
    python = "python" if "pytorch" in start else python  # its library is made for that one
    wanted = 1.0 if "torchvision" in start else 0.5 if "pytorch" in start else 0.0
    channel = ["-c", "pytorch"] if memory.dice.random() < wanted else []
    return ["conda", "create", "-y", "-q", "-n", "{env}", *channel, python, "pip", *start], {}


def _add(*options: str, most: int = 2) -> Callable[[Memory], Drawn]:
    def draw(memory: Memory) -> Drawn:
        specs = [_conda_spec(memory) for _ in range(memory.dice.randint(1, most))]
        specs = list({re.split("[<>=]", spec)[0]: spec for spec in specs}.values())
        place = memory.dice.choice([[], ["-n", "{env}"], ["-p", "{prefix}"]])
        channel = (
            ["-c", "pytorch"] if any(s.startswith(("pytorch", "torch")) for s in specs) else []
        )
        return ["conda", "install", "-y", *options, *place, *channel, *specs], {}

    return draw


def _update(memory: Memory) -> Drawn:
    return ["conda", "update", "-y", _known(memory)], {}


def _known(memory: Memory) -> str:
    """Something that conda has been asked for before, most likely."""
    known = [name for name in memory.conda if name in pools.CONDA]
    return memory.dice.choice(known) if known else memory.conda_name()


def _move_python(memory: Memory) -> Drawn:
    minor = memory.dice.choice(["3.10", "3.11"])
    return ["conda", "install", "-y", f"python={minor}"], {}


def _update_all(memory: Memory) -> Drawn:
    return ["conda", "update", "-y", "--all"], {}


def _remove(*options: str) -> Callable[[Memory], Drawn]:
    def draw(memory: Memory) -> Drawn:
        return ["conda", "remove", "-y", *options, _known(memory)], {}

    return draw


def _look(memory: Memory) -> Drawn:
    """Reading destroys evidence: conda deletes the records of what pip has replaced."""
    return ["conda", "list"], {}


# ---- pip ---------------------------------------------------------------------------------------


def _pip_spec(memory: Memory, exact: float) -> str:
    name = memory.pip_name()
    memory.pip.append(name)
    if memory.dice.random() >= exact:
        return name
    sign = memory.dice.choice(["==", "==", "==", ">=", "<", "~="])
    return name + sign + memory.dice.choice(pools.PIP[name])


def _install(*options: str, exact: float = 0.3, most: int = 2) -> Callable[[Memory], Drawn]:
    def draw(memory: Memory) -> Drawn:
        specs = [_pip_spec(memory, exact) for _ in range(memory.dice.randint(1, most))]
        start = memory.dice.choice([["pip"], ["pip"], ["python", "-m", "pip"]])
        return [*start, "install", *options, *specs], {}

    return draw


def _from_file(memory: Memory) -> Drawn:
    lines = [_pip_spec(memory, 0.5) for _ in range(memory.dice.randint(2, 4))]
    text = "# what we need\n" + "".join(f"{line}\n" for line in dict.fromkeys(lines))
    upgrade = memory.dice.choice([[], [], ["-U"]])
    return ["pip", "install", *upgrade, "-r", "requirements.txt"], {"requirements.txt": text}


def _wheel(memory: Memory) -> Drawn:
    name = memory.pip_name()
    memory.pip.append(name)
    version = memory.dice.choice(pools.PIP[name])
    path = f"{{wheels}}/{name.replace('-', '_')}-{version}-py3-none-any.whl"
    return ["pip", "install", *memory.dice.choice([[], [], ["--no-deps"]]), path], {}


def _vcs(memory: Memory) -> Drawn:
    memory.pip.append("transformers")
    branch = memory.dice.choice(["main", "v4.35.2"])
    return ["pip", "install", f"git+file://{{repository}}@{branch}"], {}


def _project(memory: Memory) -> Drawn:
    name = memory.dice.choice(sorted(pools.PROJECTS))
    editable = memory.dice.choice([["-e"], ["-e"], []])
    return ["pip", "install", *editable, f"{{projects}}/{name}"], {}


def _uninstall(memory: Memory) -> Drawn:
    known = [*memory.pip, *map(pools.pip_name, memory.conda)]
    name = memory.dice.choice(known) if known else memory.pip_name()
    return ["pip", "uninstall", "-y", name], {}


def _uv(verb: str) -> Callable[[Memory], Drawn]:
    def draw(memory: Memory) -> Drawn:
        words, files = _uninstall(memory) if verb == "uninstall" else _install(exact=0.5)(memory)
        words = ["pip", *(word for word in words if word not in ("python", "-m", "pip", "-y"))]
        local = ["--no-index", "-f", "{wheels}"] if verb == "install" else []
        return ["uv", "pip", words[1], *local, *words[2:]], files

    return draw


def _through_conda_run(memory: Memory) -> Drawn:
    words, files = _install()(memory)
    return ["conda", "run", "-n", "{env}", *words], files


# ---- the whole ---------------------------------------------------------------------------------

CREATE = "conda create"
KINDS: dict[str, tuple[str, int, Callable[[Memory], Drawn]]] = {
    CREATE: ("conda", 0, _create),
    "conda install": ("conda", 16, _add()),
    "conda install python=": ("conda", 3, _move_python),
    "conda install --no-deps": ("conda", 2, _add("--no-deps", most=1)),
    "conda install --freeze-installed": ("conda", 3, _add("--freeze-installed")),
    "conda install --force-reinstall": (
        "conda",
        2,
        _add("--force-reinstall", most=1),
    ),
    "conda update": ("conda", 5, _update),
    "conda update --all": ("conda", 3, _update_all),
    "conda remove": ("conda", 5, _remove()),
    "conda remove --force": ("conda", 2, _remove("--force")),
    "pip install": ("pip", 20, _install()),
    "pip install --upgrade": ("pip", 6, _install("-U")),
    "pip install --no-deps": ("pip", 3, _install("--no-deps", exact=0.6, most=1)),
    "pip install --force-reinstall": ("pip", 3, _install("--force-reinstall", most=1)),
    "pip install --ignore-installed": ("pip", 2, _install("--ignore-installed", most=1)),
    "pip install -r": ("pip", 5, _from_file),
    "pip install WHEEL": ("pip", 4, _wheel),
    "pip install git+": ("pip", 4, _vcs),
    "pip install PROJECT": ("pip", 4, _project),
    "pip uninstall": ("pip", 6, _uninstall),
    "uv pip install": ("pip", 4, _uv("install")),
    "uv pip uninstall": ("pip", 1, _uv("uninstall")),
    "conda run pip install": ("pip", 2, _through_conda_run),
}
"""Every kind of operation: the tool that changes something, its weight, how it is drawn."""

OUTSIDE = 0.12  # the share of operations that nobody guards
BARE = 0.15  # the share after which the unguarded result goes on


def draw(seed: int, number: int, length: int = 5) -> Sequence:
    """The sequence of that number; the environment is made first, then changed ``length`` times."""
    dice = random.Random(f"{seed}/{number}")
    memory = Memory(dice)
    first = _operation(CREATE, memory)
    return Sequence(seed, number, (first, *(_any(memory) for _ in range(length))))


def _any(memory: Memory) -> Operation:
    dice = memory.dice
    outside = dice.random() < OUTSIDE
    if outside and dice.random() < 0.2:
        words, _ = _look(memory)
        return Operation("conda list", "conda", tuple(words), outside=True)
    weights = [weight for _, weight, _ in KINDS.values()]
    kind = dice.choices(list(KINDS), weights)[0]
    goes_on = "bare" if dice.random() < BARE else "guarded"
    return _operation(kind, memory, outside, goes_on)


def _operation(
    kind: str, memory: Memory, outside: bool = False, goes_on: str = "guarded"
) -> Operation:
    tool, _, drawer = KINDS[kind]
    words, files = drawer(memory)
    return Operation(kind, tool, tuple(words), tuple(files.items()), outside, goes_on)
