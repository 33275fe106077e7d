"""``safeinstall doctor`` as a health check of ``conda doctor``."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

import safeinstall
from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

PACKAGE = Path(safeinstall.__file__).parent
PYPROJECT = PACKAGE.parent.parent / "pyproject.toml"

WELL = "✅ safeinstall has found no problem."

OLDER = """\
from typing import NamedTuple
class CondaHealthCheck(NamedTuple):
    name: str
    action: object
"""
NEWER = OLDER + "    fixer: object = None\n    summary: str = None\n    fix: str = None\n"

# As conda calls it: what it has loaded, the check, and what comes of --fix and the answer
CALLS = """\
import importlib, json, os, shlex, subprocess, sys, conda.plugins
loaded = {"__future__", *sys.modules}
plugin = importlib.import_module(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) - loaded)), file=sys.stderr)
prefix, answer, *verbose = sys.argv[2:]
def confirm(message):
    print("asked:", message)
    if answer == "no":
        sys.exit(3)
for check in plugin.conda_health_checks():
    check.action(prefix, bool(verbose))
    if answer:
        print("status:", check.fixer(prefix, None, confirm))
"""


@pytest.fixture
def broken(world: World, conda_env: str) -> str:
    """The prefix of an environment in which pip has written over conda's six."""
    world.run(["conda", "install", "-y", "six=1.16"], conda_env, check=True)
    world.run(["pip", "install", "six==1.17.0"], conda_env, check=True)
    return world.env(conda_env)


def called(
    world: World, conda: Path, prefix: str, answer: str = "", *verbose: str, types: str = NEWER
) -> subprocess.CompletedProcess[bytes]:
    """The plugin, called by a stand-in of conda in the directory ``conda``."""
    plugins = conda / "conda" / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    (plugins.parent / "__init__.py").touch()
    (plugins / "__init__.py").write_text("hookimpl = lambda hook: hook\n")
    (plugins / "types.py").write_text(types)
    words = [sys.executable, "-c", CALLS, _entry_point(), prefix, answer, *verbose]
    return world.run(words, environ={"PYTHONPATH": str(conda)})


def _entry_point() -> str:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    (module,) = project["entry-points"]["conda"].values()
    return str(module)


def test_it_costs_conda_nothing(world: World, tmp_path: Path) -> None:
    done = called(world, tmp_path, "/no/such")
    loaded = json.loads(done.stderr.splitlines()[0])
    module = _entry_point()
    assert loaded == ["safeinstall", module.rpartition(".")[0], module]


@pytest.mark.parametrize("types", [OLDER, NEWER], ids=["older", "newer"])
def test_a_sound_one(world: World, conda_env: str, tmp_path: Path, types: str) -> None:
    prefix = world.env(conda_env)
    done = called(world, tmp_path, prefix, types=types)
    assert (done.returncode, done.stdout.decode()) == (
        0,
        "✅ safeinstall has found no problem.\n\n",
    )
    said = called(world, tmp_path, prefix, "", "verbose", types=types).stdout.decode()
    assert "Not looked at: whether they can be imported\n" in said


def test_nothing_to_fix(world: World, conda_env: str, tmp_path: Path) -> None:
    done = called(world, tmp_path, world.env(conda_env), "no")
    assert done.stdout.decode().endswith("nothing that it can fix.\nstatus: 0\n")


def test_a_broken_one(world: World, broken: str, tmp_path: Path) -> None:
    done = called(world, tmp_path, broken)
    first, _, problem, _, end, *_ = done.stdout.decode().split("\n")
    assert first == "❌ Problems found by safeinstall: 1"
    assert problem == "six: conda's record says 1.16.0, what is there is pip's 1.17.0"
    assert end == f"What solves them: safeinstall doctor -p {broken} --fix"
    verbose = called(world, tmp_path, broken, "", "verbose").stdout.decode()
    assert f" && conda install -n {Path(broken).name} --force-reinstall six=1.16.0\n" in verbose


def test_it_is_fixed(world: World, broken: str, tmp_path: Path) -> None:
    """The plan comes before the question, and nothing is done if the answer is no."""
    done = called(world, tmp_path, broken, "no")
    assert done.returncode == 3
    plan, _, _ = done.stdout.decode().partition("asked: ")
    assert "is made anew beside the old one" in plan
    assert "❌" in called(world, tmp_path, broken).stdout.decode()
    done = called(world, tmp_path, broken, "yes")
    assert done.stdout.decode().endswith(f"{WELL}\n\nstatus: 0\n")


def test_faults_are_conda_s_to_report(world: World, conda_env: str, tmp_path: Path) -> None:
    """conda writes a line for an exception of a check, and goes on; not for one of the hook."""
    done = called(world, tmp_path, "/no/such")
    assert done.stderr.decode().endswith("RuntimeError: safeinstall doctor ended with 64\n")
    done = called(world, tmp_path, world.env(conda_env), types="")
    assert done.returncode == 0
    (line,) = done.stderr.decode().splitlines()[1:]
    assert line.startswith("safeinstall: no health check (ImportError")


@pytest.fixture
def conda(world: World, tmp_path: Path) -> str:
    """The real conda, as if safeinstall were installed beside it. Its directory is not changed, and
    PYTHONPATH would be a problem that the check finds.
    """
    packages = tmp_path / "packages"
    info = packages / "safeinstall-1.dist-info"
    info.mkdir(parents=True)
    (packages / "safeinstall").symlink_to(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: safeinstall\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[conda]\nsafeinstall = {_entry_point()}\n")
    for name in _needed("safeinstall"):
        for file in metadata.files(name) or ():
            link = packages / file.parts[0]
            if file.parts[0] != ".." and not link.exists():
                link.symlink_to(str(file.locate()).removesuffix(str(file)) + file.parts[0])
    program = tmp_path / "conda"
    lines = [f"#!{world.root}/bin/python", "import sys", f"sys.path.append({str(packages)!r})"]
    program.write_text("\n".join([*lines, "from conda.cli import main", "sys.exit(main())", ""]))
    program.chmod(0o755)
    return str(program)


def _needed(name: str) -> set[str]:
    """The names of the distributions that one needs, without extras."""
    lines = [Requirement(line) for line in metadata.requires(name) or ()]
    names = {r.name for r in lines if not r.marker or r.marker.evaluate({"extra": ""})}
    return names.union(*map(_needed, names))


@pytest.mark.real_conda
def test_the_real_conda(world: World, broken: str, conda: str) -> None:
    """The check is named, as others ask the network."""

    def doctor(*options: str) -> str:
        done = world.run([conda, "doctor", "-p", broken, *options, "safeinstall"])
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    assert "❌ Problems found by safeinstall: 1" in doctor()
    assert "is made anew beside the old one" in doctor("--fix", "--dry-run")
    assert "❌" in doctor()
    assert WELL in doctor("--fix", "--yes")
    assert "nothing that it can fix" in doctor("--fix", "--yes")
    listed = world.run([conda, "doctor", "--list"]).stdout.decode()
    assert "safeinstall: Detect what conda and pip" in listed


@pytest.mark.real_conda
def test_the_real_conda_under_the_guard(world: World, broken: str, conda: str) -> None:
    """The rebuild inside it does not wait for the guard's own lock."""
    words = [conda, "doctor", "-p", broken, "--fix", "--yes", "safeinstall"]
    done = harness.run(world, words)
    assert done.returncode == 0, done.stderr.decode()
    assert WELL in done.stdout.decode()
    operations = harness.history(world, Path(broken).name)
    assert [o["argv"][1] for o in operations] == ["doctor", "rebuild"]
    assert {o["status"] for o in operations} == {"done"}
