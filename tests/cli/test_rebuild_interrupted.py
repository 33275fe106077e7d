"""A rebuild that is killed, or that finds the disk full: the old environment works and is in place,
and nothing is left after the next command.

SAFEINSTALL_TORTURE=1 for 100 kills.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness
from tests.cli.test_rebuild import content, is_left, rebuild
from tests.journal.conftest import TORTURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

KILLS = 100 if TORTURE else 3
STAGES = 24 if TORTURE else 2
WORKS = "import tqdm, cowsay, sys; print(sys.prefix)"


def command(prefix: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "safeinstall", "rebuild", "-p", prefix, "--yes", *options]


def works(world: World, prefix: str) -> bool:
    """Does the environment start its Python, and its programs, from its own place?"""
    done = world.run([f"{prefix}/bin/python", "-c", WORKS])
    pip = world.run([f"{prefix}/bin/pip", "--version"])
    place = f"{prefix}/lib/".encode()
    return done.stdout.strip() == os.fsencode(prefix) and place in pip.stdout


def killed(world: World, prefix: str, seconds: float, *, alone: bool) -> bool:
    """Was the rebuild killed before it ended? ``alone``: what it has started lives on."""
    with subprocess.Popen(
        command(prefix),
        env=world.environ(),
        cwd=world.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        time.sleep(seconds)
        was_running = process.poll() is None
        if was_running:
            (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
    return was_running


def journal_is_sound(world: World, prefix: str) -> bool:
    verify = [sys.executable, "-m", "safeinstall", "history", "verify", "-p", prefix]
    return world.run(verify).returncode == 0


@pytest.mark.slow
def test_killed_at_any_moment(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "requests", "numpy=1.26"], conda_env, check=True)
    world.run(["pip", "install", "tqdm", "cowsay"], conda_env, check=True)
    begun = time.monotonic()
    rebuild(world, prefix, "--yes")
    usual = time.monotonic() - begun
    before = content(world, prefix)
    chosen = random.Random(14)
    hits = tries = 0
    while hits < KILLS:
        tries += 1
        assert tries < 5 * KILLS
        moment = usual * (hits + chosen.random()) / KILLS
        if killed(world, prefix, moment, alone=tries % 3 == 0):
            hits += 1
        else:  # it was quicker than the first one
            usual *= 0.95
        assert works(world, prefix)
        rebuild(world, prefix, "--dry-run")  # the next command
        assert is_left(prefix) == []
        assert content(world, prefix) == before
        assert works(world, prefix)
    assert hits > KILLS / 2
    assert journal_is_sound(world, prefix)
    statuses = {item["status"] for item in harness.history(world, conda_env)}
    assert statuses <= {"done", "interrupted", "drift"}
    rebuild(world, prefix, "--yes")
    assert content(world, prefix) == before


@pytest.mark.parametrize("number", harness.few([signal.SIGINT, signal.SIGTERM], 1))
def test_control_c(world: World, conda_env: str, number: int) -> None:
    prefix = world.env(conda_env)
    world.run(["pip", "install", "tqdm", "cowsay"], conda_env, check=True)
    before = content(world, prefix)
    with subprocess.Popen(
        command(prefix),
        env=world.environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        time.sleep(1.0)
        os.killpg(process.pid, number)
        said = (process.stderr.read() if process.stderr else b"").decode()
    assert process.returncode != 0
    assert "Traceback" not in said
    assert works(world, prefix)
    # the guard, and not only rebuild, puts away what is left
    assert harness.run(world, ["pip", "uninstall", "-y", "nothing-here"], conda_env).returncode == 0
    assert is_left(prefix) == []
    assert content(world, prefix) == before


@pytest.fixture
def small(world: World, tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own, with an environment."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small file system")
    try:
        words = ["conda", "create", "-y", "-q", "-p", str(place / "env"), "python", "pip"]
        world.run([*words, "requests"], check=True)
        world.run([f"{place}/env/bin/pip", "install", "tqdm", "cowsay"], check=True)
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk_at_every_stage(world: World, small: Path) -> None:
    prefix = str(small / "env")
    before = content(world, prefix)
    free = os.statvfs(small).f_bavail * os.statvfs(small).f_frsize
    needed = _size(small / "env")
    assert free > needed  # it does fit at first
    for number in range(STAGES):
        filler = small / "filler"
        leave = int(needed * number / STAGES)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - leave)
        done = world.run(command(prefix))
        said = done.stderr.decode()
        assert done.returncode != 0, said
        assert "Traceback" not in said
        assert works(world, prefix)
        filler.unlink()
        rebuild(world, prefix, "--dry-run")
        assert is_left(prefix) == []
        assert content(world, prefix) == before
    rebuild(world, prefix, "--yes")
    assert content(world, prefix) == before
    assert journal_is_sound(world, prefix)


def _size(directory: Path) -> int:
    """Bytes that a copy of the directory takes."""
    paths = [path for path in directory.rglob("*") if not path.is_symlink() and path.is_file()]
    return sum((path.stat().st_size + 4095) // 4096 * 4096 for path in paths)
