"""What counts besides the words: the tool's version and its configuration files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def test_a_variable_that_makes_it_a_dry_run(world: World, conda_env: str) -> None:
    done = harness.run(world, ["pip", "install", "six"], conda_env, environ={"PIP_DRY_RUN": "1"})
    assert done.returncode == 0
    assert b"Would install six" in done.stdout
    assert harness.history(world, conda_env) == []


def test_the_environments_own_pip_conf_counts(world: World, conda_env: str) -> None:
    Path(world.env(conda_env), "pip.conf").write_text("[install]\ndry-run = true\n")
    done = harness.run(world, ["pip", "install", "six"], conda_env)
    assert b"Would install six" in done.stdout
    assert harness.history(world, conda_env) == []
