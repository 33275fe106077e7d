"""conda's ``ruamel_yaml`` has the name of ``ruamel.yaml`` to pip, and not its module."""

from __future__ import annotations

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
def channel(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("copies")
    copy = packed("ruamel_yaml", "0.15.87", "ruamel_yaml")
    write_channel(str(directory), [copy, packed("ruamel.yaml", "0.17.21", "ruamel/yaml")])
    world.create_env(NAME, "python", "pip")
    add = [
        "conda",
        "install",
        "-yq",
        "-n",
        NAME,
        "--override-channels",
        "-c",
        f"file://{directory}",
    ]
    world.run([*add, "ruamel_yaml"], check=True)
    yield f"file://{directory}"
    world.remove_env(NAME)


def test_it_is_not_taken_for_the_true_one(world: World, channel: str) -> None:
    """The advice makes the import work, and then nothing is said any more."""
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
    more = f" -y --override-channels -c {channel}"
    assert harness.pasted(world, fix + more, NAME).returncode == 0
    assert world.run(imports, NAME).returncode == 0
    done = harness.run(world, ["pip", "install", "ruamel.yaml"], NAME)
    assert (done.returncode, b"SI202" in done.stderr) == (0, False), done.stderr.decode()
