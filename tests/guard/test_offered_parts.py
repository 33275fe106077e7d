"""The new environment that a block offers, with a part for conda and one for pip: pasted."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World


@pytest.fixture
def env(world: World, conda_env: str) -> Iterator[str]:
    yield conda_env
    shutil.rmtree(world.env(f"{conda_env}-new"), ignore_errors=True)


def offered(world: World, env: str, line: str, cwd: Path, **environ: str) -> str:
    """The line for a new environment."""
    done = harness.run(world, line.split(), env, cwd=str(cwd), environ=environ)
    assert done.returncode == 77, done.stderr.decode()
    said = done.stderr.decode()
    (new,) = [fix for fix in harness.advice(done) if " create " in fix]
    assert f'SAFEINSTALL_REASON="why" {line}' in said
    return new.replace("conda create", "conda create -y")


def owners(world: World, name: str) -> dict[str, tuple[str, str]]:
    packages = inventory.scan(describe(world.env(name))).packages
    return {p.name: (p.owner, p.version) for p in packages}


def made(
    world: World, env: str, line: str, cwd: Path, **environ: str
) -> dict[str, tuple[str, str]]:
    done = harness.pasted(world, line, env, cwd=str(cwd), environ=environ)
    assert done.returncode == 0, (line, done.stderr.decode())
    return owners(world, f"{env}-new")


@harness.tells_rejected
def test_what_stands_on_it_comes_from_pip_too(world: World, env: str, tmp_path: Path) -> None:
    """conda has no such urllib3, and its requests would bring another one."""
    world.run(["conda", "install", "-y", "requests", "tqdm"], env, check=True)
    (tmp_path / "c.txt").write_text("urllib3==2.2.2\n")
    line = offered(world, env, "pip install -c c.txt huggingface_hub", tmp_path)
    there = made(world, env, line, tmp_path)
    assert there["urllib3"] == ("pip", "2.2.2")
    assert there["requests"][0] == "pip"
    assert there["tqdm"][0] == "conda"


@pytest.mark.parametrize("variable", [False, True])
def test_options_for_what_was_named(
    world: World, env: str, tmp_path: Path, *, variable: bool
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26", "pandas"], env, check=True)
    (tmp_path / "r.txt").write_text("numpy==1.24.4\n")
    environ = {"PIP_NO_DEPS": "1"} if variable else {}
    line = "pip install -r r.txt" + ("" if variable else " --no-deps")
    new = offered(world, env, line, tmp_path, **environ)
    there = made(world, env, new, tmp_path, **environ)
    assert there["numpy"] == ("pip", "1.24.4")
    done = world.run(["python", "-c", "import pandas"], f"{env}-new")
    assert done.returncode == 0, done.stderr.decode()
    done = world.run(["pip", "check"], f"{env}-new")
    assert done.returncode == 0, done.stdout.decode()


def test_constraints_of_the_user_s_hold_for_what_comes_along(
    world: World, env: str, tmp_path: Path
) -> None:
    """Also where conda takes all that he has named."""
    world.run(["conda", "install", "-y", "numpy=2"], env, check=True)
    world.run(["pip", "install", "cowsay"], env, check=True)
    (tmp_path / "c.txt").write_text("cowsay<100\n")
    done = harness.run(world, ["pip", "install", "-c", "c.txt", "numpy==1.26.4"], env, cwd=tmp_path)
    (new,) = [fix for fix in harness.advice(done) if " create " in fix]
    assert "pip install -c c.txt cowsay" in new
    assert made(world, env, new.replace("create", "create -y"), tmp_path)["cowsay"][0] == "pip"


def test_what_only_a_variable_asks_for(world: World, env: str, tmp_path: Path) -> None:
    """It may have been set for this one command."""
    world.run(["conda", "install", "-y", "numpy=1.26", "pandas"], env, check=True)
    (tmp_path / "r.txt").write_text("numpy==1.24.4\ncowsay\n")
    new = offered(world, env, "pip install", tmp_path, PIP_REQUIREMENT="r.txt")
    there = made(world, env, new, tmp_path)
    assert there["numpy"] == ("pip", "1.24.4")
    assert {"cowsay", "pandas"} <= there.keys()


@pytest.mark.parametrize("listed", ["some", "one", "all"])
def test_package_files(world: World, env: str, tmp_path: Path, listed: str) -> None:
    """What conda takes as it is comes beside what was here, with what pip has for it."""
    world.run(["conda", "install", "-y", "numpy=1.26", "tqdm"], env, check=True)
    world.run(["pip", "install", "requests", "cowsay"], env, check=True)
    there = world.run(["conda", "list", "--explicit"], env, check=True).stdout.decode()
    (found,) = Path(world.channel, "noarch").glob("requests-2.28.2-*.conda")
    address = f"file://{found}"
    text = there if listed == "all" else "@EXPLICIT\n"
    (tmp_path / "list.txt").write_text(f"{text}{address}\n")
    line = f"conda install -y {address if listed == 'one' else '--file list.txt'}"
    done = harness.run(world, line.split(), env, cwd=str(tmp_path))
    assert done.returncode == 77, done.stderr.decode()
    (new,) = [fix for fix in harness.advice(done) if " create " in fix]
    new = new.replace("conda create", "conda create -y").replace("install -n", "install -y -n")
    after = made(world, env, new, tmp_path)
    assert {after[name][0] for name in ("numpy", "tqdm", "requests", "python")} == {"conda"}
    assert after["requests"][1] == "2.28.2"
    assert after["cowsay"][0] == after["urllib3"][0] == "pip"
    done = world.run(["python", "-c", "import requests, numpy, tqdm"], f"{env}-new")
    assert done.returncode == 0, done.stderr.decode()
