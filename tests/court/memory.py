"""What has been asked for in a sequence: people come back to it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from tests.court import pools

WORDS_END = re.compile("[<>=~!]")


@dataclass(frozen=True)
class Drawn:
    """The words of a command, the files they speak of, and variables.

    Words and variables may hold ``{env}``, ``{prefix}``, ``{wheels}``, ``{repository}``,
    ``{projects}``, ``{work}``, ``{outside}`` and ``{python}``, which stand for what the world has;
    files, ``[[wheels]]``, ``[[outside]]``, ``[[url NAME VERSION]]``, ``[[sha256 NAME VERSION]]``.
    """

    words: list[str]
    files: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)


@dataclass
class Memory:
    """The dice, the names so far, and what the sequence is about."""

    dice: random.Random
    conda: list[str] = field(default_factory=list)
    pip: list[str] = field(default_factory=list)
    theme: str = ""
    families: dict[str, pools.Family] = field(default_factory=dict)

    def conda_name(self) -> str:
        """Something from the channels."""
        return self._pick(pools.CONDA, [*self.conda, *map(pools.conda_name, self.pip)])

    def pip_name(self) -> str:
        """Something from the wheels."""
        return self._pick(pools.PIP, [*self.pip, *map(pools.pip_name, self.conda)])

    def conda_spec(self) -> str:
        """Something from the channels, in a version perhaps."""
        name = self.conda_name()
        self.conda.append(name)
        if self.dice.random() >= 0.4:
            return name
        sign = self.dice.choice(["=", "=", ">=", "<="])
        return name + sign + self.dice.choice(pools.CONDA[name])

    def pip_spec(self, exact: float) -> str:
        """Something from the wheels; ``exact`` is how likely it is a version of it."""
        name = self.pip_name()
        self.pip.append(name)
        if self.dice.random() >= exact:
            return name
        sign = self.dice.choice(["==", "==", "==", ">=", "<", "~="])
        return name + sign + self.dice.choice(pools.PIP[name])

    def known(self) -> str:
        """Something that conda has been asked for before, most likely."""
        known = [name for name in self.conda if name in pools.EVERYTHING[0]]
        return self.dice.choice(known) if known else self.conda_name()

    def family(self, theme: str) -> pools.Family:
        """The one of a theme that this sequence keeps to."""
        if theme not in self.families:
            self.families[theme] = self.dice.choice(pools.THEMES[theme])
        return self.families[theme]

    def _pick(self, pool: dict[str, tuple[str, ...]], known: list[str]) -> str:
        names = {pools.conda_name(name) for name in pools.POPULAR} | set(pools.POPULAR)
        luck = self.dice.random()
        seen = [name for name in known if name in pool]
        if seen and luck < 0.4:
            return self.dice.choice(seen)
        if luck < 0.75:
            return self.dice.choice([name for name in sorted(names) if name in pool])
        return self.dice.choice(sorted(pool))


def name_of(spec: str) -> str:
    """The name that a spec begins with."""
    return WORDS_END.split(spec)[0]
