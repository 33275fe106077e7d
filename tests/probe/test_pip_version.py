"""Which pip would run, against what it says itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.argv import launch
from safeinstall.probe import pip
from safeinstall.probe.environment import describe
from safeinstall.probe.tool import which

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World


@pytest.fixture(scope="module")
def env(world: World) -> Iterator[str]:
    name = f"pips{os.getpid()}"
    world.create_env(name, "python", "pip")
    yield name
    world.remove_env(name)


def other_pip(directory: Path, version: str) -> None:
    """Put something into a directory that is found as pip is, and tells its version as pip does."""
    command = directory / "pip" / "_internal" / "cli"
    command.mkdir(parents=True)
    (command / "main.py").write_text(f"def main():\n    print('pip {version}')\n")
    (directory / "pip" / "__init__.py").write_text("")
    (directory / "pip" / "__main__.py").write_text(f"print('pip {version}')\n")
    (directory / f"pip-{version}.dist-info").mkdir()


@pytest.mark.parametrize(
    "line",
    [
        "pip",
        "python -m pip",
        "python -I -m pip",
        "python -E -m pip",
        "python -s -m pip",
        "python -Wignore::ResourceWarning -m pip",
    ],
)
@pytest.mark.parametrize("variables", ["user", "both", "relative", "hidden"])
def test_the_pip_that_runs(
    world: World, env: str, tmp_path: Path, line: str, variables: str
) -> None:
    python = describe(world.env(env)).python
    other_pip(tmp_path / f"base/lib/python{python}/site-packages", "98.0")
    other_pip(tmp_path / "path", "99.0")
    given = {
        "user": {"PYTHONUSERBASE": str(tmp_path / "base")},
        "both": {"PYTHONUSERBASE": f"{tmp_path}/base", "PYTHONPATH": f"/x:{tmp_path}/path"},
        "relative": {"PYTHONPATH": "path"},
        "hidden": {"PYTHONUSERBASE": str(tmp_path / "base"), "PYTHONNOUSERSITE": "1"},
    }[variables]
    words = line.split()
    told = world.run([*words, "--version"], env, cwd=tmp_path, environ=given, check=True)
    environ = world.environ(env, **given)
    executable = which(words[0], environ, str(tmp_path))
    assert executable
    options = tuple(words[1 : launch.find(words)[1]])
    found = pip.version_of(options, executable, environ, world.home, str(tmp_path))
    assert found == told.stdout.split()[1].decode()


def test_the_home_directory_is_not_seen_in_a_venv(world: World, env: str, tmp_path: Path) -> None:
    prefix = str(tmp_path / "venv")
    world.run(["python", "-m", "venv", prefix], env, check=True)
    python = describe(prefix).python
    other_pip(tmp_path / f"base/lib/python{python}/site-packages", "98.0")
    environ = world.environ(PYTHONUSERBASE=str(tmp_path / "base"))
    told = world.run([f"{prefix}/bin/pip", "--version"], environ=environ, check=True)
    found = pip.version_of((), f"{prefix}/bin/pip", environ, world.home, str(tmp_path))
    assert found == told.stdout.split()[1].decode() != "98.0"


def test_the_metadata_of_two_pips(world: World, env: str, tmp_path: Path) -> None:
    """What conda and pip leave together when both have put a pip there: the code decides."""
    prefix = str(tmp_path / "venv")
    world.run(["python", "-m", "venv", prefix], env, check=True)
    site = Path(prefix, "lib", f"python{describe(prefix).python}", "site-packages")
    environ = world.environ()
    told = world.run([f"{prefix}/bin/pip", "--version"], environ=environ, check=True)
    for older in ("1.0", "97.0"):
        (site / f"pip-{older}.dist-info").mkdir()
        found = pip.version_of((), f"{prefix}/bin/pip", environ, world.home, str(tmp_path))
        assert found == told.stdout.split()[1].decode()
    (site / "pip" / "__init__.py").unlink()
    assert pip.version_of((), f"{prefix}/bin/pip", environ, world.home, str(tmp_path)) == ""
