"""What ``status`` offers takes nothing away unless what comes in its place is sure to come."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.rebuild import staging
from tests import harness
from tests.guard.test_mending import YES, asking, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

__all__ = ("asking",)  # a fixture


@pytest.fixture
def env(world: World, conda_env: str) -> Iterator[str]:
    yield conda_env
    for place in filter(os.path.isdir, (f"{world.env(conda_env)}/../.safeinstall",)):
        staging.remove(os.path.realpath(place))


def explicit(world: World, env: str, tmp_path: Path, *stems: str) -> None:
    """What conda does for a file with addresses: nothing that they need comes along."""
    channel = Path(world.channel)
    found = [next(channel.glob(f"*/{stem}-*.conda")) for stem in stems]
    file = tmp_path / "explicit.txt"
    file.write_text("@EXPLICIT\n" + "".join(f"file://{path}\n" for path in found))
    world.run(["conda", "install", "-y", "--file", str(file)], env, check=True)


def test_where_conda_s_records_lean_on_what_is_pip_s(
    world: World, env: str, tmp_path: Path
) -> None:
    """conda would bring certifi and urllib3 of its own, and be blocked for that; when all else was
    taken away already.
    """
    world.run(["pip", "install", "requests"], env, check=True)
    explicit(world, env, tmp_path, "requests-2.28.2", "idna-3.4")
    found = problems(world, env, env)
    assert {problem["kind"] for problem in found} == {"doubled"}
    line = f"safeinstall rebuild -n {env}"
    assert [problem["commands"] for problem in found] == [[line], [line]]
    said = rebuilt(world, env)
    for row in ("idna 3.7 (pip) 3.4", "requests 2.32.3 (pip) 2.28.2"):
        assert row in " ".join(said.split())
    assert "lie over it" not in said  # whose files are there tells their content
    assert problems(world, env, env) == []
    code = "import requests, idna, certifi, urllib3; print(requests.__version__, idna.__version__)"
    assert world.run(["python", "-c", code], env).stdout.split() == [b"2.28.2", b"3.4"]
    assert world.run(["pip", "check"], env).returncode == 0
    told = {change["name"]: change for change in harness.history(world, env)[-1]["changes"]}
    assert told["requests"]["before"]["version"] == "2.32.3"
    assert told["requests"]["stays"]["version"] == "2.28.2"


def test_the_other_way_round_it_is_pip_s(world: World, env: str) -> None:
    world.run(["conda", "install", "-y", "tqdm=4.65"], env, check=True)
    world.run(["pip", "install", "--ignore-installed", "tqdm==4.66.1"], env, check=True)
    said = rebuilt(world, env)
    assert "conda's tqdm is left out: pip's files lie over it" in said
    assert problems(world, env, env) == []
    code = "import tqdm; print(tqdm.__version__)"
    assert world.run(["python", "-c", code], env).stdout.split() == [b"4.66.1"]


def test_it_is_one_line(world: World, env: str, asking: dict[str, str]) -> None:
    """Where conda changes nothing besides."""
    world.run(["conda", "install", "-y", "tqdm=4.65"], env, check=True)
    world.run(["pip", "install", "--ignore-installed", "tqdm==4.66.1"], env, check=True)
    (problem,) = problems(world, env, env)
    (line,) = problem["commands"]
    assert line.count("uninstall") == 2
    assert " && conda install " in line
    done = harness.pasted(world, line, env, environ=asking, input=YES)
    assert done.returncode == 0, done.stderr.decode()
    assert problems(world, env, env) == []


def test_what_the_policy_would_block_is_not_begun(world: World, env: str, tmp_path: Path) -> None:
    """The policy denies what would have to come again."""
    world.run(["conda", "install", "-y", "tqdm=4.65"], env, check=True)
    world.run(["pip", "install", "--ignore-installed", "tqdm==4.66.1"], env, check=True)
    policy = tmp_path / "policy.toml"
    policy.write_text("[packages]\ndeny = ['tqdm<4.66']\n")
    command = [sys.executable, "-m", "safeinstall", "status", "--json", "-p", world.env(env)]
    done = world.run(command, env, environ={"SAFEINSTALL_POLICY": str(policy)})
    found: list[dict[str, Any]] = json.loads(done.stdout)["problems"]
    (commands,) = [p["commands"] for p in found if p["kind"] == "doubled"]
    assert commands == [f"safeinstall rebuild -n {env}"]


@pytest.mark.parametrize("owner", ["doubled", "overwritten"])
def test_what_somebody_else_has_frozen_loses_nothing(world: World, env: str, owner: str) -> None:
    """conda would refuse the second half."""
    world.run(["conda", "install", "-y", "tqdm=4.65"], env, check=True)
    more = ["--ignore-installed"] if owner == "doubled" else ["--force-reinstall"]
    world.run(["pip", "install", *more, "--no-deps", "tqdm==4.66.1"], env, check=True)
    Path(world.env(env), "conda-meta", "frozen").write_text("{}")
    found = problems(world, env, env)
    assert [(problem["kind"], problem["commands"]) for problem in found] == [(owner, [])]


def rebuilt(world: World, env: str) -> str:
    words = [sys.executable, "-m", "safeinstall", "rebuild", "-p", world.env(env), "--yes"]
    done = world.run(words)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
