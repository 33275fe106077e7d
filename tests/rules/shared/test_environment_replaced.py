"""SI201: an environment that is made where there is one takes what pip owns there with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


@pytest.fixture
def mixed(world: World) -> Iterator[str]:
    """An environment in which pip owns tqdm and filelock."""
    name = f"anew{os.getpid()}"
    world.create_env(name, "python", "pip")
    world.run(["pip", "install", "tqdm", "filelock"], name, check=True)
    yield name
    world.remove_env(name)


def told(done: harness.Completed) -> str:
    assert done.returncode == 0, done.stderr.decode()
    return next((line for line in done.stderr.decode().splitlines() if "SI201" in line), "")


def test_what_goes_is_named_and_the_history_knows_it(world: World, mixed: str) -> None:
    done = harness.run(world, ["conda", "create", "-y", "-n", mixed, "python"])
    line = told(done)
    text = f"conda create takes {mixed} away and makes it anew; 2 packages of pip's go with it: "
    assert line.startswith("safeinstall: warning SI201 conda-after-pip: " + text + "filelock ")
    assert ", tqdm " in line
    assert line.endswith(f"To keep it: conda create -y -n {mixed}-new python")
    last = harness.history(world, mixed)[-1]
    gone = {c["name"]: c["before"]["owner"] for c in last["changes"] if not c["after"]}
    assert gone.items() >= {"filelock": "pip", "tqdm": "pip"}.items()


def test_by_a_file_too(world: World, mixed: str) -> None:
    """The sandbox's conda still refuses here, as older ones did; the warning comes before."""
    with open(f"{world.work}/anew.yml", "w") as file:
        file.write(f"name: {mixed}\ndependencies:\n  - python\n")
    answer = harness.check(world, ["conda", "env", "create", "-f", "anew.yml"])
    (finding,) = [found for found in answer["findings"] if found["rule"] == "SI201"]
    assert finding["level"] == "warn"
    assert [line.split()[0] for line in finding["evidence"]] == ["filelock", "tqdm"]
    assert finding["message"].startswith(f"conda env create takes {mixed} away")


@pytest.mark.parametrize("more", [["--dry-run"], ["--clone", "base"]])
def test_where_nothing_goes_nothing_is_said(world: World, mixed: str, more: list[str]) -> None:
    name = mixed if "--dry-run" in more else f"{mixed}-new"
    answer = harness.check(world, ["conda", "create", "-y", "-n", name, *more])
    assert "SI201" not in harness.rules(answer)


def test_nothing_of_pip_s_is_no_finding(world: World, conda_env: str) -> None:
    answer = harness.check(world, ["conda", "create", "-y", "-n", conda_env, "python"])
    assert "SI201" not in harness.rules(answer)


def test_over_a_venv(world: World, tmp_path: Path) -> None:
    venv = str(tmp_path / "own")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    info = Path(venv, "lib", python, "site-packages", "six-1.16.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Name: six\nVersion: 1.16.0\n")
    answer = harness.check(world, ["conda", "create", "-y", "-p", venv, "python"])
    (finding,) = [found for found in answer["findings"] if found["rule"] == "SI201"]
    assert finding["level"] == "warn"
    assert finding["message"].startswith(
        f"conda create makes an environment over the venv {venv}; 1 package of pip's in it is "
        "orphaned: six 1.16.0."
    )
    assert finding["message"].endswith(" The history keeps what they were.")


@pytest.mark.parametrize("place", ["{}", "{}/"])
def test_what_is_in_the_way_of_a_renamed_one(
    world: World, conda_env: str, mixed: str, place: str
) -> None:
    where = place.format(mixed if place == "{}" else world.env(mixed))
    answer = harness.check(world, ["conda", "rename", "-n", conda_env, "--yes", where])
    (finding,) = [found for found in answer["findings"] if found["rule"] == "SI201"]
    assert finding["level"] == "warn"
    assert finding["message"].startswith(
        f"conda rename takes {mixed} away and puts another one there; 2 packages of pip's go with "
        "it: filelock "
    )
    assert finding["message"].endswith(" The history keeps what they were.")
    assert [line.split()[0] for line in finding["evidence"]] == ["filelock", "tqdm"]
    assert finding["fixes"] == [f"conda rename -n {mixed} {mixed}-old"]
    assert answer["environment"]["prefix"] == world.env(conda_env)


@pytest.mark.parametrize("more", [["{}"], ["-y", "{}-new"], ["-y", "--dry-run", "{}"]])
def test_what_is_not_in_the_way(world: World, conda_env: str, mixed: str, more: list[str]) -> None:
    """Without the option conda refuses by itself."""
    words = [word.format(mixed) for word in more]
    answer = harness.check(world, ["conda", "rename", "-n", conda_env, *words])
    assert harness.rules(answer) == []


@pytest.mark.real_conda
def test_conda_really_takes_it_away(world: World, mixed: str, tmp_path: Path) -> None:
    """The other one comes with its journal, and there it is written down what has gone."""
    name = f"{mixed}-a"
    world.create_env(name, "python", "pip")
    harness.run(world, ["pip", "install", "six"], name)
    harness.run(world, ["pip", "install", "idna"], mixed)
    refused = harness.run(world, ["conda", "rename", "-n", name, mixed])
    assert (refused.returncode, b"safeinstall" in refused.stderr) == (1, False)
    environ = {"TMPDIR": str(tmp_path)}
    line = told(harness.run(world, ["conda", "rename", "-y", "-n", name, mixed], environ=environ))
    assert "3 packages of pip's go with it: filelock " in line
    assert not os.path.exists(world.env(name))
    assert [path for path in tmp_path.iterdir() if (path / "conda-meta").is_dir()]
    last = harness.history(world, mixed)[-1]
    assert last["argv"] == ["conda", "rename", "-y", "-n", name, mixed]
    (finding,) = last["findings"]
    assert [line.split()[0] for line in finding["evidence"]] == ["filelock", "idna", "tqdm"]
