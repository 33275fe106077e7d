"""SI106: packages on Python's path that are not in the environment's own site-packages."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.probe.environment import describe
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeinstall.sandbox.world import World

NAME = "shadowed"
WORDS = ["pip", "install", "idna"]


@pytest.fixture(scope="module")
def site_packages(world: World) -> Iterator[str]:
    world.create_env(NAME, "python", "pip", "six=1.16", "requests=2.31", "cython")
    yield describe(world.env(NAME)).site_packages[0]
    world.remove_env(NAME)


@pytest.fixture(scope="module")
def user_base(
    world: World, site_packages: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """A user's directory with another six, and with what the environment has not."""
    environ = {"PYTHONUSERBASE": str(tmp_path_factory.mktemp("user"))}
    words = ["pip", "install", "--user", "--ignore-installed", "six==1.17.0", "cowsay"]
    world.run(words, NAME, environ=environ, check=True)
    return environ


def findings(
    world: World, environ: dict[str, str], words: list[str] = WORDS
) -> list[dict[str, Any]]:
    command = [*harness.GUARD, "check", "--json", "--", *words]
    found = json.loads(world.run(command, NAME, environ=environ).stdout)["findings"]
    return [finding for finding in found if finding["rule"] == "SI106"]


def problems(world: World, environ: dict[str, str]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "safeinstall", "status", "--json", "-p", world.env(NAME)]
    found = json.loads(world.run(command, environ=environ).stdout)["problems"]
    return [problem for problem in found if problem["kind"] == "shadowed"]


def test_a_working_copy_behind_the_released_package(
    world: World, site_packages: str, tmp_path: Path
) -> None:
    for name in ("requests", "lib_of_mine", "tests"):
        (tmp_path / "src" / name).mkdir(parents=True)
        (tmp_path / "src" / name / "__init__.py").write_text("")
    with open(f"{site_packages}/conda.pth", "w", encoding="utf-8") as file:
        file.write(f"# by conda develop\nimport sys\n{tmp_path}/nowhere\n{tmp_path}/src\n")
    (finding,) = findings(world, {})
    assert finding["message"] == f"{NAME} hides requests of {tmp_path}/src."
    (line,) = finding["evidence"]
    assert line == f"requests in {tmp_path}/src (conda.pth) is behind conda 2.31.0"
    (problem,) = problems(world, {})
    assert problem["names"] == ["requests"]
    with open(f"{site_packages}/conda.pth", "w", encoding="utf-8"):
        pass
    assert findings(world, {}) == problems(world, {}) == []


def test_python_path(world: World, site_packages: str, tmp_path: Path) -> None:
    words = ["pip", "install", "--target", str(tmp_path), "tqdm", "cython"]
    world.run(words, NAME, check=True)
    (finding,) = findings(world, {"PYTHONPATH": f"{site_packages}:{tmp_path}:."})
    said = f"{tmp_path} hides cython of {NAME}; {tmp_path} lends tqdm to {NAME}."
    assert finding["message"] == said
    assert finding["fixes"] == ["unset PYTHONPATH"]
    environ = {"PYTHONPATH": str(tmp_path)}
    for option, told in (("-B", 1), ("-s", 1), ("-E", 0), ("-I", 0)):
        words = ["python", option, "-m", *WORDS]
        assert len(findings(world, environ, words)) == told


def test_it_is_told_once_and_status_always_tells(
    world: World, user_base: dict[str, str], tmp_path: Path
) -> None:
    done = harness.run(world, WORDS, NAME, environ=user_base)
    assert done.returncode == 0
    told = " ".join(done.stderr.decode().split())
    assert f"site-packages hides six of {NAME};" in told
    assert f"site-packages lends cowsay to {NAME}." in told
    said = harness.run(world, ["pip", "install", "tqdm"], NAME, environ=user_base).stderr.decode()
    assert "SI106" not in said
    for _ in range(2):
        (problem,) = problems(world, user_base)
        assert problem["commands"] == ["export PYTHONNOUSERSITE=1"]
    assert problems(world, user_base | {"PYTHONNOUSERSITE": "1"}) == []
    venv = tmp_path / "venv"
    world.run(["python", "-m", "venv", str(venv)], NAME, check=True)
    words = [f"{venv}/bin/python", "-m", "pip", "install", "six"]
    done = harness.run(world, words, environ=user_base)
    assert (done.returncode, done.stderr) == (0, b"")
