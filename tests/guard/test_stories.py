"""pip in environments with conda-owned packages, end to end: real pip, and a conda engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import harness
from tests.guard.test_run import content

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World


def test_pip_does_not_replace_what_conda_built_on(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    before = content(world.env(conda_env))
    done = harness.run(world, ["pip", "install", "tensorflow"], conda_env)
    text = done.stderr.decode()
    assert done.returncode == 77, text
    assert "SI202" in text
    assert "numpy" in text
    assert content(world.env(conda_env)) == before
    (operation,) = harness.history(world, conda_env)
    assert (operation["status"], operation["verdict"]) == ("blocked", "block")
    assert "SI202" in [finding["rule"] for finding in operation["findings"]]
    assert operation["changes"] == []


def test_a_reason_takes_the_rail_away(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    environ = {"SAFEINSTALL_REASON": "a throw-away"}
    done = harness.run(world, ["pip", "install", "tensorflow"], conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    (operation,) = harness.history(world, conda_env)
    assert operation["override"] == "a throw-away"
    (numpy,) = [change for change in operation["changes"] if change["name"] == "numpy"]
    assert numpy["before"]["owner"] == "conda"
    assert numpy["after"]["owner"] == "pip"


def test_pip_does_not_uninstall_what_conda_owns(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "six"], conda_env, check=True)
    done = harness.run(world, ["pip", "uninstall", "-y", "six"], conda_env)
    assert done.returncode == 77
    assert b"SI203" in done.stderr
    assert b"conda remove" in done.stderr


def test_an_exception_lets_one_package_go(world: World, conda_env: str) -> None:
    policy = (
        "[[exceptions]]\nrule = 'SI202'\npackages = ['numpy']\nreason = 'SEC-412'\n" + harness.REST
    )
    place = f"{world.home}/{conda_env}.toml"
    with open(place, "w", encoding="utf-8") as file:
        file.write(policy)
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    environ = {"SAFEINSTALL_POLICY": place}
    done = harness.run(world, ["pip", "install", "tensorflow"], conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("cache", ["as it is", "empty"])
def test_conda_does_not_build_on_what_pip_has_put_in_the_way(
    world: World, conda_env: str, tmp_path: Path, cache: str
) -> None:
    """conda believes that its own numpy is there still, and that it will do. What scipy needs is
    known from the channel, too, where it has never been unpacked.
    """
    more = {"CONDA_PKGS_DIRS": str(tmp_path)} if cache == "empty" else {}
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    world.run(["pip", "install", "numpy==2.1.3"], conda_env, check=True)
    before = content(world.env(conda_env))
    done = harness.run(world, ["conda", "install", "-y", "scipy=1.9"], conda_env, environ=more)
    text = done.stderr.decode()
    assert done.returncode == 77, text
    assert "build on what pip owns" in text
    assert "scipy needs numpy<1.26,>=1.18.5" in text
    assert content(world.env(conda_env)) == before
    done = harness.run(world, ["conda", "install", "-y", "joblib"], conda_env)
    assert done.returncode == 0, done.stderr.decode()
