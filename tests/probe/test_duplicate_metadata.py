"""Two distributions of one name, conda's and pip's: what pip sees, and what it may do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from tests import harness
from tests.guard.test_run import content
from tests.uv import UV

if TYPE_CHECKING:
    from safeinstall.model import CondaDistribution
    from safeinstall.sandbox.world import World

LATER = ("conda over pip", "pip over conda")


@pytest.fixture(scope="module", params=LATER)
def twins(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    """An environment with conda's six 1.15 and pip's 1.16; no test touches these two."""
    name = f"twins{os.getpid()}"
    world.create_env(name, "python", "pip")
    steps = [
        ["pip", "install", "--ignore-installed", "six==1.16.0"],
        ["conda", "install", "-y", "six=1.15"],
    ]
    for step in steps if request.param == "conda over pip" else steps[::-1]:
        world.run(step, name, check=True)
    yield name
    world.remove_env(name)


def six(prefix: str) -> CondaDistribution:
    (found,) = (d for d in inventory.scan(describe(prefix)).conda_distributions if d.name == "six")
    return found


def test_both_stand_in_the_inventory_and_pip_sees_what_we_say(world: World, twins: str) -> None:
    prefix = world.env(twins)
    both = [p for p in inventory.scan(describe(prefix)).packages if p.name == "six"]
    assert [(p.version, p.owner) for p in both] == [("1.15.0", "conda"), ("1.16.0", "pip")]
    there = six(prefix)
    assert (there.package.version, there.twin and there.twin.version) == ("1.15.0", "1.16.0")
    listed = world.run(["pip", "list", "--format=freeze"], twins, check=True).stdout.decode()
    assert f"six=={there.version}" in listed.split()


def test_python_3_10_sorts(world: World, twins: str) -> None:
    """pip asks pkg_resources there, which sorts what it finds in a directory."""
    site = describe(world.env(twins))
    there = inventory.scan(site.replace(python="3.10")).conda_distributions
    assert {d.version for d in there if d.name == "six"} == {"1.15.0"}


@pytest.mark.parametrize("spec", ["tqdm", "python-dateutil", "six"])
def test_what_does_not_touch_them_is_installed(world: World, twins: str, spec: str) -> None:
    done = harness.run(world, ["pip", "install", spec], twins)
    assert done.returncode == 0, done.stderr.decode()
    assert b"SI202" not in done.stderr


STOPPED = (
    "pip install six==1.17.0",
    "pip install --force-reinstall six",
    "pip install --force-reinstall python-dateutil",
    "pip install -U --ignore-installed six==1.16.0",
    "pip uninstall -y six",
)


@pytest.mark.parametrize("line", STOPPED)
def test_what_would_destroy_condas_files_is_stopped(world: World, twins: str, line: str) -> None:
    before = content(world.env(twins))
    done = harness.run(world, line.split(), twins)
    assert done.returncode == 77, done.stderr.decode()
    assert b"conda's 1.15.0 and pip's 1.16.0, both" in done.stderr
    assert content(world.env(twins)) == before


def test_an_upgrade_is_passed_over(world: World, twins: str) -> None:
    before = content(world.env(twins))
    done = harness.run(world, ["pip", "install", "-U", "six"], twins)
    assert (done.returncode, content(world.env(twins))) == (0, before)
    assert b"warning SI202" in done.stderr


@pytest.mark.skipif(not UV, reason="uv is not here")
@pytest.mark.parametrize(("spec", "status"), [("tqdm", 0), ("six", 1), ("python-dateutil", 1)])
def test_uv_takes_two_of_a_name_away(
    world: World, twins: str, tmp_path_factory: pytest.TempPathFactory, spec: str, status: int
) -> None:
    before = content(world.env(twins))
    python = f"{world.env(twins)}/bin/python"
    environ = {"UV_CACHE_DIR": str(tmp_path_factory.mktemp("uv")), "UV_OFFLINE": "1"}
    line = [str(UV), "pip", "install", "--python", python, "--no-index", "-f", world.wheels, spec]
    done = harness.run(world, line, twins, environ=environ)
    assert done.returncode == status, done.stderr.decode()
    if status:
        assert content(world.env(twins)) == before
    else:
        assert os.path.isdir(f"{world.env(twins)}/lib")
