"""How conda's commands are drawn."""

from __future__ import annotations

from collections.abc import Callable

from tests.court import pools, store
from tests.court.memory import Drawn, Memory, name_of

Drawer = Callable[[Memory], Drawn]

ENVIRONMENT = "environment.yml"


# ---- a new environment -------------------------------------------------------------------------


def _start(memory: Memory) -> tuple[str, ...]:
    """Half of the sequences have a theme; then its packages are there from the beginning."""
    if memory.dice.random() < 0.5:
        memory.theme = memory.dice.choice(list(pools.THEMES))
        start: tuple[str, ...] = (memory.family(memory.theme).conda[0],)
    else:
        start = memory.dice.choice(pools.STARTS)
    memory.conda += map(name_of, start)
    return start


def create(memory: Memory) -> Drawn:
    start = _start(memory)
    python = memory.dice.choice(["python", "python", "python", "python=3.10"])
    # pytorch's library and the Python that is elsewhere are made for that one
    usual = "pytorch" in start or memory.theme == "moved site-packages"
    python = "python" if usual else python
    wanted = 1.0 if "torchvision" in start else 0.5 if "pytorch" in start else 0.0
    channel = ["-c", "pytorch"] if memory.dice.random() < wanted else []
    return Drawn(["conda", "create", "-y", "-q", "-n", "{env}", *channel, python, "pip", *start])


def create_explicitly(memory: Memory) -> Drawn:
    names = memory.dice.sample(["six", "idna", "tqdm", "packaging", "numpy"], 3)
    memory.conda += names
    files = {"explicit.txt": _explicit(["python", "pip", *names])}
    return Drawn(["conda", "create", "-y", "-n", "{env}", "--file", "explicit.txt"], files)


def create_from_file(memory: Memory) -> Drawn:
    conda = [*_start(memory)]
    pip = [memory.pip_spec(0.4) for _ in range(memory.dice.randint(1, 2))]
    text = environment_file(["python", "pip", *conda], pip)
    words = ["conda", "env", "create", "-n", "{env}", "-f", ENVIRONMENT]
    return Drawn(words, {ENVIRONMENT: text})


# ---- what changes one --------------------------------------------------------------------------


def add(*options: str, most: int = 2) -> Drawer:
    def draw(memory: Memory) -> Drawn:
        specs = [memory.conda_spec() for _ in range(memory.dice.randint(1, most))]
        specs = list({name_of(spec): spec for spec in specs}.values())
        place = memory.dice.choice([[], ["-n", "{env}"], ["-p", "{prefix}"]])
        torch = any(spec.startswith(("pytorch", "torch")) for spec in specs)
        channel = ["-c", "pytorch"] if torch else []
        return Drawn(["conda", "install", "-y", *options, *place, *channel, *specs])

    return draw


def add_explicitly(memory: Memory) -> Drawn:
    names = memory.dice.sample([pools.conda_name(name) for name in pools.ALONE], 1)
    memory.conda += names
    lines = [f"{name} {memory.dice.choice(pools.CONDA[name])}" for name in names]
    words = ["conda", "install", "-y", "--file", "explicit.txt"]
    return Drawn(words, {"explicit.txt": _explicit(lines)})


def _explicit(items: list[str]) -> str:
    return "@EXPLICIT\n" + "".join(f"[[url {item}]]\n" for item in items)


def update(memory: Memory) -> Drawn:
    return Drawn(["conda", "update", "-y", memory.known()])


def move_python(memory: Memory) -> Drawn:
    minor = memory.dice.choice(["3.10", "3.11"])
    return Drawn(["conda", "install", "-y", f"python={minor}"])


def update_all(memory: Memory) -> Drawn:
    return Drawn(["conda", "update", "-y", "--all"])


def remove(*options: str) -> Drawer:
    return lambda memory: Drawn(["conda", "remove", "-y", *options, memory.known()])


def remove_pip(memory: Memory) -> Drawn:
    return Drawn(["conda", "remove", "-y", "pip"])


def look(memory: Memory) -> Drawn:
    """Reading destroys evidence: conda deletes the records of what pip has replaced."""
    return Drawn(["conda", "list"])


def meet(theme: str) -> Drawer:
    """Something of the theme's family, which the environment most likely has already."""

    def draw(memory: Memory) -> Drawn:
        specs = memory.family(theme).conda
        luck = memory.dice.random()
        if theme == "variants" and luck < 0.7:
            return Drawn(["conda", "update", "-y", *(["--all"] if luck < 0.35 else [specs[-1]])])
        if store.MOVED in specs or luck < 0.6:
            memory.conda.append(name_of(specs[-1]))
            return Drawn(["conda", "install", "-y", specs[-1]])
        return Drawn(["conda", "remove", "-y", name_of(specs[0])])

    return draw


# ---- environment files -------------------------------------------------------------------------


def environment_file(conda: list[str], pip: list[str]) -> str:
    """The text of one."""
    lines = [f"  - {spec}" for spec in dict.fromkeys(conda)]
    lines += ["  - pip:", *(f"    - {line}" for line in dict.fromkeys(pip))] if pip else []
    return "\n".join(["channels:", "  - conda-forge", "dependencies:", *lines, ""])


def update_from_file(*options: str, settings: bool = False) -> Drawer:
    """``--prune``: what is not in the file goes, and may come back by pip."""

    def draw(memory: Memory) -> Drawn:
        known = list(dict.fromkeys(name for name in memory.conda if name in pools.CONDA))
        conda = [name for name in known if memory.dice.random() < 0.7]
        pip = [memory.pip_spec(0.4) for _ in range(memory.dice.randint(1, 2))]
        dropped = [pools.pip_name(name) for name in known if name not in conda]
        pip += [name for name in dropped if name in pools.PIP and memory.dice.random() < 0.5]
        pip += [memory.dice.choice(pools.INDEX_LINES)] if memory.dice.random() < 0.2 else []
        conda += [memory.conda_spec()] if memory.dice.random() < 0.4 else []
        files = {ENVIRONMENT: environment_file(["python", "pip", *conda], pip)}
        environ = memory.dice.choice(pools.SETTINGS) if settings else {}
        words = ["conda", "env", "update", "-n", "{env}", *options, "-f", ENVIRONMENT]
        return Drawn(words, files | (pools.SETTINGS_FILES if settings else {}), environ)

    return draw
