"""A rebuild or an undo that is killed, or that finds the disk full: the old environment works and
is in place, and nothing is left after the next command.

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
from tests.cli.test_rebuild import content, is_left
from tests.journal.conftest import TORTURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

VERBS = ("undo", "rebuild")
KILLS = 50 if TORTURE else 2  # of each
STAGES = 24 if TORTURE else 2
WORKS = "import tqdm, cowsay, sys; print(sys.prefix)"


def command(verb: str, prefix: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "safeinstall", verb, "-p", prefix, *options]


def carried_out(world: World, verb: str, prefix: str, *options: str) -> None:
    done = world.run(command(verb, prefix, *options))
    assert done.returncode == 0, done.stderr.decode()


def fill(world: World, prefix: str) -> None:
    """What a rebuild copies; an undo makes pip install einops as well."""
    world.run(["pip", "install", "tqdm", "cowsay", "einops"], prefix, check=True)
    remove_einops(world, prefix)


def remove_einops(world: World, prefix: str) -> None:
    done = harness.run(world, ["pip", "uninstall", "-y", "einops"], prefix)
    assert done.returncode == 0, done.stderr.decode()


def works(world: World, prefix: str) -> bool:
    """Does the environment start its Python, and its programs, from its own place?"""
    done = world.run([f"{prefix}/bin/python", "-c", WORKS])
    pip = world.run([f"{prefix}/bin/pip", "--version"])
    place = f"{prefix}/lib/".encode()
    return done.stdout.strip() == os.fsencode(prefix) and place in pip.stdout


def started(world: World, words: list[str]) -> subprocess.Popen[bytes]:
    """A process group of its own, without a terminal."""
    return subprocess.Popen(
        words,
        env=world.environ(),
        cwd=world.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def killed(world: World, words: list[str], seconds: float, *, alone: bool) -> bool:
    """Was it killed before it ended? ``alone``: what it has started lives on."""
    with started(world, words) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
            return True
    return False


def journal_is_sound(world: World, prefix: str) -> bool:
    verify = [sys.executable, "-m", "safeinstall", "history", "verify", "-p", prefix]
    return world.run(verify).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("verb", harness.few(VERBS, 1))
def test_killed_at_any_moment(world: World, conda_env: str, verb: str) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "requests", "numpy=1.26"], conda_env, check=True)
    fill(world, prefix)
    before = content(world, prefix)
    begun = time.monotonic()
    carried_out(world, verb, prefix, "--yes")
    usual = time.monotonic() - begun
    after = content(world, prefix)
    chosen = random.Random(14)
    hits = tries = 0
    now = after
    while hits < KILLS:
        if now != before:  # it was killed after the exchange, or not at all
            remove_einops(world, prefix)
        tries += 1
        assert tries < 5 * KILLS
        moment = usual * (hits + chosen.random()) / KILLS
        begun = time.monotonic()
        if killed(world, command(verb, prefix, "--yes"), moment, alone=tries % 3 == 0):
            hits += 1
        else:  # it was quicker than the first one
            usual = time.monotonic() - begun
        assert works(world, prefix)
        carried_out(world, verb, prefix, "--dry-run")  # the next command
        assert is_left(prefix) == []
        now = content(world, prefix)
        assert now in (before, after)
        assert works(world, prefix)
    assert journal_is_sound(world, prefix)
    statuses = {item["status"] for item in harness.history(world, conda_env)}
    assert statuses <= {"done", "interrupted", "drift"}


@pytest.mark.parametrize("number", harness.few([signal.SIGINT, signal.SIGTERM], 1))
def test_control_c(world: World, conda_env: str, number: int) -> None:
    prefix = world.env(conda_env)
    world.run(["pip", "install", "tqdm", "cowsay"], conda_env, check=True)
    before = content(world, prefix)
    with started(world, command("rebuild", prefix, "--yes")) as process:
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
        fill(world, str(place / "env"))
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("verb", harness.few(VERBS, 1))
def test_a_full_disk_at_every_stage(world: World, small: Path, verb: str) -> None:
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
        done = world.run(command(verb, prefix, "--yes"))
        said = done.stderr.decode()
        assert done.returncode != 0, said
        assert "Traceback" not in said
        assert works(world, prefix)
        filler.unlink()
        carried_out(world, verb, prefix, "--dry-run")
        assert is_left(prefix) == []
        assert content(world, prefix) == before
    carried_out(world, verb, prefix, "--yes")
    assert (content(world, prefix) == before) == (verb == "rebuild")
    assert journal_is_sound(world, prefix)


def _size(directory: Path) -> int:
    """Bytes that a copy of the directory takes."""
    paths = [path for path in directory.rglob("*") if not path.is_symlink() and path.is_file()]
    return sum((path.stat().st_size + 4095) // 4096 * 4096 for path in paths)
