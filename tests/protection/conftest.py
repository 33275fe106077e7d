"""An environment with conda's numpy, and what is run in it, with and without the guard."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from safeinstall.sandbox.world import World
from tests import harness
from tests.journal.conftest import TORTURE

# The door would bring a tool to the guard, also where it is started by its path
BARE = {"SAFEINSTALL": "off"}

long = pytest.mark.skipif(not TORTURE, reason="for make torture")


@dataclass
class Scene:
    """One environment in a world."""

    world: World
    name: str

    @property
    def prefix(self) -> str:
        """Its path."""
        return self.world.root if self.name == "base" else self.world.env(self.name)

    def __truediv__(self, path: str) -> Path:
        return Path(self.prefix, path)

    def bare(self, *words: str, **environ: str) -> harness.Completed:
        """Without our guard; a word with a ``/`` is below the prefix."""
        program = str(self / words[0]) if "/" in words[0] else words[0]
        return self.world.run([program, *words[1:]], self.name, environ={**BARE, **environ})

    def guarded(self, *words: str, **environ: str) -> harness.Completed:
        """With it."""
        return harness.run(self.world, words, self.name, environ=environ)

    def ours(self, *words: str, status: int = 0) -> str:
        """What ``safeinstall WORDS`` has said, on stdout and stderr."""
        done = self.world.run([sys.executable, "-m", "safeinstall", *words], self.name)
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == status, said
        return said

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Mode and content of each file, without those of ours in our own directory."""
        found = {}
        for path in Path(self.prefix).rglob("*"):
            inside = path.relative_to(self.prefix)
            if inside.parts[0] == ".safeinstall" or "__pycache__" in inside.parts:
                continue
            content = b"" if path.is_dir() or path.is_symlink() else path.read_bytes()
            found[str(inside)] = path.lstat().st_mode, content
        return found


@pytest.fixture
def scene(world: World, conda_env: str) -> Iterator[Scene]:
    """conda owns numpy 1.26, and pip nothing."""
    world.run(["conda", "install", "-y", "-q", "-n", conda_env, "numpy=1.26"], check=True)
    yield Scene(world, conda_env)
    world.run(["rm", "-rf", os.path.join(os.path.dirname(world.env("x")), ".safeinstall")])
