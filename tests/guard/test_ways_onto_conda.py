"""Ways in which pip and uv replace conda-owned packages that are easily overlooked."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.output.quoting import paste
from safeinstall.sandbox.distribution import Distribution
from tests import harness
from tests.rails.railway import content
from tests.uv import UV

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World


@pytest.fixture(scope="module")
def env(world: World) -> Iterator[str]:
    """An environment of conda's alone, which nothing here changes."""
    name = f"ground{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.21.6", "pytorch", "cudatoolkit=11.8")
    yield name
    world.remove_env(name)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A home directory for one test, and where pip finds packages."""
    return {"HOME": str(tmp_path), "PYTHONUSERBASE": str(tmp_path / "base")}


def wheel(directory: Path, name: str, version: str, *requires: str) -> Path:
    """Write a wheel; answers its directory."""
    made = Distribution(
        name, version, module=name.replace("-", "_"), requires=requires, needs=(), code=""
    )
    file, data = made.wheel()
    directory.mkdir(exist_ok=True)
    (directory / file).write_bytes(data)
    return directory


def refused(world: World, env: str, words: list[str], **more: str) -> str:
    """The guard's words; nothing may have changed."""
    before = content(world.env(env))
    done = harness.run(world, words, env, environ=more)
    assert done.returncode == 77, (done.stdout, done.stderr)
    after = content(world.env(env))
    assert {p: d for p, d in after.items() if ".safeinstall" not in p} == {
        p: d for p, d in before.items() if ".safeinstall" not in p
    }
    return done.stderr.decode()


@pytest.mark.parametrize("tool", [["pip"], [UV or "uv", "pip"]], ids=["pip", "uv"])
def test_a_local_version_is_another_one(
    world: World, env: str, tmp_path: Path, tool: list[str]
) -> None:
    """``==1.21.6`` would let 1.21.6+vendor in."""
    place = wheel(tmp_path / "wheels", "numpy", "1.21.6+vendor")
    before = content(world.env(env))
    words = [*tool, "install", "-U", "--no-index", "-f", str(place), "numpy"]
    done = harness.run(world, words, env)
    assert b"vendor" not in done.stdout
    after = content(world.env(env))
    assert all(after[path] == before[path] for path in before if ".safeinstall" not in path)


@pytest.mark.skipif(not UV, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.toml", "[pip]\nreinstall = true\n"),
        ("pyproject.toml", '[tool.uv.pip]\nreinstall-package = ["numpy"]\n'),
    ],
)
def test_what_uv_is_told_by_a_file(
    world: World, env: str, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    words = [str(UV), "pip", "install", "--no-index", "-f", world.wheels, "numpy"]
    before = content(world.env(env))
    done = harness.run(world, words, env, cwd=tmp_path)
    assert done.returncode == 77, (done.stdout, done.stderr)
    assert b"SI202" in done.stderr
    after = content(world.env(env))
    assert all(after[path] == before[path] for path in before if ".safeinstall" not in path)
    assert harness.run(world, [*words, "--no-reinstall"], env, cwd=tmp_path).returncode == 0


@pytest.mark.skipif(not UV, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")
@pytest.mark.parametrize("options", [["--reinstall"], ["--reinstall-package", "numpy"]])
def test_what_uv_would_install_again_through_another(
    world: World, conda_env: str, tmp_path: Path, options: list[str]
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26", "six"], conda_env, check=True)
    words = [str(UV), "pip", "install", "--no-index", "-f", world.wheels, *options, "pandas"]
    done = harness.run(world, words, conda_env, cwd=tmp_path)
    told = done.stderr.decode()
    assert done.returncode != 0, told
    run = told.partition(" Run: ")[2].splitlines()[0]
    assert run == f"uv {paste(words[1:])} --no-reinstall"
    again = [str(UV), *run.split()[1:]]
    done = harness.run(world, again, conda_env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    world.run(["python", "-c", "import pandas"], conda_env, check=True)


@pytest.mark.skipif(not UV, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")
def test_where_uv_is_led_by_a_file(world: World, env: str, tmp_path: Path) -> None:
    (tmp_path / "uv.toml").write_text(f'[pip]\npython = "{world.env(env)}/bin/python"\n')
    words = [str(UV), "pip", "install", "--no-index", "-f", world.wheels, "numpy==1.26.4"]
    done = harness.run(world, words, cwd=tmp_path)
    assert done.returncode == 77, (done.stdout, done.stderr)
    assert b"SI202" in done.stderr


def test_what_the_home_directory_shadows_is_seen_as_pip_sees_it(
    world: World, env: str, home: dict[str, str], tmp_path: Path
) -> None:
    done = world.run(["pip", "install", "--user", "numpy==1.26.4"], env, environ=home)
    assert done.returncode == 0
    place = wheel(tmp_path / "wheels", "numpy", "1.21.6")
    before = content(str(tmp_path / "base")) | content(world.env(env))
    words = ["pip", "install", "-f", str(place), "accelerate==0.20.3", "numpy>=1.25"]
    done = harness.run(world, words, env, environ=home)
    assert done.returncode == 0, done.stderr
    after = content(str(tmp_path / "base")) | content(world.env(env))
    assert {path for path in before if after.get(path) != before[path]} <= {
        path for path in before if ".safeinstall" in path
    }
    world.run(["pip", "uninstall", "-y", "accelerate"], env, environ=home, check=True)
    said = refused(world, env, ["pip", "install", "numpy<1.25"], **home)
    assert "numpy 1.26.4 (in " in said
    done = harness.run(world, ["pip", "uninstall", "-y", "numpy"], env, environ=home)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "SI203" in refused(world, env, ["pip", "uninstall", "-y", "numpy"], **home)


def test_pythonpath_shadows_too(world: World, env: str, tmp_path: Path) -> None:
    place = str(tmp_path / "path")
    world.run(["pip", "install", "--target", place, "numpy==1.26.4"], env, check=True)
    before = content(place)
    done = harness.run(world, ["pip", "install", "numpy"], env, environ={"PYTHONPATH": place})
    assert done.returncode == 0
    assert content(place) == before
    said = refused(world, env, ["python", "-I", "-m", "pip", "install", "numpy>=1.25"])
    assert "numpy 1.21.6" in said


def test_markers_do_not_count_where_something_is_removed(
    world: World, env: str, tmp_path: Path
) -> None:
    file = tmp_path / "r.txt"
    file.write_text("numpy; python_version < '3'\n")
    assert "SI203" in refused(world, env, ["pip", "uninstall", "-y", "-r", str(file)])
    assert "SI203" in refused(world, env, ["pip", "uninstall", "-y", "numpy ; os_name == 'x'"])


@pytest.mark.parametrize("way", ["relative", "link", "root", "other pip", "prefix"])
def test_roundabout_ways_into_the_environment(
    world: World, env: str, tmp_path: Path, way: str
) -> None:
    prefix = world.env(env)
    site = next(Path(prefix, "lib").glob("python*/site-packages"))
    link = tmp_path / "link"
    link.symlink_to(prefix)
    start = os.path.relpath(site, world.work)
    other = f"{world.root}/bin/pip"
    words = {
        "relative": ["pip", "install", "-U", "-t", start],
        "link": ["pip", "install", "-U", "-t", str(link / site.relative_to(prefix))],
        "root": ["pip", "install", "-I", "--root", "/tmp/.."],
        "other pip": [other, "install", "-U", "--target", str(site)],
        "prefix": [other, "install", "-I", "--prefix", str(link)],
    }[way]
    said = refused(world, env, [*words, "numpy==1.26.4"])
    assert "SI202" in said
    assert "not into" not in said


def test_a_dependency_may_not_bring_another_cuda(world: World, env: str, tmp_path: Path) -> None:
    place = tmp_path / "wheels"
    wheel(place, "nvidia-cublas-cu12", "12.1.0")
    wheel(place, "cupy-cuda12x", "13.0")
    for name in ("nvidia-cublas-cu12", "cupy-cuda12x"):
        wheel(place, f"needs-{name[:4]}", "1.0", name)
        said = refused(world, env, ["pip", "install", "-f", str(place), f"needs-{name[:4]}"])
        assert "SI204" in said
        assert name in said


def test_what_is_said_in_conda_run_is_said_of_all_of_it(world: World, env: str) -> None:
    words = ["conda", "run", "-n", env, "pip", "uninstall", "-y", "numpy"]
    done = harness.run(world, words)
    assert done.returncode == 77
    assert f'SAFEINSTALL_REASON="why" conda run -n {env} pip uninstall' in done.stderr.decode()
    words = ["conda", "run", "-n", env, "pip", "install", "--force-reinstall", "accelerate<0.25"]
    done = harness.run(world, words)
    assert f"    conda run -n {env} pip install 'accelerate<0.25'" in done.stderr.decode()


IN_A_SHELL = ["conda", "run", "-n", "{env}", "bash", "-euo", "pipefail", "-c"]


def test_in_a_shell_s_text_too(world: World, env: str) -> None:
    start = [word.format(env=env) for word in IN_A_SHELL]
    done = harness.run(world, [*start, "pip uninstall -y numpy"])
    assert done.returncode == 77
    line = f"conda run -n {env} bash -euo pipefail -c 'pip uninstall -y numpy'"
    assert f'SAFEINSTALL_REASON="why" {line}' in done.stderr.decode()
    done = harness.run(world, [*start, "pip install --force-reinstall  'accelerate<0.25'", "x"])
    assert done.returncode == 77, done.stderr.decode()  # pip itself has found it, on its rail
    way_out = "\"'\"'accelerate<0.25'\"'\"'' x"
    assert f"-c 'pip install '{way_out}" in done.stderr.decode()


def test_what_a_shell_finds_by_itself_is_left_to_it(world: World, env: str) -> None:
    """A tool that we do not find may be found behind startup files."""
    words = ["conda", "run", "-n", env, "bash", "-c", "micromamba install x"]
    bare, guarded = world.run(words), harness.run(world, words)
    assert (guarded.returncode, guarded.stderr) == (bare.returncode, bare.stderr)


def test_a_block_s_way_out_stands_below_it(world: World, env: str) -> None:
    words = ["pip", "install", "--force-reinstall", "numpy", "git+file:///nowhere"]
    lines = harness.run(world, words, env).stderr.decode().splitlines()
    first = [line.split(":")[1].split()[0] for line in lines if line.startswith("safeinstall:")]
    assert first == ["warning", "blocked"]


def test_nothing_of_this_was_in_the_way_of_what_is_harmless(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    for words in (
        ["pip", "install", "six"],
        ["pip", "install", "-t", str(tmp_path / "lib"), "six"],
        ["pip", "uninstall", "-y", "six"],
    ):
        assert harness.run(world, words, conda_env).returncode == 0
    assert shutil.which("six") is None
    (last, *_) = harness.history(world, conda_env)[-1:]
    assert json.dumps(last["changes"]).count("six") == 1


@harness.tells_rejected
def test_files_under_a_name_that_is_known_do_not_come(world: World, tmp_path: Path) -> None:
    wheel(tmp_path, "tensorflow-cpu", "2.15.0")
    wheel(tmp_path, "needs-it", "1.0", "tensorflow-cpu>=2")
    wheel(tmp_path, "needs-it", "0.9")
    created = "doubles"
    world.create_env(created, "python", "pip", "tensorflow")
    try:
        find = ["--no-index", f"--find-links={tmp_path}"]
        said = refused(world, created, ["pip", "install", *find, "needs-it==1.0"])
        assert "blocked by SI202" in said
        assert "needs-it 1.0 needs tensorflow-cpu, which has the same files" in said
        assert f"conda create -n {created}-new" in said
        # an older release that can do without
        done = harness.run(world, ["pip", "install", *find, "needs-it"], created)
        assert done.returncode == 0
        (told,) = harness.history(world, created)[-1]["findings"]
        assert "needs tensorflow-cpu, which has the files of tensorflow" in told["evidence"][0]
        # nothing is in the way of what is there already, in front of the environment or in it
        base = {"PYTHONUSERBASE": str(tmp_path / "base")}
        into = ["pip", "install", "--user", "--no-deps", *find, "tensorflow-cpu"]
        world.run(into, created, environ=base, check=True)
        again = ["pip", "install", *find, "needs-it==1.0"]
        assert harness.run(world, again, created, environ=base).returncode == 0
        world.run(["pip", "install", "--no-deps", *find, "tensorflow-cpu"], created, check=True)
        done = harness.run(world, ["pip", "install", *find, "needs-it==1.0"], created)
        assert done.returncode == 0, done.stderr
    finally:
        world.remove_env(created)


def test_files_under_another_name_are_told_of_afterwards(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    """Where no guest can look into pip's wheels; else pip is stopped before it installs them."""
    world.run(["conda", "install", "-y", "h5py"], conda_env, check=True)
    made = Distribution("h5py-binary", "1.0", module="h5py", requires=(), needs=(), code="")
    file, data = made.wheel()
    (tmp_path / file).write_bytes(data)
    install = ["pip", "install", "--no-index", f"{tmp_path}/{file}"]
    said = refused(world, conda_env, install)
    assert "h5py-binary would write over h5py/__init__.py of conda's h5py" in said
    done = harness.run(world, ["python", "-I", "-m", *install], conda_env)
    assert done.returncode == 0
    said = done.stderr.decode()
    assert "warning SI202" in said
    assert "conda install" in said
    assert harness.history(world, conda_env)[-1]["verdict"] == "warn"


def test_what_a_pip_part_would_surely_replace(world: World, conda_env: str, tmp_path: Path) -> None:
    file = tmp_path / "e.yml"
    (tmp_path / "r.txt").write_text("numpy==2.1.3\n")
    for line in ("numpy==2.1.3", "-r r.txt"):
        file.write_text(f"dependencies:\n- numpy=1.26\n- pip:\n  - {line}\n")
        done = harness.run(world, ["conda", "env", "update", "-n", conda_env, "-f", str(file)])
        assert done.returncode == 77
        assert "then pip for numpy==2.1.3" in done.stderr.decode()


@pytest.mark.skipif(UV is None, reason="no uv")
def test_uv_sync_keeps_to_the_project(world: World, env: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.8"\n'
    )
    prefix = world.env(env)
    before = content(prefix)
    environ = {"UV_PROJECT_ENVIRONMENT": prefix, "UV_OFFLINE": "1"}
    done = harness.run(world, [UV or "", "sync"], env, cwd=tmp_path, environ=environ)
    assert done.returncode == 77, done.stderr
    assert "uv sync removes" in done.stderr.decode()
    after = content(prefix)
    assert all(after[path] == before[path] for path in before if ".safeinst" not in path)


def test_the_same_version_by_pip_is_recorded_and_told(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    """By a reason; and out of a project that says what it is only when it is built."""
    condas = ["conda", "install", "-y", "scipy=1.11.4", "requests=2.28.2"]
    world.run(condas, conda_env, check=True)
    again = ["pip", "install", "--force-reinstall", "--no-deps", "scipy==1.11.4"]
    assert harness.run(world, again, conda_env).returncode == 77
    done = harness.run(world, again, conda_env, environ={"SAFEINSTALL_REASON": "to see"})
    assert done.returncode == 0, done.stderr
    done = harness.run(world, ["pip", "install", "--no-deps", str(nameless(tmp_path))], conda_env)
    assert done.returncode == 0, done.stderr
    assert b"conda's requests (2.28.2)" in done.stderr
    assert [
        (change["name"], change["before"]["owner"], change["after"]["owner"])
        for operation in harness.history(world, conda_env)[-2:]
        for change in operation["changes"]
    ] == [("scipy", "conda", "pip"), ("requests", "conda", "pip")]
    status = world.run([*harness.GUARD, "status", "--json"], conda_env)
    problems = json.loads(status.stdout)["problems"]
    assert [(found["kind"], found["names"]) for found in problems] == [
        ("overwritten", ["requests"]),
        ("overwritten", ["scipy"]),
    ]


def nameless(place: Path) -> Path:
    """A project that turns out to be requests 2.28.2."""
    (file,) = wheel(place / "built", "requests", "2.28.2").iterdir()
    project = place / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (project / "backend.py").write_text(
        "import shutil\n"
        "def build_wheel(directory, settings=None, metadata=None):\n"
        f"    shutil.copy({str(file)!r}, directory)\n"
        f"    return {file.name!r}\n"
    )
    return project


@harness.tells_rejected
def test_what_was_held_back_comes_by_the_command_at_the_end(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.21.6"], conda_env, check=True)
    wheel(tmp_path, "leads", "1.0", "numpy")
    wheel(tmp_path, "leads", "2.0", "numpy>=1.24,<2")
    wheel(tmp_path, "leads", "3.0", "numpy>=2")
    find = {"PIP_FIND_LINKS": f"{world.wheels} {tmp_path}"}
    done = harness.run(world, ["pip", "install", "leads"], conda_env, environ=find)
    said, _, command = done.stderr.decode().rpartition(" Run: ")
    assert "leads 1.0, not 3.0: that one needs numpy>=2, here is numpy 1.21.6." in said
    assert "\n" not in said.partition("SI403")[2]
    done = harness.pasted(
        world, command.replace("conda install", "conda install -y"), conda_env, environ=find
    )
    assert done.returncode == 0, done.stderr.decode()
    there = world.run(["pip", "list"], conda_env).stdout.decode().split()
    assert there[there.index("leads") + 1] == "3.0"
    assert world.run(["pip", "check"], conda_env).returncode == 0


def test_what_a_blind_pip_did_is_mended_by_who_owns_it(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.21.6"], conda_env, check=True)
    words = ["pip", "install", "--use-deprecated=legacy-resolver", "tensorflow"]
    done = harness.run(world, words, conda_env)
    command = done.stderr.decode().rpartition(" Run: ")[2]
    assert command == f"conda install -n {conda_env} 'numpy>=1.24,<2.0.0'\n"
    done = harness.pasted(world, command.replace("install", "install -y"), conda_env)
    assert done.returncode == 0, done.stderr.decode()
    assert world.run(["python", "-c", "import tensorflow"], conda_env).returncode == 0
    assert world.run(["pip", "check"], conda_env).returncode == 0
