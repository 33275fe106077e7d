"""What a careless wrapper loses: pipes, closed streams, limits, temporary directories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.output.quoting import paste
from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def bash(world: World, env: str, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """A line in which ``G`` stands for the guard."""
    filled = line.replace("G ", paste([*harness.GUARD, "run", "--"]) + " ")
    return world.run(["bash", "-c", filled], env, environ=more)


@pytest.mark.parametrize(
    "line",
    [
        "G pip install -r <(echo six)",
        "echo six | G pip install -r /dev/stdin",
        "G conda install -y --file <(echo six)",
    ],
)
def test_what_comes_through_a_pipe_is_the_tools(world: World, conda_env: str, line: str) -> None:
    done = bash(world, conda_env, line)
    assert done.returncode == 0, done.stderr.decode()
    if world.real and "conda" in line:
        return  # the real conda takes nothing from a pipe, with or without us
    last = harness.history(world, conda_env)[-1]
    assert "six" in [change["name"] for change in last["changes"]]


def test_a_log_that_is_stdout_stays_in_the_pipe(world: World, conda_env: str) -> None:
    done = bash(world, conda_env, "G pip install --log /dev/stdout six | (sleep 2; cat)")
    assert b"Successfully installed six" in done.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_do_not_run_the_tool_twice(
    world: World, conda_env: str, tmp_path: Path, closed: str
) -> None:
    log = tmp_path / "log"
    bash(world, conda_env, f"G pip install --log {log} six {closed}")
    assert log.read_text().count("Successfully installed") == 1
    assert [item["status"] for item in harness.history(world, conda_env)][-1] in ("done", "failed")


def test_no_more_threads(world: World, conda_env: str) -> None:
    limited = f"ulimit -s 4000000; ulimit -v 3000000; {paste([*harness.GUARD, 'run', '--'])} "
    done = world.run(["bash", "-c", limited + "pip install six"], conda_env)
    assert b"internal error" not in done.stderr
    assert harness.history(world, conda_env)[-1]["status"] == "done"


@pytest.mark.parametrize("place", ["/nonexistent", "/proc", "relative"])
def test_a_temporary_directory_that_is_none(world: World, conda_env: str, place: str) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    done = bash(world, conda_env, "G pip install tensorflow", TMPDIR=place)
    assert done.returncode == 77, done.stderr.decode()


def test_no_temporary_file_stays(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    for package, status in (("tensorflow", 77), ("six", 0)):
        done = bash(world, conda_env, f"G pip install {package}", TMPDIR=str(tmp_path))
        assert done.returncode == status
    assert list(tmp_path.iterdir()) == []


def test_a_policy_that_is_a_link_to_the_input(world: World, conda_env: str, tmp_path: Path) -> None:
    (tmp_path / "safeinstall.toml").symlink_to("/dev/stdin")
    done = harness.run(
        world, ["pip", "install", "six"], conda_env, cwd=tmp_path, input=b"[rules]\n"
    )
    assert done.returncode == 78
    assert b"regular file" in done.stderr


def test_a_policy_that_is_somebody_elses(world: World, conda_env: str, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    (tmp_path / "safeinstall.toml").write_text("[rules]\nSI101 = 'loud'\n")
    os.chown(tmp_path / "safeinstall.toml", 65534, 65534)
    done = harness.run(world, ["pip", "install", "six"], conda_env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
