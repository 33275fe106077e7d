"""A guard that is killed in the middle of an operation leaves a journal that tells of it.

SAFEINSTALL_TORTURE=1 for the long version.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psutil

from safeinstall import settings
from safeinstall.journal import read
from safeinstall.journal.operations import operations
from safeinstall.journal.verify import verify
from tests import guard
from tests.journal.conftest import TORTURE

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World

KILLS = 1000 if TORTURE else 20
QUICK = ["pip", "uninstall", "-y", "not-there-at-all"]  # the real pip, which finds nothing to do


def killed_after(world: World, name: str, seconds: float) -> tuple[int, list[psutil.Process]]:
    """Guard a command, kill the guard; its process, and the tool's if it had been started."""
    environ = world.environ(name)
    with subprocess.Popen(
        [*guard.GUARD, "run", "--", *QUICK],
        env=environ,
        cwd=world.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        time.sleep(seconds)
        try:
            tools = psutil.Process(process.pid).children()
        except psutil.NoSuchProcess:
            tools = []
        process.send_signal(signal.SIGKILL)
    for tool in tools:  # it would run on alone
        with contextlib.suppress(psutil.NoSuchProcess):
            tool.kill()
    return process.pid, tools


def test_killed_at_any_moment_of_an_operation(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    state = settings.read(world.environ()).state_dir
    begun = time.monotonic()
    assert guard.run(world, QUICK, conda_env).returncode == 0
    usual = time.monotonic() - begun
    chosen = random.Random(5)
    started: set[int] = set()
    for _ in range(KILLS):
        # most while the guard is at work, some while it waits, some when the tool has ended
        moment = chosen.choice((0.25, 0.25, usual * 1.1))
        pid, children = killed_after(world, conda_env, chosen.random() * moment)
        started |= {pid} if children else set()
    assert len(started) > KILLS / 10  # the kills do land while a tool is running

    files = read.of_prefix(prefix, state)
    damages: list[read.Damage] = []
    kept = list(read.records(files, damages))
    intents = {r["actor"]["pid"]: r["op"] for r in kept if r["kind"] == "intent"}
    assert started <= set(intents)  # no tool was ever started without a record
    ended = {r["op"] for r in kept if r["kind"] == "outcome"}
    statuses = {o["op"]: o["status"] for o in operations(kept)}
    for op in intents.values():
        assert statuses[op] == ("done" if op in ended else "interrupted")
    assert "interrupted" in statuses.values()

    assert guard.run(world, QUICK, conda_env).returncode == 0
    report = verify(prefix, read.of_prefix(prefix, state))
    assert report.status in ("verified", "repaired")
    assert {r["hash"] for r in kept} <= {r["hash"] for r in read.records(files, damages)}
    assert guard.history(world, conda_env)[-1]["status"] == "done"


def test_what_they_leave_behind_is_swept_a_day_later(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    place = world.environ()["TMPDIR"]
    for _ in range(20):
        killed_after(world, conda_env, 0.15)
        left = [name for name in os.listdir(place) if name.startswith("safeinstall-0")]
        if left:
            break
    assert left
    for name in left:
        os.utime(os.path.join(place, name), (1, 1))
    os.mkfifo(tmp_path / "r.txt")
    with ThreadPoolExecutor() as pool:  # nothing is swept beside a command that is quick
        done = pool.submit(
            guard.run, world, ["pip", "install", "-r", f"{tmp_path}/r.txt"], conda_env
        )
        with open(tmp_path / "r.txt", "w") as requirements:  # pip waits for it to be closed
            time.sleep(3)
            requirements.write("six\n")
    assert done.result().returncode == 0
    assert not set(left) & set(os.listdir(place))
