"""SI203 where nobody can look beforehand at what is to go, with real pips and uv."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests import guard
from tests.court import files
from tests.uv import UV

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

needs_uv = pytest.mark.skipif(not UV, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")


@pytest.fixture(scope="module")
def env(world: World) -> Iterator[str]:
    """conda's, with a package of pip's; nothing here changes what is conda's."""
    name = f"unseen{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.21.6", "pytorch")
    yield name
    world.remove_env(name)


def with_uv(world: World, env: str) -> dict[str, str]:
    return {"PATH": world.environ(env)["PATH"] + os.pathsep + os.path.dirname(str(UV))}


@pytest.fixture
def path(world: World, env: str) -> dict[str, str]:
    """uv can be found."""
    return with_uv(world, env)


@pytest.mark.parametrize(
    "line",
    [
        "pip uninstall -y -r <(pip freeze)",
        "echo numpy | pip uninstall -y -r /dev/stdin",
        "pip uninstall -y cowsay -r file:///nowhere/packages.txt",
        pytest.param("uv pip freeze | uv pip uninstall -r -", marks=needs_uv),
        pytest.param("uv pip uninstall -r <(uv pip freeze)", marks=needs_uv),
    ],
)
def test_a_pipe_is_not_let_through(
    world: World, env: str, path: dict[str, str], tmp_path: Path, line: str
) -> None:
    world.run(["pip", "install", "cowsay", "six"], env, check=True)
    before = files.tree(world.env(env))
    done = guard.pasted(world, line, env, environ=path, cwd=tmp_path)
    assert done.returncode == 77, done.stderr.decode()
    assert b"blocked by SI203" in done.stderr
    assert b"numpy" not in b"".join(done.stderr.split(b"instead:")[1:])
    assert files.tree(world.env(env)) == before
    freeze, uninstall = guard.advice(done)
    frozen = guard.pasted(world, freeze, env, environ=path, cwd=tmp_path)
    assert frozen.returncode == 0, frozen.stderr.decode()
    assert b"safeinstall" not in frozen.stderr
    done = guard.pasted(world, uninstall, env, environ=path, cwd=tmp_path)
    assert done.returncode == 77, done.stderr.decode()
    assert b"numpy" in done.stderr
    assert files.tree(world.env(env)) == before
    *_, rest = guard.advice(done)
    done = guard.pasted(world, rest.replace("pip uninstall", "pip uninstall -y"), env, environ=path)
    assert done.returncode == 0, done.stderr.decode()
    assert world.run(["python", "-c", "import cowsay"], env).returncode == 1
    assert world.run(["python", "-c", "import numpy, torch"], env).returncode == 0


@needs_uv
def test_what_uv_takes_from_a_file_by_stdin_is_seen(
    world: World, env: str, path: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("numpy\n")
    line = "uv pip uninstall -r - < f"
    done = guard.pasted(world, line, env, environ=path, cwd=tmp_path)
    assert done.returncode == 77, done.stderr.decode()
    assert f"conda remove -n {env} numpy" in guard.advice(done)
    (tmp_path / "f").write_text("no-such-thing\n")
    done = guard.pasted(world, line, env, environ=path, cwd=tmp_path)
    assert b"safeinstall" not in done.stderr


def test_what_the_tool_cannot_read_either_is_its_own_affair(
    world: World, env: str, tmp_path: Path
) -> None:
    for file in ("missing.txt", str(tmp_path)):
        words = ["pip", "uninstall", "-y", "-r", file]
        bare, guarded = world.run(words, env), guard.run(world, words, env)
        assert guarded.returncode == bare.returncode == 1
        assert guarded.stderr == bare.stderr


def test_where_conda_has_nothing_to_lose(world: World, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    world.run([f"{world.root}/bin/python", "-m", "venv", str(venv)], check=True)
    pip = f"{venv}/bin/python -m pip"
    line = f"{pip} install six; echo six | {pip} uninstall -y -r /dev/stdin"
    done = guard.pasted(world, line.replace(pip, f"pip --python {venv}/bin/python"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Successfully uninstalled six" in done.stdout


def test_an_exception_for_one_package_lets_no_other_go(world: World, env: str) -> None:
    place = f"{world.home}/{env}.toml"
    with open(place, "w", encoding="utf-8") as file:
        file.write('[[exceptions]]\nrule = "SI203"\npackages = ["numpy"]\nreason = "x"\n')
    line = "echo numpy | pip uninstall -y -r /dev/stdin"
    done = guard.pasted(world, line, env, environ={"SAFEINSTALL_POLICY": place})
    assert done.returncode == 77, done.stderr.decode()


@pytest.mark.parametrize(
    "line",
    [
        "pip uninstall -y -r <(printf '%s\\n' numpy six cowsay)",
        pytest.param(
            "printf '%s\\n' numpy six cowsay | uv pip uninstall -r -",
            marks=needs_uv,
        ),
    ],
)
def test_what_has_gone_is_told_with_the_way_back(world: World, conda_env: str, line: str) -> None:
    """Whatever let it through."""
    world.run(["conda", "install", "-y", "numpy=1.21.6", "six"], conda_env, check=True)
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    place = f"{world.home}/{conda_env}.toml"
    with open(place, "w", encoding="utf-8") as file:
        file.write('[rules]\nSI203 = "warn"\n')
    environ = {**with_uv(world, conda_env), "SAFEINSTALL_POLICY": place}
    done = guard.pasted(world, line, conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    assert world.run(["python", "-c", "import numpy"], conda_env).returncode == 1
    said = done.stderr.decode().splitlines()[-1]
    assert "has taken away conda's numpy and six, and conda does not know" in said
    assert guard.history(world, conda_env)[-1]["verdict"] == "warn"
    again = said.partition("To have them back: ")[2]
    done = guard.pasted(world, again.replace("install", "install -y"), conda_env)
    assert done.returncode == 0, done.stderr.decode()
    code = "import numpy, six; print(numpy.__version__)"
    assert world.run(["python", "-c", code], conda_env).stdout == b"1.21.6\n"
