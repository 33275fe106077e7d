"""conda's ``ruamel_yaml`` has the name of ``ruamel.yaml`` to pip, and not its module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.distribution import Distribution
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

NAME = "copies"


def packed(name: str, version: str, module: str) -> Package:
    made = Distribution(name, version, module).files(installer="conda")
    files = {f"site-packages/{path}": File(data) for path, data in made.items()}
    return Package(name, version, "py_0", depends=("python",), noarch="python", files=files)


@pytest.fixture(scope="module")
def stocked(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world with a channel that has both, and an environment with the copy."""
    directory = tmp_path_factory.mktemp("copies")
    copy = packed("ruamel_yaml", "0.15.87", "ruamel_yaml")
    write_channel(str(directory), [copy, packed("ruamel.yaml", "0.17.21", "ruamel/yaml")])
    condarc = Path(world.home, ".condarc")
    before = condarc.read_text()
    condarc.write_text(before.replace("channels:\n", f"channels:\n  - file://{directory}\n", 1))
    world.create_env(NAME, "python", "pip", "ruamel_yaml")
    yield world
    world.remove_env(NAME)
    condarc.write_text(before)


def test_it_is_not_taken_for_the_true_one(stocked: World) -> None:
    """The advice makes the import work, and then nothing is said any more."""
    world = stocked
    done = harness.run(world, ["pip", "install", "ruamel.yaml"], NAME)
    assert done.returncode == 0
    assert b"already satisfied" in done.stdout  # says pip
    assert b"warning SI202" in done.stderr, done.stderr.decode()
    imports = ["python", "-c", "import ruamel.yaml"]
    assert world.run(imports, NAME).returncode == 1
    newer = harness.run(world, ["pip", "install", "ruamel.yaml>=0.16.12"], NAME)
    assert newer.returncode == 77
    (fix, *_) = harness.advice(newer)
    assert fix == f"conda install -n {NAME} 'ruamel.yaml>=0.16.12'"
    assert harness.pasted(world, f"{fix} -y", NAME).returncode == 0
    assert world.run(imports, NAME).returncode == 0
    done = harness.run(world, ["pip", "install", "ruamel.yaml"], NAME)
    assert (done.returncode, b"SI202" in done.stderr) == (0, False), done.stderr.decode()
