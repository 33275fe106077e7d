"""Every way to start pip and conda, in an environment whose door is open."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.door import files
from safeinstall.probe.environment import describe
from safeinstall.sandbox.world import World
from tests.door import ways
from tests.kinds import site_packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import CompletedProcess

FILES = {
    "script.sh": f"#!/bin/bash\npip {ways.PIP}\n",
    "call.py": "import subprocess, sys\nsys.exit(subprocess.call(sys.argv[1:]))\n",
    "system.py": "import os, sys\nsys.exit(os.system(sys.argv[1]) >> 8)\n",
    "exec.py": "import os, sys\nos.execvp(sys.argv[1], sys.argv[1:])\n",
    "spawn.py": (
        "import multiprocessing, subprocess, sys\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        sys.exit(pool.apply(subprocess.call, (sys.argv[1:],)))\n"
    ),
    "Makefile": f"all:\n\tpip {ways.PIP}\nconda:\n\tconda {ways.CONDA}\n",
    "noxfile.py": (
        "import nox\n\n\n@nox.session(venv_backend='none')\ndef broken(session):\n"
        f"    session.run(*{['pip', *ways.PIP.split()]})\n"
    ),
    "test_it.py": (
        "import subprocess\n\n\ndef test_it():\n"
        f"    assert subprocess.call({['pip', *ways.PIP.split()]}) == 0\n"
    ),
    "six.yml": "dependencies:\n  - six\n",
    "snapshot.sh": "shopt -s expand_aliases\n",
}


@dataclass
class House:
    """A world with doors in its base and in an environment of conda's numpy and pip's six."""

    world: World
    work: Path

    @property
    def prefix(self) -> str:
        return self.world.env("house")

    def written(self, text: str) -> str:
        places = {
            "{E}": self.prefix,
            "{B}": self.world.root,
            "{H}": self.world.home,
            "{W}": str(self.work),
            "{X}": os.path.dirname(sys.executable),
            "{M}": os.path.join(self.world.home, ".local", "state", "safeinstall", "shims"),
            "{S}": str(site_packages(self.prefix)),
            "{L}": str(ways.PIP.split()).replace("'", '"'),
        }
        for mark, path in places.items():
            text = text.replace(mark, path)
        return text

    def run(self, text: str) -> CompletedProcess[bytes]:
        return self.world.run(["sh", "-c", self.written(text)], "house", cwd=str(self.work))

    def is_whole(self) -> bool:
        """Is numpy conda's still, and six pip's?"""
        return [self._installer(name) for name in ("numpy", "six")] == ["conda", "pip"]

    def _installer(self, name: str) -> str:
        found = site_packages(self.prefix).glob(f"{name}-*.dist-info/INSTALLER")
        return " ".join(path.read_text().strip() for path in found)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    world = World.create(tmp_path_factory.mktemp("door") / "world")
    house = House(world, tmp_path_factory.mktemp("work"))
    furnish(house)
    open_doors(house)
    yield house
    world.close()


def furnish(house: House) -> None:
    """The environment."""
    world = house.world
    world.create_env("house", "python", "pip", "numpy")
    world.run(["pip", "install", "-q", "six"], "house", check=True)


def refurnish(house: House) -> None:
    """The environment once more, with a door."""
    house.world.remove_env("house")
    furnish(house)
    files.put(describe(house.prefix))


def open_doors(house: House) -> None:
    """The doors, and the files that the ways start."""
    world = house.world
    ours = [sys.executable, "-m", "safeinstall", "setup", "bash", "--yes", "--shims"]
    path = f"{os.path.dirname(sys.executable)}:{os.defpath}"
    world.run(ours, check=True, environ={"PATH": path})
    for name, text in FILES.items():
        (house.work / name).write_text(text)
    (house.work / "script.sh").chmod(0o755)
    repository = house.work / "repository"
    world.run(["git", "init", "-q", str(repository)], check=True)
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.write_text(FILES["script.sh"])
    hook.chmod(0o755)


def test_the_page_has_a_row_for_each_way() -> None:
    page = Path(__file__, "..", "..", "..", "docs", "reach.md").resolve().read_text()
    rows = [row.split(" | ")[0] for row in page.splitlines() if row.startswith("| `")]
    told = [way.name for section in ways.SECTIONS.values() for way in section]
    assert rows == [f"| `{name}`" for name in told]


@pytest.mark.parametrize("way", ways.GUARDED, ids=lambda way: way.name)
def test_it_comes_to_the_guard(house: House, way: ways.Way) -> None:
    done = house.run(way.text)
    said = (done.stdout + done.stderr).decode()
    whole = house.is_whole()
    if not whole:  # for those that come after
        refurnish(house)
    assert whole, said
    assert "safeinstall: blocked by SI20" in said
    assert done.returncode


@pytest.mark.parametrize("way", ways.SEEN, ids=lambda way: way.name)
def test_it_is_seen_afterwards(house: House, way: ways.Way) -> None:
    """What goes past every door shows as drift in the next record."""
    house.run(way.text)
    assert not house.is_whole()
    house.run("pip install -q tqdm")
    told = house.world.run([sys.executable, "-m", "safeinstall", "history", "-n", "house"])
    refurnish(house)
    assert "numpy" in told.stdout.decode()
