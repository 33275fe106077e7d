"""What pip has uninstalled, and conda still has a record of: conda goes by the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.distribution import Distribution
from tests import harness

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World


def boosting(version: str, build: str) -> Package:
    files = Distribution("lightgbm", version, "lightgbm").files(installer="conda")
    listed = {f"site-packages/{path}": File(data) for path, data in files.items()}
    depends = ("python >=3.8",)
    return Package("lightgbm", version, build, depends=depends, noarch="python", files=listed)


@pytest.fixture
def channel(tmp_path: Path) -> str:
    """A channel whose newer build is for the CPU."""
    directory = str(tmp_path / "boosting")
    write_channel(directory, [boosting("4.1.0", "cuda118_0"), boosting("4.2.0", "cpu_0")])
    return f"file://{directory}"


@pytest.mark.parametrize("line", ["conda update -y --all", "conda update -y --update-all pip"])
def test_its_build_for_the_gpu_is_not_exchanged(
    world: World, conda_env: str, channel: str, line: str
) -> None:
    words = ["conda", "install", "-y", "-c", channel, "lightgbm=4.1.0"]
    world.run(words, conda_env, check=True)
    world.run(["pip", "uninstall", "-y", "lightgbm"], conda_env, check=True)
    answer = harness.check(world, [*line.split(), "-c", channel], conda_env)
    assert ("SI206", 77) in [(code, answer["status"]) for code in harness.rules(answer)], answer
    done = harness.run(world, [*line.split(), "-c", channel], conda_env)
    assert done.returncode == 77, done.stderr.decode()
    assert b"lightgbm" in done.stderr
