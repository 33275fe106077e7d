"""Python moves, and what is pip's stays behind: it is told, and comes along."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.probe import inventory, stranded
from safeinstall.probe.environment import describe
from safeinstall.rebuild import staging
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

LEFT = ", and came again; no Python looks there"
OF_CONDA = "lib/python3.9/site-packages/tqdm-4.65.0.dist-info/METADATA"


@pytest.fixture
def prefix(world: World, conda_env: str) -> Iterator[str]:
    """An environment with packages of pip's and of conda's, in which Python has moved."""
    env = world.env(conda_env)
    world.run(["conda", "install", "-y", "pytz", "numpy=1.26"], conda_env, check=True)
    world.run(["pip", "install", "tqdm==4.66.1", "requests"], conda_env, check=True)
    words = ["conda", "install", "-y", f"python={harness.other_python()}"]
    assert harness.run(world, words, conda_env, environ={"SAFEINSTALL": "off"}).returncode == 0
    yield env
    for place in filter(os.path.isdir, (str(Path(env).parent / ".safeinstall"), env)):
        staging.remove(place)


def told(world: World, prefix: str, kind: str = "stranded") -> list[dict[str, Any]]:
    """The problems that ``status --json`` tells of, and ``doctor --json`` as well."""
    both = []
    for verb in ("status", "doctor"):
        done = world.run([sys.executable, "-m", "safeinstall", verb, "--json", "-p", prefix])
        found = json.loads(done.stdout)["problems"]
        both.append([problem for problem in found if problem["kind"] == kind])
    assert both[0] == both[1]
    return both[0]


def old_place(world: World, prefix: str) -> Path:
    (found,) = {*Path(prefix, "lib").glob("python*")} - {
        Path(prefix, "lib", f"python{describe(prefix).python}")
    }
    return found / "site-packages"


def test_it_is_told_and_a_rebuild_brings_it_along(
    world: World, conda_env: str, prefix: str
) -> None:
    """What is left of conda's packages there, as byte code, is nobody's distribution."""
    (problem,) = told(world, prefix)
    place = old_place(world, prefix).relative_to(prefix)
    assert problem["message"].startswith(
        f"6 distributions of pip's were left behind in {place} when Python moved to "
        f"{harness.other_python()} (requests, tqdm, certifi, "
    )
    assert {"requests", "tqdm", "idna"} < {*problem["names"]}
    assert "pytz" not in problem["names"]
    (line,) = problem["commands"]
    assert line == f"safeinstall rebuild -p {prefix}"
    done = pasted(world, f"{line} --yes")
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert f"left behind in {place}, and coming along: certifi" in done.stdout.decode()
    world.run(["python", "-c", "import requests, tqdm, idna, pytz"], conda_env, check=True)
    assert told(world, prefix) == []
    assert not Path(prefix, place).exists()
    marked = {p.name for p in inventory.scan(describe(prefix)).packages if p.requested}
    assert {"tqdm", "requests"} <= marked
    assert "idna" not in marked


def pasted(world: World, line: str) -> harness.Completed:
    words = line.split()
    assert words[0] == "safeinstall"
    return world.run([sys.executable, "-m", *words])


def test_doctor_mends_it(world: World, conda_env: str, prefix: str) -> None:
    """What is somebody's own there comes along as it is."""
    mine = old_place(world, prefix) / "mine.py"
    mine.write_text("")
    words = [sys.executable, "-m", "safeinstall", "doctor", "-p", prefix, "--fix", "--yes"]
    done = world.run(words)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    world.run(["python", "-c", "import requests, tqdm"], conda_env, check=True)
    assert mine.exists()
    assert len(list(mine.parent.iterdir())) == 1


def test_what_came_again_only_takes_room(world: World, conda_env: str, prefix: str) -> None:
    place = old_place(world, prefix)
    world.run(["pip", "install", "tqdm==4.66.1", "requests"], conda_env, check=True)
    (problem,) = told(world, prefix)
    assert problem["message"].endswith("left in " + str(place.relative_to(prefix)) + LEFT)
    done = pasted(world, f"{problem['commands'][0]} --yes")
    assert done.returncode == 0, done.stderr.decode()
    assert told(world, prefix) == []
    assert not place.exists()


def test_where_nothing_can_be_made_anew(world: World, conda_env: str, prefix: str) -> None:
    """A frozen one: pip brings it, and then what is left goes."""
    Path(prefix, "conda-meta", "frozen").write_text("{}")
    (problem,) = told(world, prefix)
    (line,) = problem["commands"]
    done = harness.pasted(world, line, conda_env)
    assert done.returncode == 0, done.stderr.decode()
    assert told(world, prefix) == []
    world.run(["python", "-c", "import requests, tqdm"], conda_env, check=True)


def test_python_is_gone_altogether(world: World, conda_env: str) -> None:
    """With it, everything is there again."""
    world.run(["pip", "install", "tqdm==4.66.1"], conda_env, check=True)
    prefix = world.env(conda_env)
    python = describe(prefix).python
    world.run(["conda", "remove", "-y", "python"], conda_env, check=True)
    (problem,) = told(world, prefix)
    assert problem["message"].endswith("when Python went (tqdm)")
    (line,) = problem["commands"]
    assert f"python={python}" in line
    done = harness.pasted(world, line.replace("install", "install -y", 1))
    assert done.returncode == 0, done.stderr.decode()
    assert told(world, prefix) == []
    world.run(["python", "-c", "import tqdm"], conda_env, check=True)


def test_who_keeps_several_pythons(world: World, conda_env: str, prefix: str) -> None:
    """One that still runs finds its own, and what is empty or of conda's own is nobody's."""
    place = old_place(world, prefix)
    program = Path(prefix, "bin", place.parent.name)
    program.symlink_to(sys.executable)
    assert told(world, prefix) == []
    program.unlink()
    assert len(told(world, prefix)) == 1
    link = Path(prefix, "lib", "python3.1")
    link.symlink_to(f"python{describe(prefix).python}")  # as conda's Python 3.10 has it
    assert len(told(world, prefix)) == 1
    for entry in place.iterdir():
        if entry.name.endswith(".dist-info"):
            shutil.rmtree(entry)
    assert told(world, prefix) == []


def test_what_was_behind_twice_comes_once(world: World, conda_env: str, prefix: str) -> None:
    """As it was for the newest Python."""
    older = Path(prefix, "lib", "python3.9", "site-packages")
    shutil.copytree(old_place(world, prefix), older)
    (older / "tqdm-4.66.1.dist-info").rename(older / "tqdm-4.65.0.dist-info")
    there = describe(prefix)
    found = inventory.scan(there)
    every = stranded.look(there, found)
    assert len(every) == 12
    once = {package.name: package.version for package in stranded.missing(every, found)}
    assert len(once) == 6
    assert once["tqdm"] == "4.66.1"
    record = next(Path(prefix, "conda-meta").glob("pytz-*.json"))
    lines = record.read_text().replace('"files": [', f'"files": [\n"{OF_CONDA}",', 1)
    record.write_text(lines)
    assert len(stranded.look(there, found)) == 11
