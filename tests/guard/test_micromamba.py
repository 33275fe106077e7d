"""Somebody who has micromamba, and no conda: a real one, in a home directory of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.world import World
from tests.harness import GUARD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real_mamba
TOLD = "SAFEINSTALL_REASON"  # is offered in any case, and is no advice


class Home:
    """A home directory with micromamba on PATH, and the channels and wheels of a world."""

    def __init__(self, world: World, directory: Path) -> None:
        self.directory = directory
        self.root = str(directory / "mamba")
        programs = directory / "bin"
        programs.mkdir(parents=True)
        (programs / "micromamba").symlink_to(os.environ["SAFEINSTALL_TEST_MAMBA"])
        (programs / "safeinstall").write_text(f'#!/bin/sh\nexec {" ".join(GUARD)} "$@"\n')
        (programs / "safeinstall").chmod(0o755)
        self.environ = {
            "HOME": world.home,
            "PATH": f"{programs}:/usr/bin:/bin",
            "MAMBA_ROOT_PREFIX": self.root,
            "LANG": "C.UTF-8",
        }

    def sh(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line of a shell, unguarded where it does not say "safeinstall"."""
        return subprocess.run(
            ["bash", "--norc", "-c", line],
            env=self.environ,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """A guarded command."""
        return self.sh(f"safeinstall run -- {line}")

    def offered(self, line: str) -> list[str]:
        """The commands that are offered in place of this one."""
        done = self.sh(f"safeinstall check --json -- {line}")
        return [fix for found in json.loads(done.stdout)["findings"] for fix in found["fixes"]]

    def made(self, name: str) -> str:
        """An environment with numpy of conda's, and pip's pandas and tqdm."""
        self.sh(f"micromamba create -y -n {name} python=3.11 pip numpy=1.26 requests")
        done = self.sh(f"micromamba run -n {name} python -m pip install tqdm pandas==2.1.4")
        assert done.returncode == 0, done.stderr
        return f"{self.root}/envs/{name}"

    def is_sound(self, name: str) -> bool:
        """Does doctor find nothing?"""
        return self.sh(f"safeinstall doctor -n {name}").returncode == 0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the packages of the world's channels are for the Python that runs this")
    world = World.create(tmp_path_factory.mktemp("world"))
    yield Home(world, tmp_path_factory.mktemp("micromamba"))
    world.close()


@pytest.mark.parametrize(
    "line",
    [
        "micromamba install -y -n {} tqdm",
        "micromamba install -n {} numpy=1.21",
        "micromamba update -y -n {} --all",
        "micromamba remove -y -n {} numpy",
        "micromamba uninstall -y -n {} numpy",
        "micromamba run -n {} pip install numpy==1.21.6",
        "micromamba run -n {} python -m pip uninstall -y numpy",
    ],
)
def test_what_would_break_is_stopped_and_micromamba_is_offered(home: Home, line: str) -> None:
    name = "mixed"
    if not os.path.exists(f"{home.root}/envs/{name}"):
        home.made(name)
    done = home.run(line.format(name))
    assert done.returncode == 77, done.stderr
    assert home.is_sound(name)
    offered = home.offered(line.format(name))
    words = [part.split()[0] for fix in offered for part in fix.split(" && ")]
    assert {*words} <= {"micromamba", "safeinstall"}
    assert words


def test_what_is_offered_for_pip_makes_a_sound_environment(home: Home) -> None:
    home.made("old")
    fix, *_ = home.offered("micromamba run -n old pip install numpy==1.23.5")
    home.sh(fix.replace(" create ", " create -y "))
    assert home.is_sound("old-new"), fix


def test_what_it_creates_is_recorded_where_it_is(home: Home) -> None:
    file = home.directory / "made.yml"
    file.write_text("name: made\ndependencies: [python=3.11, pip, numpy, {pip: [tqdm]}]\n")
    assert home.run("micromamba create -y -f made.yml").returncode == 0
    assert home.run("micromamba create -y -n plain python=3.11").returncode == 0
    for name, packages in (("made", {"numpy", "tqdm"}), ("plain", {"python"})):
        told = home.sh(f"safeinstall history --json -n {name}")
        (operation,) = json.loads(told.stdout)
        assert operation["status"] == "done"
        assert packages <= {change["name"] for change in operation["changes"]}
    assert not os.path.exists(f"{home.environ['HOME']}/.conda/envs")


@pytest.mark.parametrize("verb", ["install", "update"])
def test_the_name_in_a_file_is_the_environment(home: Home, verb: str) -> None:
    """Also for install and update, whatever is active."""
    if not os.path.exists(f"{home.root}/envs/named"):
        home.made("named")
    file = home.directory / "named.yml"
    file.write_text("name: named\ndependencies: [numpy=2.0]\n")
    done = home.run(f"micromamba {verb} -y -f named.yml")
    assert done.returncode == 77, done.stderr
    assert home.is_sound("named")
    told = json.loads(home.sh("safeinstall history --json -n named").stdout)
    assert told[0]["status"] == "blocked"


def test_a_rebuild_and_an_undo_take_micromamba_and_its_cache(home: Home) -> None:
    home.made("again")
    done = home.sh("safeinstall rebuild -n again --add tqdm --yes")
    assert done.returncode == 0, done.stderr
    assert "all in conda's cache" in done.stdout
    assert home.is_sound("again")
    listed = home.sh("micromamba list -n again --json").stdout
    assert [p["channel"] for p in json.loads(listed) if p["name"] == "tqdm"] == ["conda-forge"]
    assert home.sh("safeinstall undo -n again --yes").returncode == 0
    assert home.is_sound("again")
    listed = home.sh("micromamba list -n again --json").stdout
    assert [p["channel"] for p in json.loads(listed) if p["name"] == "tqdm"] == ["pypi"]


def test_the_functions_stand_behind_its_hook(home: Home) -> None:
    """Which leaves MAMBA_EXE unset."""
    home.made("typed")
    done = home.sh(
        'eval "$(micromamba shell hook -s bash)"; eval "$(safeinstall init bash)"\n'
        "micromamba activate typed; micromamba install -y tqdm; echo $?\n"
        "micromamba install -qy certifi >/dev/null; echo $?\n"
        "pip uninstall -y numpy; echo $?; micromamba deactivate; echo [$CONDA_PREFIX]"
    )
    assert done.stdout.split() == ["77", "0", "77", "[]"], done.stderr
    assert TOLD in done.stderr


@pytest.mark.parametrize(
    ("dependencies", "option", "offered"),
    [
        ("tqdm, pip, {pip: [cowsay]}", "", "rebuild"),
        ("python=3.11, pip", "--prune", "env create"),  # takes numpy away, which pandas needs
        ("joblib, {pip: [tqdm]}", "", ""),
    ],
)
def test_an_environment_file_is_judged_by_its_plan(
    home: Home, dependencies: str, option: str, offered: str
) -> None:
    name = f"file{len(dependencies)}"
    home.made(name)
    (home.directory / "e.yml").write_text(f"dependencies: [{dependencies}]\n")
    line = f"micromamba env update -y -n {name} {option} -f e.yml"
    done = home.run(line)
    assert done.returncode == (77 if offered else 0), done.stderr
    assert "cannot be found out" not in done.stderr
    if offered:
        (fix, *_) = (fix for fix in home.offered(line) if TOLD not in fix)
        assert offered in fix
        done = home.sh(fix + " --yes" * (offered == "rebuild"))
        assert done.returncode == 0, (fix, done.stderr)
    assert home.is_sound(name)


def test_a_root_prefix_is_an_environment_like_others(home: Home) -> None:
    home.sh("micromamba install -y -n base python=3.11 pip")
    assert not home.offered("micromamba install -y six")
    assert home.run("micromamba install -y six").returncode == 0
