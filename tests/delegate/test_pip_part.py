"""The pip that conda starts for the ``pip:`` part of an environment file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.delegate import listener, pip_part
from tests import guard

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

NEEDS_NEWER = "tensorflow"  # its only release here needs numpy 1.24
FILE = "dependencies:\n- python\n- pip\n- numpy=1.21\n- pip:\n  - {}\n"
WORDS = "safeinstall: blocked by SI202 pip-over-conda"


def hold(world: World, directory: Path, words: list[str], name: str) -> list[str]:
    """What our guest in conda is answered."""
    directory.mkdir(exist_ok=True)
    ask = [*guard.GUARD, "hold", str(directory), world.work, "--", *words]
    done = world.run(ask, name)
    assert done.returncode == 0, done.stderr.decode()
    return os.fsdecode(done.stdout).split("\0")[:-1]


def started_by_conda(world: World, name: str, requirement: str) -> list[str]:
    file = Path(world.work, "condaenv.requirements.txt")
    file.write_text(requirement)
    python = os.path.join(world.env(name), "bin", "python")
    return [python, "-m", "pip", "install", "-U", "-r", str(file), "--exists-action=b"]


def numpy_in(world: World, name: str) -> str:
    show = world.run(["python", "-c", "import numpy; print(numpy.__version__)"], name, check=True)
    return show.stdout.decode().strip()


# ---- the answer --------------------------------------------------------------------------------


def test_that_pip_refuses_what_would_replace_conda_s(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.21"], conda_env, check=True)
    words = started_by_conda(world, conda_env, NEEDS_NEWER)
    held = hold(world, tmp_path / "d", words, conda_env)
    assert held[:4] == words[:4]
    assert held[4] == "-c"
    assert held[6:] == words[4:]
    done = world.run(held, conda_env)
    assert done.returncode == 1
    assert b"numpy===1.21.6" in done.stdout + done.stderr
    # -U of what conda owns does nothing
    held = hold(world, tmp_path / "e", started_by_conda(world, conda_env, "numpy"), conda_env)
    assert b"already satisfied" in world.run(held, conda_env, check=True).stdout


def test_where_nothing_is_conda_s_it_is_started_as_it_is(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    venv = tmp_path / "venv"
    world.run(["python", "-m", "venv", str(venv)], conda_env, check=True)
    words = [str(venv / "bin" / "python"), "-m", "pip", "install", "six"]
    assert hold(world, tmp_path / "d", words, conda_env) == []


@pytest.mark.parametrize("words", [[], ["/d", "/c"], ["/d", "/c", "pip", "install"]])
def test_nobody_types_it(words: list[str]) -> None:
    done = subprocess.run([*guard.GUARD, "hold", *words], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"nobody has to type it" in done.stderr


# ---- the guest, in a conda that has nothing but the part in question ---------------------------

STAND_IN = {
    "conda/__init__.py": "",
    "conda/cli/__init__.py": "",
    "conda/cli/main.py": "",
    "{env}/__init__.py": "",
    "{env}/installers/__init__.py": "",
    "{env}/installers/pip.py": "from {name}.pip_util import pip_subprocess\n",
    "{env}/pip_util.py": (
        "import os\n"
        "def any_subprocess(args, prefix, env=None, cwd=None):\n"
        "    ours = [n for n in os.environ if n in ('SAFEINSTALL_LISTEN', 'PYTHONPATH')]\n"
        "    print(args, prefix, cwd, len(ours))\n"
        "    return 'out', 'err', 0\n"
        "def pip_subprocess(args, prefix, cwd):\n"
        "    return any_subprocess(['python', '-m', 'pip'] + args, prefix, cwd=cwd)\n"
    ),
}
CONDA = (
    "import conda.cli.main\n"
    "from {name}.installers.pip import pip_subprocess\n"
    "print(pip_subprocess(['install', 'x'], '/p', None))\n"
)
ANSWER = "import sys; sys.stdout.write('\\0'.join([*sys.argv[2:], '-c', 'f', '']))"


def in_conda(tmp_path: Path, name: str, ask: str, strict: str = "") -> tuple[str, str]:
    """What that conda prints, and what it says, while our guest is in it."""
    for path, text in STAND_IN.items():
        place = tmp_path / path.format(env=name.replace(".", "/"), name=name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.format(name=name) if "{name}" in text else text)
    (tmp_path / pip_part.GUARD).write_text("\0".join((strict, sys.executable, "-c", ask)))
    guest = os.path.join(os.path.dirname(listener.__file__), "guest")
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((guest, str(tmp_path))),
        "SAFEINSTALL_LISTEN": f"conda,pip,resolver {tmp_path}",
    }
    words = [sys.executable, "-c", CONDA.format(name=name)]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


@pytest.mark.parametrize("name", ["conda.env", "conda_env"])
def test_pip_is_started_with_the_words_that_were_answered(tmp_path: Path, name: str) -> None:
    said, told = in_conda(tmp_path, name, ANSWER)
    started = ["--", "python", "-m", "pip", "install", "x", "-c", "f"]
    assert said.splitlines() == [f"{started} /p None 2", "('out', 'err', 0)"]
    assert told == ""


def test_without_an_answer_it_is_started_as_it_is(tmp_path: Path) -> None:
    said, told = in_conda(tmp_path, "conda.env", "")
    assert said.splitlines()[0] == "['python', '-m', 'pip', 'install', 'x'] /p None 2"
    assert told == ""
    said, told = in_conda(tmp_path, "conda.env", "raise SystemExit(3)")
    assert said.splitlines()[0] == "['python', '-m', 'pip', 'install', 'x'] /p None 2"
    assert told.startswith("safeinstall: what pip is held to is not known: ")


def test_the_policy_may_want_an_answer(tmp_path: Path) -> None:
    said, _ = in_conda(tmp_path, "conda.env", "raise SystemExit(3)", "strict")
    told = "safeinstall: what pip is held to is not known: safeinstall ended with status 3\n"
    assert said == f"{('', told, 1)}\n"


# ---- all of it ---------------------------------------------------------------------------------


@pytest.mark.real_conda
def test_what_an_environment_file_brings_by_pip(world: World, tmp_path: Path) -> None:
    name, file = "part", tmp_path / "e.yml"
    file.write_text(FILE.format(NEEDS_NEWER))
    words = ["conda", "env", "create", "-n", name, "-f", str(file)]
    try:
        done = guard.run(world, words)
        told = done.stderr.decode()
        assert done.returncode == 1
        assert b"Pip failed" in done.stderr
        assert WORDS in told
        assert "tensorflow 2.15.0 needs numpy<2.0.0,>=1.24" in told
        assert f"conda install -n {name} 'numpy>=1.24,<2.0.0'" in told
        assert numpy_in(world, name) == "1.21.6"
        # with a reason
        words[2] = "update"
        done = guard.run(world, words, environ={"SAFEINSTALL_REASON": "as an experiment"})
        assert done.returncode == 0, done.stderr.decode()
        assert numpy_in(world, name) == "1.26.4"
        first, last = guard.history(world, name)
        assert (first["status"], first["findings"][0]["rule"]) == ("blocked", "SI202")
        assert {change["name"] for change in first["changes"]} >= {"numpy", "python"}
        assert (last["status"], last["override"]) == ("done", "as an experiment")
    finally:
        world.remove_env(name)


@pytest.mark.real_conda
def test_what_fits_is_brought_as_without_us(world: World, tmp_path: Path) -> None:
    file, streams = tmp_path / "e.yml", []
    file.write_text(FILE.format("cowsay"))
    words = ["conda", "env", "create", "-q", "-n", "part", "-f", str(file)]
    for run in (world.run, lambda words: guard.run(world, words)):
        done = run(words)
        assert done.returncode == 0, done.stderr.decode()
        names = done.stdout.decode().split("condaenv.")
        streams.append([names[0], *(text.partition(".requirements")[2] for text in names[1:])])
        assert done.stderr.strip() == b""
        world.remove_env("part")
    assert streams[0] == streams[1]
