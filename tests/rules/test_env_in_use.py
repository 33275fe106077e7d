"""SI105: real processes that run out of an environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from safeinstall.model import Process
from safeinstall.probe import processes
from safeinstall.rules import env_in_use
from tests import harness
from tests.rules.facts import facts_of

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

WAIT = "import sys; print('on', flush=True); sys.stdin.read()"


@contextmanager
def started(words: list[str], **more: Any) -> Iterator[int]:
    """A process that runs until the block ends."""
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate()


def pids(prefix: str, near: int = 1) -> set[int]:
    return {process.pid for process in processes.running(prefix, near)}


def test_conda_environments(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    with started([f"{prefix}/bin/python", "-c", WAIT], env=world.environ()) as pid:
        # the process near which we look is a stranger, so that our child is one too
        with started([sys.executable, "-c", WAIT]) as stranger:
            (found,) = processes.running(prefix, stranger)
            assert found.pid == pid
            assert "python" in found.name
            assert found.command.startswith(f"{prefix}/bin/python -c")
            assert pids(world.root, stranger) == set()
        assert pids(prefix, os.getpid()) == set()  # our own child, as the tool is
        assert pids(prefix, pid) == set()
    assert pids(prefix) == set()


def test_what_the_tool_starts_while_we_look(
    world: World, conda_env: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix, everything = world.env(conda_env), psutil.process_iter
    with ExitStack() as started_late:

        def iterate() -> Iterator[psutil.Process]:
            child = started([f"{prefix}/bin/python", "-c", WAIT], env=world.environ())
            started_late.enter_context(child)
            yield from everything()

        monkeypatch.setattr(psutil, "process_iter", iterate)
        assert pids(prefix, os.getpid()) == set()


def test_virtual_environments(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    words = ["python", "-c", WAIT]
    environ = {"PATH": f"{venv}/bin", "VIRTUAL_ENV": str(venv)}
    with started([sys.executable, "-c", WAIT]) as stranger:
        with started([f"{venv}/bin/python", "-c", WAIT]) as pid:
            assert pids(str(venv), stranger) == {pid}
        with started(words, env=environ, executable=f"{venv}/bin/python") as pid:
            assert pids(str(venv), stranger) == {pid}
        assert stranger not in pids(str(venv), os.getppid())


def test_what_is_said() -> None:
    one = Process(7, "python", "python train.py")
    assert env_in_use.look(facts_of("pip install six")) is None
    finding = env_in_use.look(facts_of("pip install six", running=(one,)))
    assert finding is not None
    assert finding.message.startswith("python (7) runs out of nlp")
    assert finding.fixes == ("ps -f -p 7",)
    many = tuple(Process(n, "python", "") for n in range(1, 9))
    finding = env_in_use.look(facts_of("pip install six", running=many))
    assert finding is not None
    assert finding.message.startswith("8 processes run out of nlp")
    assert finding.evidence[-1] == "and 2 more"
    assert finding.fixes == ("ps -f -p 1,2,3,4,5,6,7,8",)


def test_a_policy_that_blocks_has_it_looked_for_before(world: World, conda_env: str) -> None:
    place = f"{world.home}/in-use-{conda_env}.toml"
    with open(place, "w", encoding="utf-8") as file:
        file.write('schema = 1\n[rules]\nSI105 = "block"\n')
    environ = {"SAFEINSTALL_POLICY": place}
    python = f"{world.env(conda_env)}/bin/python"
    with started([python, "-c", WAIT]):
        done = harness.run(world, ["pip", "install", "six"], conda_env, environ=environ)
    assert done.returncode == 77
    assert b"blocked by SI105" in done.stderr
    done = harness.run(world, ["pip", "install", "six"], conda_env, environ=environ)
    assert (done.returncode, done.stderr) == (0, b"")
