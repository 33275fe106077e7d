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
from typing import TYPE_CHECKING, Self

import psutil
import pytest

from safeinstall import settings
from safeinstall.journal import read
from safeinstall.journal.operations import operations
from safeinstall.journal.verify import verify
from tests import harness
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
        [*harness.GUARD, "run", "--", *QUICK],
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
    assert harness.run(world, QUICK, conda_env).returncode == 0
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

    assert harness.run(world, QUICK, conda_env).returncode == 0
    report = verify(prefix, read.of_prefix(prefix, state))
    assert report.status in ("verified", "repaired")
    assert {r["hash"] for r in kept} <= {r["hash"] for r in read.records(files, damages)}
    assert harness.history(world, conda_env)[-1]["status"] == "done"


def test_what_they_leave_behind_the_next_command_sweeps(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    place = world.environ()["TMPDIR"]
    for _ in range(20):
        killed_after(world, conda_env, 0.15)
        left = [name for name in os.listdir(place) if name.startswith("safeinstall-0")]
        if left:
            break
    assert left
    with FedByHand(world, conda_env, tmp_path) as command:
        for _ in range(100):
            if not set(left) & set(os.listdir(place)):
                break
            time.sleep(0.1)
        command.finish()
    assert command.process.returncode == 0
    assert not set(left) & set(os.listdir(place))


def test_what_an_interrupted_command_did_is_not_others_work(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    assert harness.run(world, QUICK, conda_env).returncode == 0
    with FedByHand(world, conda_env, tmp_path) as command:
        command.process.kill()  # the guard; pip goes on
        command.finish()
    told = harness.run(world, QUICK, conda_env).stderr.decode()
    line = f"pip install -r {tmp_path}/requirements.txt"
    assert f"{conda_env} was changed by what was interrupted ({line}): six ∅ → 1.17.0" in told
    assert b"SI205" not in harness.run(world, QUICK, conda_env).stderr


class FedByHand:
    """A real ``pip install`` in a group of its own; it waits for its requirements."""

    def __init__(
        self, world: World, name: str, place: Path, before: list[str] | None = None
    ) -> None:
        self.requirements = place / "requirements.txt"
        if not self.requirements.exists():
            os.mkfifo(self.requirements)
        guarded = [*harness.GUARD, "run", "--"] if before is None else before
        self.process = subprocess.Popen(
            [*guarded, "pip", "install", "-r", str(self.requirements)],
            env=world.environ(name),
            cwd=world.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )

    def __enter__(self) -> Self:
        self.file = open(self.requirements, "w")  # when pip has opened it
        return self

    def finish(self) -> bytes:
        """Let pip have what it waits for; what it said on stderr."""
        with contextlib.suppress(BrokenPipeError):
            self.file.write("six\n")
            self.file.close()
        return self.process.communicate()[1]

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(BrokenPipeError):
            self.file.close()
        self.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM])
def test_a_real_pip_that_its_group_is_told_to_end(
    world: World, conda_env: str, tmp_path: Path, number: signal.Signals
) -> None:
    told = []
    for before in (["env"], None):
        with FedByHand(world, conda_env, tmp_path, before) as command:
            time.sleep(0.3)
            os.killpg(command.process.pid, number)
            said = command.process.communicate()[1]
            told.append((command.process.returncode, said))
    bare, guarded = told
    assert guarded == bare
    assert b"Traceback" not in bare[1]
    assert harness.history(world, conda_env)[-1]["status"] in ("failed", "interrupted")


def test_the_tool_keeps_the_lock_of_a_guard_that_is_killed(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    with FedByHand(world, conda_env, tmp_path) as command:
        time.sleep(0.3)
        command.process.kill()
        command.process.wait()
        waiting = {"SAFEINSTALL_LOCK_TIMEOUT": "0.3"}
        assert harness.run(world, QUICK, conda_env, environ=waiting).returncode == 75
        command.finish()
    waiting = {"SAFEINSTALL_LOCK_TIMEOUT": "20"}
    assert harness.run(world, QUICK, conda_env, environ=waiting).returncode == 0


def test_what_a_tool_leaves_running_holds_no_lock(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    """A tool that is a shell script hands all its descriptors down to a daemon."""
    pip = os.path.join(world.env(conda_env), "bin", "pip")
    os.unlink(pip)
    with open(pip, "w") as script:
        script.write(f"#!/bin/sh\nsleep 60 >&- 2>&- & echo $! > {tmp_path}/daemon\n")
    os.chmod(pip, 0o755)
    assert harness.run(world, QUICK, conda_env).returncode == 0
    daemon = int((tmp_path / "daemon").read_text())
    try:
        held = os.listdir(f"/proc/{daemon}/fd")
        assert len(held) > 2  # the lock's is among them
        waiting = {"SAFEINSTALL_LOCK_TIMEOUT": "0"}
        assert harness.run(world, QUICK, conda_env, environ=waiting).returncode == 0
    finally:
        os.kill(daemon, signal.SIGKILL)
        os.kill(int((tmp_path / "daemon").read_text()), signal.SIGKILL)
