"""What status finds in environments that real tools, or nobody's care, have broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.cli.status import CONTENT
from safeinstall.probe import inventory, soundness
from safeinstall.probe.environment import describe
from safeinstall.probe.soundness import Lack
from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def status(world: World, name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "safeinstall", "status", "--json", "-p", world.env(name)]
    done = world.run(command)
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def problems(world: World, name: str, kind: str) -> dict[str, dict[str, Any]]:
    """The problems of this kind, by the first name that they are about."""
    return {p["names"][0]: p for p in status(world, name)["problems"] if p["kind"] == kind}


def site(world: World, name: str) -> Path:
    (place,) = Path(world.env(name), "lib").glob("python3.*/site-packages")
    return place


def mended(world: World, name: str, problem: dict[str, Any]) -> None:
    """Do what the problem's commands say, guarded."""
    for command in problem["commands"]:
        line = command.replace(" uninstall ", " uninstall -y ").replace(
            "conda install", "conda install -y"
        )
        done = harness.pasted(world, line, name)
        assert done.returncode == 0, done.stderr.decode()


def test_requirements_of_both_worlds(world: World, conda_env: str) -> None:
    name = conda_env
    world.run(["conda", "install", "-y", "pandas", "ffmpeg"], name, check=True)
    world.run(["pip", "install", "tokenizers"], name, check=True)
    assert status(world, name)["problems"] == []
    assert CONTENT in status(world, name)["not_checked"]
    world.run(["pip", "uninstall", "-y", "filelock", "tqdm"], name, check=True)
    world.run(
        ["pip", "install", "--no-deps", "typing-extensions==4.8.0", "scikit-learn"],
        name,
        check=True,
    )
    world.run(["conda", "remove", "-y", "--force", "pytz"], name, check=True)
    unmet = problems(world, name, "unmet")
    told = {by: problem["message"] for by, problem in unmet.items()}
    assert told.keys() == {"huggingface-hub", "pandas", "scikit-learn"}
    assert told["pandas"] == "pandas needs pytz (here is none)"
    assert "tqdm>=4.42 (here is none)" in told["huggingface-hub"]
    for problem in unmet.values():
        mended(world, name, problem)
    assert problems(world, name, "unmet") == {}


def test_what_is_gone_from_the_disk(world: World, conda_env: str) -> None:
    name = conda_env
    world.run(["conda", "install", "-y", "numpy=1.26", "six", "nodejs"], name, check=True)
    world.run(["pip", "install", "einops", "cowsay"], name, check=True)
    place = site(world, name)
    shutil.rmtree(place / "einops")
    (place / "numpy" / "__init__.py").unlink()
    (place / "six.py").unlink()
    Path(world.env(name), "bin", "cowsay").unlink()
    shutil.rmtree(place / "numpy" / "__pycache__", ignore_errors=True)  # nobody misses it
    lost = problems(world, name, "incomplete")
    assert lost.keys() == {"einops", "numpy", "six", "cowsay"}
    assert lost["einops"]["message"].startswith("einops 0.7.0: lib/python3.")
    assert lost["cowsay"]["message"] == "cowsay 6.1: bin/cowsay is gone"
    for problem in lost.values():
        mended(world, name, problem)
    assert status(world, name)["problems"] == []


def test_a_virtual_environment_that_sees_the_systems(tmp_path: Path, world: World) -> None:
    """What it requires may be there: nothing is claimed, and that is said."""
    venv = str(tmp_path / "venv")
    world.run(["python", "-m", "venv", "--system-site-packages", venv], "base", check=True)
    world.run([f"{venv}/bin/python", "-m", "pip", "install", "--no-deps", "tokenizers"], check=True)
    there = describe(venv)
    found = soundness.look(there, inventory.scan(there), "")
    assert found.lacks == ()
    assert found.unseen == ("requirements, which the packages of the system may meet",)
    config = Path(venv, "pyvenv.cfg")
    config.write_text(config.read_text().replace("true", "false"))
    (lack,) = soundness.look(there, inventory.scan(there), "").lacks
    assert lack == Lack("tokenizers", "huggingface-hub", "huggingface-hub>=0.16.4")


def test_what_failed_halfway(world: World, conda_env: str, tmp_path: Path) -> None:
    """Until something is changed with success; what changed nothing is no half."""
    file = tmp_path / "environment.yml"
    file.write_text("dependencies:\n- six\n- pip\n- pip:\n  - no-such-thing\n")
    words = ["conda", "env", "update", "-n", conda_env, "-f", str(file)]
    assert harness.run(world, words, conda_env).returncode == 1
    assert harness.run(world, ["pip", "install", "no-such-thing"], conda_env).returncode == 1
    (problem,) = problems(world, conda_env, "half-made").values()
    assert problem["message"].startswith("half made: six changed before this failed: conda")
    assert harness.run(world, ["pip", "install", "cowsay"], conda_env).returncode == 0
    assert problems(world, conda_env, "half-made") == {}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An environment of 300 distributions, each of which requires five others."""
    prefix = tmp_path_factory.mktemp("large")
    place = prefix / "lib" / "python3.11" / "site-packages"
    place.mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text("version = 3.11.0\n")
    for number in range(300):
        name = f"p{number}"
        info = place / f"{name}-1.{number}.dist-info"
        info.mkdir()
        (place / name).mkdir()
        (place / name / "__init__.py").write_text("")
        rows = "".join(f"{name}/m{each}.py,,\n" for each in range(60))
        (info / "RECORD").write_text(f"{name}/__init__.py,,\n{rows}{info.name}/RECORD,,\n")
        needs = "".join(
            f"Requires-Dist: p{other}<3,>=1.0\n" for other in range(number % 290, number % 290 + 5)
        )
        extra = "Requires-Dist: none; extra == 'test'\n"
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}\n{needs}{extra}\n"
        )
    return str(prefix)


def test_it_is_quick(large: str, tmp_path: Path) -> None:
    """Some ten milliseconds when it was looked at before; here with room for a busy machine."""
    there = describe(large)
    found = inventory.scan(there)
    time.sleep(2.1)  # younger files are not cached
    soundness.look(there, found, str(tmp_path))
    begun = time.process_time()
    again = soundness.look(there, found, str(tmp_path))
    assert time.process_time() - begun < 0.1
    assert (again.lacks, again.losses) == ((), ())
    shutil.rmtree(Path(large, "lib/python3.11/site-packages/p7"))
    (loss,) = soundness.look(there, found, str(tmp_path)).losses
    assert loss.files == ("lib/python3.11/site-packages/p7/__init__.py",)


def test_it_is_told_in_words(world: World, conda_env: str) -> None:
    command = [sys.executable, "-m", "safeinstall", "status"]
    done: subprocess.CompletedProcess[bytes] = world.run(command, conda_env)
    text = " ".join(done.stdout.decode().split())
    assert "nothing is wrong with owners, metadata, requirements, names of files and" in text
    assert f"not looked at: {CONTENT}; whether they can be imported" in text
