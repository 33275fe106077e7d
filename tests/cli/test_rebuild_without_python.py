"""``rebuild`` and ``undo`` where the environment has no Python: none was there, or it went."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from safeinstall.rebuild import staging
from tests import harness
from tests.cli.test_rebuild import rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World


@pytest.fixture
def bare(world: World) -> Iterator[str]:
    """An environment that never had one."""
    yield world.create_env("bare-of-python", "ffmpeg")
    world.remove_env("bare-of-python")


@pytest.fixture
def bereft(world: World, conda_env: str) -> Iterator[str]:
    """One whose Python was taken away, and with it what pip has brought."""
    prefix = world.env(conda_env)
    harness.run(world, ["pip", "install", "cowsay"], conda_env)
    line = ["conda", "remove", "-y", "-n", conda_env, "--force", "python"]
    done = harness.run(world, line, environ={"SAFEINSTALL_REASON": "to see what is left"})
    assert done.returncode == 0, done.stderr.decode()
    yield prefix
    backups = f"{os.path.dirname(prefix)}/.safeinstall/{conda_env}"
    if os.path.isdir(backups):
        staging.remove(backups)


def imported(world: World, prefix: str) -> bool:
    return world.run([f"{prefix}/bin/python", "-c", "import cowsay"]).returncode == 0


def test_nothing_asks_a_python_that_is_not_there(world: World, bare: str) -> None:
    rebuild(world, bare, "--yes")
    rebuild(world, bare, "--add", "python=3.11", "--yes")
    assert world.run([f"{bare}/bin/python", "-V"]).returncode == 0


def test_what_was_left_behind_is_found_again(world: World, bereft: str) -> None:
    rebuild(world, bereft, "--add", "python=3.11", "--yes")
    assert imported(world, bereft)


def test_it_can_be_undone(world: World, bereft: str) -> None:
    done = world.run([sys.executable, "-m", "safeinstall", "undo", "-p", bereft, "--yes"])
    assert done.returncode == 0, done.stderr.decode()
    assert imported(world, bereft)


def test_what_is_offered_brings_it_back(world: World, bereft: str) -> None:
    done = world.run([sys.executable, "-m", "safeinstall", "status", "-p", bereft])
    offered = [line.strip() for line in done.stdout.decode().splitlines() if " install " in line]
    assert len(offered) == 1, done.stdout.decode()
    assert offered[0].endswith("python=3.11")
