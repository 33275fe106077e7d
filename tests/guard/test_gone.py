"""What pip has uninstalled, and conda still has a record of: conda goes by the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


@pytest.mark.parametrize("line", ["conda update -y --all", "conda update -y --update-all pip"])
def test_its_build_for_the_gpu_is_not_exchanged(world: World, conda_env: str, line: str) -> None:
    world.run(["conda", "install", "-y", "python=3.10", "darts=0.27.0"], conda_env, check=True)
    world.run(["pip", "uninstall", "-y", "lightgbm"], conda_env, check=True)
    answer = harness.check(world, line.split(), conda_env)
    assert ("SI206", 77) in [(code, answer["status"]) for code in harness.rules(answer)], answer
    done = harness.run(world, line.split(), conda_env)
    assert done.returncode == 77, done.stderr.decode()
    assert b"lightgbm" in done.stderr
