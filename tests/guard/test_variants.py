"""SI206 on a conda: the plan that would put a CPU build in the place of a CUDA build."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.archive import Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.world import World
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "train"
BLOCKED = b"safeinstall: blocked by SI206 variant-flip"
OLD = [
    Package("pytorch", "2.4.1", "cuda118_py311_300", depends=("cuda-version 11.8.*",)),
    Package("torchvision", "0.19", "cuda118_py311_0", depends=("pytorch 2.4.1",)),
    Package("cuda-version", "11.8", "h_3"),
    Package("tool", "1"),
    Package("hdf5", "1.14", "mpi_openmpi_h_0"),
]
NEW = [
    Package("pytorch", "2.5.1", "cpu_py311_0"),
    Package("torchvision", "0.20", "cpu_py311_0", depends=("pytorch 2.5.1",)),
    Package("faiss-cpu", "1.8", "py311_0_cpu", depends=("pytorch >=2.5",)),
    Package("lightning", "2.5", depends=("pytorch >=2.5",)),
    Package("tool", "2"),
    Package("hdf5", "1.15", "nompi_h_0"),
]
REAL = pytest.mark.real_conda


@pytest.fixture(scope="module", params=["sandbox", pytest.param("real", marks=REAL)])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world with an environment for the GPU. conda is offered newer builds, for the CPU."""
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    conda = os.environ["SAFEINSTALL_TEST_CONDA"] if request.param == "real" else None
    directory = tmp_path_factory.mktemp(request.param)
    write_channel(str(directory / "gpu"), OLD)
    created = World.create(directory / "world", conda)
    with open(f"{created.home}/.condarc", encoding="utf-8") as file:
        text = file.read()
    with open(f"{created.home}/.condarc", "w", encoding="utf-8") as file:
        file.write(text.replace("  - conda-forge", f"  - file://{directory}/gpu", 1))
    created.create_env(NAME, "pytorch", "torchvision", "tool", "hdf5")
    write_channel(str(directory / "gpu"), NEW)
    yield created
    created.close()


def builds(world: World) -> dict[str, str]:
    meta = f"{world.env(NAME)}/conda-meta"
    found = {}
    for name in os.listdir(meta):
        if name.endswith(".json"):
            with open(f"{meta}/{name}", encoding="utf-8") as file:
                record = json.load(file)
            found[record["name"]] = record["build"]
    return found


@pytest.mark.parametrize(
    "line",
    [
        "conda update -y --all",
        "conda install -y lightning=2.5",
        "conda install -y faiss-cpu",
        "conda install -y torchvision=0.20",
    ],
)
def test_it_is_stopped(world: World, line: str) -> None:
    before = builds(world)
    answer = harness.check(world, line.split(), NAME)
    assert ("SI206", 77) in [(code, answer["status"]) for code in harness.rules(answer)], answer
    done = harness.run(world, line.split(), NAME)
    assert BLOCKED in done.stderr, done.stderr.decode()
    assert done.returncode == 77
    assert builds(world) == before


@pytest.mark.parametrize(
    "line",
    [
        "conda install -n train -y --dry-run torchvision=0.20 pytorch",
        "conda create -n other -y --dry-run lightning=2.5",
        "conda install -n train -y tool=1",
    ],
)
def test_it_is_let_through(world: World, line: str) -> None:
    done = harness.run(world, line.split(), NAME)
    assert (done.returncode, b"SI206" in done.stderr) == (0, False), done.stderr.decode()


def test_the_advice_keeps_the_gpu_and_updates_the_rest(world: World) -> None:
    """The last one, as it changes the environment."""
    before = builds(world)
    keep, wanted = harness.advice(harness.run(world, ["conda", "install", "-y", "lightning"], NAME))
    assert harness.pasted(world, keep, NAME).returncode == 1  # conda has no solution, and says so
    assert builds(world) == before
    (update, *_) = harness.advice(harness.run(world, ["conda", "update", "-y", "--all"], NAME))
    assert update == "conda update -y --all 'pytorch=*=*cuda*' 'torchvision=*=*cuda*'"
    done = harness.pasted(world, update, NAME)
    assert (done.returncode, b"blocked" in done.stderr) == (0, False), done.stderr.decode()
    after = builds(world)
    assert after["pytorch"] == "cuda118_py311_300"
    assert os.path.exists(f"{world.env(NAME)}/conda-meta/tool-2-0.json")
    assert after["hdf5"] == "nompi_h_0"
    assert b"SI206 variant-flip" in done.stderr  # in a line, as MPI is gone
    done = harness.pasted(world, wanted, NAME)
    assert (done.returncode, b"SI206" in done.stderr) == (0, False), done.stderr.decode()
    assert builds(world)["pytorch"] == "cpu_py311_0"
