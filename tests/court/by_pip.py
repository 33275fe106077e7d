"""How pip's and uv's commands are drawn, and what damages an environment."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.court import pools
from tests.court.memory import Drawn, Memory

Drawer = Callable[[Memory], Drawn]

REQUIREMENTS = "requirements.txt"
UV_PLACES: tuple[list[str], ...] = (
    [],
    [],
    ["--python", "{prefix}"],
    ["--python", "{prefix}/bin/python"],
)


def install(*options: str, exact: float = 0.3, most: int = 2) -> Drawer:
    def draw(memory: Memory) -> Drawn:
        specs = [memory.pip_spec(exact) for _ in range(memory.dice.randint(1, most))]
        start = memory.dice.choice([["pip"], ["pip"], ["python", "-m", "pip"]])
        return Drawn([*start, "install", *options, *specs])

    return draw


def from_file(memory: Memory) -> Drawn:
    """One time in three it includes another one, which may include it again."""
    lines = [memory.pip_spec(0.5) for _ in range(memory.dice.randint(2, 4))]
    text = "# what we need\n" + _lines(lines)
    files = {REQUIREMENTS: text}
    if memory.dice.random() < 0.33:
        files = {REQUIREMENTS: f"-r base/all.txt\n{lines[0]}\n", "base/all.txt": text}
    upgrade = memory.dice.choice([[], [], ["-U"]])
    return Drawn(["pip", "install", *upgrade, "-r", REQUIREMENTS], files)


def _lines(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


def constrained(memory: Memory) -> Drawn:
    names = {memory.pip_name(): None for _ in range(3)}
    limits = [f"{name}=={memory.dice.choice(pools.PIP[name])}" for name in names]
    drawn = install()(memory)
    return Drawn([*drawn.words, "-c", "constraints.txt"], {"constraints.txt": _lines(limits)})


def with_hashes(memory: Memory) -> Drawn:
    lines = []
    for name in memory.dice.sample(pools.ALONE, 2):
        version = memory.dice.choice(pools.PIP[name])
        memory.pip.append(name)
        lines.append(f"{name}=={version} --hash=sha256:[[sha256 {name} {version}]]")
    words = ["pip", "install", "--require-hashes", "-r", REQUIREMENTS]
    return Drawn(words, {REQUIREMENTS: _lines(lines)})


def under_settings(memory: Memory) -> Drawn:
    environ = memory.dice.choice(pools.SETTINGS)
    return Drawn(install()(memory).words, dict(pools.SETTINGS_FILES), environ)


def wheel(memory: Memory) -> Drawn:
    name = memory.pip_name()
    memory.pip.append(name)
    version = memory.dice.choice(pools.PIP[name])
    path = f"{{wheels}}/{name.replace('-', '_')}-{version}-py3-none-any.whl"
    return Drawn(["pip", "install", *memory.dice.choice([[], [], ["--no-deps"]]), path])


def vcs(memory: Memory) -> Drawn:
    memory.pip.append("transformers")
    branch = memory.dice.choice(["main", "v4.35.2"])
    return Drawn(["pip", "install", f"git+file://{{repository}}@{branch}"])


def project(memory: Memory) -> Drawn:
    name = memory.dice.choice(sorted(pools.PROJECTS))
    editable = memory.dice.choice([["-e"], ["-e"], []])
    return Drawn(["pip", "install", *editable, f"{{projects}}/{name}"])


def uninstall(memory: Memory) -> Drawn:
    known = [*memory.pip, *map(pools.pip_name, memory.conda)]
    name = memory.dice.choice(known) if known else memory.pip_name()
    return Drawn(["pip", "uninstall", "-y", name])


def meet(theme: str) -> Drawer:
    """Something of the theme's family comes, or goes again."""

    def draw(memory: Memory) -> Drawn:
        name = memory.dice.choice(memory.family(theme).pip)
        if name in memory.pip and memory.dice.random() < 0.6:
            return Drawn(["pip", "uninstall", "-y", name])
        memory.pip.append(name)
        return Drawn(["pip", "install", *memory.dice.choice([[], [], ["-U"]]), name])

    return draw


def uv(verb: str) -> Drawer:
    def draw(memory: Memory) -> Drawn:
        drawn = uninstall(memory) if verb == "uninstall" else install(exact=0.5)(memory)
        words = [word for word in drawn.words if word not in ("python", "-m", "pip", "-y")]
        local = ["--no-index", "-f", "{wheels}"] if verb == "install" else []
        place = memory.dice.choice(UV_PLACES)
        return Drawn(["uv", "pip", words[0], *place, *local, *words[1:]])

    return draw


def uv_sync(memory: Memory) -> Drawn:
    lines = [memory.pip_spec(0.5) for _ in range(memory.dice.randint(1, 3))]
    place = memory.dice.choice(UV_PLACES)
    words = ["uv", "pip", "sync", *place, "--no-index", "-f", "{wheels}", REQUIREMENTS]
    return Drawn(words, {REQUIREMENTS: _lines(lines)})


def through_conda_run(memory: Memory) -> Drawn:
    return Drawn(["conda", "run", "-n", "{env}", *install()(memory).words])


def damage(memory: Memory) -> Drawn:
    """Something happens to a package that is there, most likely."""
    names = [*memory.conda, *memory.pip] or ["six"]
    name = memory.dice.choice(names)
    command = memory.dice.choice(pools.DAMAGES)
    stem = re.sub(r"[-_.]+", "_", pools.pip_name(name))
    words = ["sh", "-c", command.format(stem=stem, package=name)]
    return Drawn(words, {"forget_files.py": pools.FORGET_FILES})
