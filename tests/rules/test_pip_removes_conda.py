"""SI203 where nobody can look beforehand at what is to go, with real pips and uv."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness
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
    done = harness.pasted(world, line, env, environ=path, cwd=tmp_path)
    assert done.returncode == 77, done.stderr.decode()
    assert b"blocked by SI203" in done.stderr
    assert b"numpy" not in b"".join(done.stderr.split(b"instead:")[1:])
    assert files.tree(world.env(env)) == before
    freeze, uninstall = harness.advice(done)
    frozen = harness.pasted(world, freeze, env, environ=path, cwd=tmp_path)
    assert frozen.returncode == 0, frozen.stderr.decode()
    assert b"safeinstall" not in frozen.stderr
    done = harness.pasted(world, uninstall, env, environ=path, cwd=tmp_path)
    assert done.returncode == 77, done.stderr.decode()
    assert b"numpy" in done.stderr
    assert files.tree(world.env(env)) == before
    *_, rest = harness.advice(done)
    done = harness.pasted(
        world, rest.replace("pip uninstall", "pip uninstall -y"), env, environ=path
    )
    assert done.returncode == 0, done.stderr.decode()
    assert world.run(["python", "-c", "import cowsay"], env).returncode == 1
    assert world.run(["python", "-c", "import numpy, torch"], env).returncode == 0


@needs_uv
def test_what_uv_takes_from_a_file_by_stdin_is_seen(
    world: World, env: str, path: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("numpy\n")
    line = "uv pip uninstall -r - < f"
    done = harness.pasted(world, line, env, environ=path, cwd=tmp_path)
    assert done.returncode == 77, done.stderr.decode()
    assert f"conda remove -n {env} numpy" in harness.advice(done)
    (tmp_path / "f").write_text("no-such-thing\n")
    done = harness.pasted(world, line, env, environ=path, cwd=tmp_path)
    assert b"safeinstall" not in done.stderr


def test_what_the_tool_cannot_read_either_is_its_own_affair(
    world: World, env: str, tmp_path: Path
) -> None:
    for file in ("missing.txt", str(tmp_path)):
        words = ["pip", "uninstall", "-y", "-r", file]
        bare, guarded = world.run(words, env), harness.run(world, words, env)
        assert guarded.returncode == bare.returncode == 1
        assert guarded.stderr == bare.stderr


def test_where_conda_has_nothing_to_lose(world: World, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    world.run([f"{world.root}/bin/python", "-m", "venv", str(venv)], check=True)
    pip = f"{venv}/bin/python -m pip"
    line = f"{pip} install six; echo six | {pip} uninstall -y -r /dev/stdin"
    done = harness.pasted(world, line.replace(pip, f"pip --python {venv}/bin/python"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Successfully uninstalled six" in done.stdout


def test_an_exception_for_one_package_lets_no_other_go(world: World, env: str) -> None:
    place = f"{world.home}/{env}.toml"
    with open(place, "w", encoding="utf-8") as file:
        file.write(
            '[[exceptions]]\nrule = "SI203"\npackages = ["numpy"]\nreason = "x"\n' + harness.REST
        )
    line = "echo numpy | pip uninstall -y -r /dev/stdin"
    done = harness.pasted(world, line, env, environ={"SAFEINSTALL_POLICY": place})
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
    done = harness.pasted(world, line, conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    assert world.run(["python", "-c", "import numpy"], conda_env).returncode == 1
    said = done.stderr.decode().splitlines()[-1]
    assert "has taken away conda's numpy and six, and conda does not know" in said
    assert harness.history(world, conda_env)[-1]["verdict"] == "warn"
    again = said.partition(" To have them back: ")[2]
    done = harness.pasted(world, again.replace("install", "install -y"), conda_env)
    assert done.returncode == 0, done.stderr.decode()
    code = "import numpy, six; print(numpy.__version__)"
    assert world.run(["python", "-c", code], conda_env).stdout == b"1.21.6\n"


@pytest.fixture(scope="module")
def over(world: World) -> Iterator[str]:
    """pip's numpy and pytz in the places of conda's, pytz in the same version; nothing of conda's
    needs them.
    """
    name = f"over{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.26.4", "pytz", "six")
    world.run(["pip", "install", "numpy==2.1.3", "cowsay"], name, check=True)
    same = ["pip", "install", "--force-reinstall", "--no-deps", "pytz==2023.3"]
    world.run(same, name, check=True)
    yield name
    world.remove_env(name)


@pytest.mark.parametrize(
    "words",
    [
        ["pip", "uninstall", "numpy"],
        ["pip", "uninstall", "-y", "-r", "FILE"],
        ["PYTHON", "-m", "pip", "uninstall", "-y", "cowsay", "NumPy"],
        ["conda", "run", "-n", "ENV", "pip", "uninstall", "-y", "numpy"],
        ["conda", "run", "-n", "ENV", "sh", "-c", "pip uninstall -y numpy"],
        pytest.param([UV or "uv", "pip", "uninstall", "numpy"], marks=needs_uv),
        pytest.param([UV or "uv", "pip", "uninstall", "-r", "FILE"], marks=needs_uv),
    ],
    ids=lambda words: "_".join(words[-4:]),
)
def test_the_record_that_stays_is_told_of(
    world: World, over: str, tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "packages.txt").write_text("numpy\n")
    place = {"FILE": f"{tmp_path}/packages.txt", "PYTHON": f"{world.env(over)}/bin/python"}
    answer = harness.check(world, [{**place, "ENV": over}.get(word, word) for word in words], over)
    (told,) = answer["findings"]
    assert (answer["verdict"], told["rule"]) == ("warn", "SI203")
    tool = "uv" if "uv" in words[0] else "pip"
    said = f"conda's record of numpy 1.26.4 stays where {tool} uninstalls numpy, and"
    assert told["message"].startswith(said)
    assert told["fixes"] == [f"conda install -n {over} --force-reinstall numpy=1.26.4"]


def test_what_conda_has_no_record_of_is_not_told_of(world: World, over: str) -> None:
    assert harness.check(world, ["pip", "uninstall", "-y", "cowsay"], over)["findings"] == []


@pytest.mark.parametrize("name", ["numpy", "pytz"])
def test_what_is_left_behind_comes_back(world: World, over: str, name: str) -> None:
    done = harness.run(world, ["pip", "uninstall", "-y", name], over)
    assert done.returncode == 0, done.stderr.decode()
    before, after = done.stderr.decode().splitlines()
    assert f"conda's record of {name} " in before
    assert f"pip has uninstalled {name}. conda's record says that {name} " in after
    status = world.run([*harness.GUARD, "status", "--json"], over)
    (gone,) = (p for p in json.loads(status.stdout)["problems"] if p["kind"] == "gone")
    assert gone["names"] == [name]
    again = after.partition(" To have it back: ")[2]
    assert gone["commands"] == [again]
    done = harness.pasted(world, again.replace("install", "install -y"), over)
    assert done.returncode == 0, done.stderr.decode()
    version = {"numpy": b"1.26.4", "pytz": b"2023.3"}[name]
    code = f"import {name}; print({name}.__version__)"
    assert world.run(["python", "-c", code], over).stdout.strip() == version
    status = world.run([*harness.GUARD, "status", "--json"], over)
    assert name not in [n for p in json.loads(status.stdout)["problems"] for n in p["names"]]


def test_what_went_for_a_reason_is_told_of(world: World, over: str) -> None:
    words = ["pip", "uninstall", "-y", "six"]
    done = harness.run(world, words, over, environ={"SAFEINSTALL_REASON": "to see"})
    assert done.returncode == 0, done.stderr.decode()
    assert "pip has taken away conda's six" in done.stderr.decode().splitlines()[-1]
