"""``doctor``: every kind of damage is found, and the command that is offered mends it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.probe import integrity
from safeinstall.sandbox.wheels import write_project
from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

Damage = Callable[["World", str, Path], None]

YES = {"CONDA_ALWAYS_YES": "1", "PIP_YES": "1"}


def doctor(world: World, name: str, *options: str, **environ: str) -> tuple[int, list[Any], str]:
    """Status, problems, and stderr. The environment is the active one."""
    words = [sys.executable, "-m", "safeinstall", "doctor", "--json", *options]
    done = world.run(words, name, environ=environ)
    assert done.stdout, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)["problems"], done.stderr.decode()


def site(world: World, name: str) -> Path:
    (found,) = Path(world.env(name)).glob("lib/python3*/site-packages")
    return found


def rewritten(path: Path, text: str) -> None:
    """Another file: the old one may be a link into the package cache."""
    path.unlink()
    path.write_text(text)


def altered_of_conda(world: World, name: str, _: Path) -> None:
    world.run(["conda", "install", "-y", "six=1.16"], name, check=True)
    rewritten(site(world, name) / "six.py", "broken = True\n")


def altered_of_pip(world: World, name: str, _: Path) -> None:
    world.run(["pip", "install", "tqdm"], name, check=True)
    rewritten(site(world, name) / "tqdm" / "__init__.py", "broken = True\n")


def missing_of_conda(world: World, name: str, _: Path) -> None:
    """A file that a quick look does not miss."""
    world.run(["conda", "install", "-y", "numpy=1.26"], name, check=True)
    files = [path for path in site(world, name).glob("numpy/**/*") if path.is_file()]
    inner = [p for p in files if p.name != "__init__.py" and p.suffix != ".pyc"]
    inner[-1].unlink()


def unlinked(world: World, name: str, place: Path) -> None:
    write_project(str(place / "work"), "thing", "1.0")
    world.run(["pip", "install", "-e", str(place / "work")], name, check=True)
    shutil.rmtree(place / "work")


def impostor(world: World, name: str, place: Path) -> None:
    write_project(str(place / "work"), "enum34", "1.1.10")
    world.run(["pip", "install", str(place / "work")], name, check=True)


def emptied(world: World, name: str, _: Path) -> None:
    """As after a full disk."""
    world.run(["pip", "install", "tqdm"], name, check=True)
    rewritten(site(world, name) / "tqdm" / "__init__.py", "")


def replaced_by_a_directory(world: World, name: str, _: Path) -> None:
    world.run(["pip", "install", "six"], name, check=True)
    (site(world, name) / "six.py").unlink()
    (site(world, name) / "six.py").mkdir()


def list_cut(world: World, name: str, _: Path) -> None:
    world.run(["conda", "install", "-y", "six=1.16"], name, check=True)
    (record,) = Path(world.env(name), "conda-meta").glob("six-*.json")
    rewritten(record, record.read_text()[:300])


def leftover(world: World, name: str, _: Path) -> None:
    info = site(world, name) / "gone-1.0.dist-info"
    info.mkdir()
    (info / "REQUESTED").touch()


DAMAGES: dict[Damage, tuple[str, str]] = {
    altered_of_conda: ("altered", "six 1.16.0: six.py altered"),
    altered_of_pip: ("altered", "tqdm "),
    missing_of_conda: ("incomplete", "numpy 1.26.4: "),
    emptied: ("altered", "tqdm 4.66.1: tqdm/__init__.py altered"),
    unlinked: ("unlinked", "thing is an editable install of "),
    impostor: ("impostor", "enum34 1.1.10: Python has enum in its standard library"),
    leftover: ("leftover", "gone-1.0.dist-info is left"),
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_it_is_found_and_mended(
    world: World, conda_env: str, tmp_path: Path, damage: Damage
) -> None:
    damage(world, conda_env, tmp_path)
    kind, message = DAMAGES[damage]
    status, problems, _ = doctor(world, conda_env)
    assert status == 1
    found = [p for p in problems if p["kind"] == kind]
    assert [p["message"][: len(message)] for p in found] == [message], problems
    for command in found[0]["commands"]:
        done = harness.pasted(world, command, conda_env, environ=YES)
        assert done.returncode == 0, (command, done.stdout.decode(), done.stderr.decode())
    assert doctor(world, conda_env)[:2] == (0, [])


@pytest.mark.parametrize("damage", [replaced_by_a_directory, list_cut])
def test_it_is_found(world: World, conda_env: str, tmp_path: Path, damage: Damage) -> None:
    damage(world, conda_env, tmp_path)
    status, problems, _ = doctor(world, conda_env)
    assert status == 1
    assert "six" in [name for problem in problems for name in problem["names"]]


def test_a_program_that_asks_for_the_system_s_python(tmp_path: Path) -> None:
    (tmp_path / "program").write_text("#!/usr/bin/python3\n")
    assert integrity.strange_interpreter(str(tmp_path / "program"), str(tmp_path)) == ""


def test_a_sound_one(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26", "requests"], conda_env, check=True)
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    assert doctor(world, conda_env)[:2] == (0, [])
    done = world.run([sys.executable, "-m", "safeinstall", "doctor", "-p", world.env(conda_env)])
    assert done.returncode == 0
    assert b"nothing is wrong" in done.stdout
    assert b"what is in the files" not in done.stdout


def test_what_two_own_is_told_of_once(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "six=1.16"], conda_env, check=True)
    world.run(["pip", "install", "six==1.17.0"], conda_env, check=True)
    _, problems, _ = doctor(world, conda_env)
    assert [p["kind"] for p in problems] == ["overwritten"]


def test_programs_of_an_environment_that_was_moved(world: World, conda_env: str) -> None:
    program = Path(world.env(conda_env), "bin", "pip3")
    program = program if program.is_file() else Path(world.env(conda_env), "bin", "pip")
    text = program.read_text().partition("\n")[2]
    rewritten(program, f"#!/no/such/bin/python\n{text}")
    _, problems, _ = doctor(world, conda_env)
    (found,) = [p for p in problems if p["kind"] == "strayed"]
    assert f"bin/{program.name} is started by /no/such/bin/python" in found["message"]
    (command,) = found["commands"]
    done = harness.pasted(world, command, conda_env, environ=YES)
    assert done.returncode == 0, done.stderr.decode()
    assert doctor(world, conda_env)[:2] == (0, [])


def test_libraries_before_those_of_wheels(world: World, conda_env: str, tmp_path: Path) -> None:
    wheels = Path(world.wheels).glob("nvidia_cuda_runtime_cu12-*")
    world.run(["pip", "install", "--no-deps", str(next(wheels))], conda_env, check=True)
    (tmp_path / "libcudart.so.11").touch()
    path = os.pathsep.join(["/usr/lib", str(tmp_path)])
    _, problems, _ = doctor(world, conda_env, LD_LIBRARY_PATH=path)
    (found,) = [p for p in problems if p["kind"] == "library-path"]
    assert f"libcudart.so.11 in {tmp_path}" in found["message"]
    assert found["commands"] == ["unset LD_LIBRARY_PATH"]
    assert doctor(world, conda_env)[:2] == (0, [])


def test_wrong_use(world: World) -> None:
    for options in (["-p", "/no/such"], ["-n", "nosuch"]):
        done = world.run([sys.executable, "-m", "safeinstall", "doctor", *options])
        assert (done.returncode, done.stdout) == (64, b"")
