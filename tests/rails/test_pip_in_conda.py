"""The pip that conda starts for the ``pip:`` part of an environment file."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.rails import listener, pip_in_conda
from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

NEEDS_NEWER = "tensorflow"  # its only release here needs numpy 1.24
FILE = "dependencies:\n- python\n- pip\n- numpy=1.21\n- pip:\n  - {}\n"
WORDS = "safeinstall: blocked by SI202 pip-over-conda"


def hold(world: World, directory: Path, words: list[str], name: str) -> list[str]:
    """What our guest in that pip is answered."""
    directory.mkdir(exist_ok=True)
    ask = [*harness.GUARD, "hold", str(directory), world.work, "--", *words]
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
    done = subprocess.run([*harness.GUARD, "hold", *words], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"nobody has to type it" in done.stderr


# ---- the guest ---------------------------------------------------------------------------------


def with_guest(
    world: World, name: str, directory: Path, ask: list[str], strict: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """That pip, with our guest in it, which asks as it is told."""
    directory.mkdir(exist_ok=True)
    (directory / pip_in_conda.GUARD).write_text("\0".join((strict, *ask)))
    environ = {
        "PYTHONPATH": os.path.join(os.path.dirname(listener.__file__), "guest"),
        "SAFEINSTALL_LISTEN": f"conda,pip,resolver {directory}",
    }
    return world.run(started_by_conda(world, name, NEEDS_NEWER), name, environ=environ)


def test_pip_asks_with_which_words_it_should_have_been_started(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.21"], conda_env, check=True)
    directory = tmp_path / "a b"
    done = with_guest(world, conda_env, directory, [*harness.GUARD, "hold", str(directory)])
    assert done.returncode == 1
    assert b"numpy===1.21.6" in done.stdout + done.stderr
    assert b"conflict" in (directory / listener.PIP_LOG).read_bytes()


@pytest.mark.parametrize("answer", ["", "raise SystemExit(3)"])
def test_without_an_answer_pip_goes_on_as_it_is(
    world: World, conda_env: str, tmp_path: Path, answer: str
) -> None:
    done = with_guest(world, conda_env, tmp_path, [sys.executable, "-c", answer])
    assert done.returncode == 0
    told = b"safeinstall: what pip is held to is not known: safeinstall ended with status 3\n"
    assert done.stderr == (told if answer else b"")


def test_the_policy_may_want_an_answer(world: World, conda_env: str, tmp_path: Path) -> None:
    ask = [sys.executable, "-c", "raise SystemExit(3)"]
    done = with_guest(world, conda_env, tmp_path, ask, "strict")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"is not known" in done.stderr


# ---- all of it ---------------------------------------------------------------------------------


def test_what_an_environment_file_brings_by_pip(world: World, tmp_path: Path) -> None:
    name, file = "part", tmp_path / "e.yml"
    file.write_text(FILE.format(NEEDS_NEWER))
    words = ["conda", "env", "create", "-n", name, "-f", str(file)]
    try:
        done = harness.run(world, words)
        told = done.stderr.decode()
        assert done.returncode == 77
        assert WORDS in told
        assert "tensorflow 2.15.0 needs numpy<2.0.0,>=1.24" in told
        again = f"conda env update -n {name} -f {file}"
        assert f"{again}\n      (with numpy>=1.24,<2.0.0 for conda)" in told
        assert f"what conda did in {name} is done" in told
        assert f"conda env remove -n {name}\n      (to go back)" in told
        assert numpy_in(world, name) == "1.21.6"
        # with a reason
        words[2] = "update"
        done = harness.run(world, words, environ={"SAFEINSTALL_REASON": "as an experiment"})
        assert done.returncode == 0, done.stderr.decode()
        assert numpy_in(world, name) == "1.26.4"
        first, last = harness.history(world, name)
        assert (first["status"], first["findings"][0]["rule"]) == ("blocked", "SI202")
        assert {change["name"] for change in first["changes"]} >= {"numpy", "python"}
        assert (last["status"], last["override"]) == ("done", "as an experiment")
    finally:
        world.remove_env(name)


def test_a_reason_is_kept_for_a_new_environment_too(world: World, tmp_path: Path) -> None:
    name, file = "part", tmp_path / "e.yml"
    try:
        for requirement, override in ((NEEDS_NEWER, "as an experiment"), ("cowsay", None)):
            file.write_text(FILE.format(requirement))
            words = ["conda", "env", "create", "-n", name, "-f", str(file)]
            done = harness.run(world, words, environ={"SAFEINSTALL_REASON": "as an experiment"})
            assert done.returncode == 0, done.stderr.decode()
            (last,) = harness.history(world, name)[-1:]
            assert last["override"] == override
            assert (b"conda's numpy (1.21.6)" in done.stderr) == bool(override)
            world.remove_env(name)
    finally:
        world.remove_env(name)


def test_a_policy_that_takes_no_reason(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "numpy=1.21"], conda_env, check=True)
    policy, file = tmp_path / "policy.toml", tmp_path / "e.yml"
    policy.write_text('[rules.SI202]\noverride = "never"\n')
    file.write_text(f"dependencies:\n- pip:\n  - {NEEDS_NEWER}\n")
    environ = {"SAFEINSTALL_POLICY": str(policy), "SAFEINSTALL_REASON": "please"}
    words = ["conda", "env", "update", "-n", conda_env, "-f", str(file)]
    done = harness.run(world, words, environ=environ)
    assert done.returncode == 77
    assert "The policy allows no override of SI202" in done.stderr.decode()
    assert numpy_in(world, conda_env) == "1.21.6"


@pytest.mark.real_conda
def test_each_of_several_files_has_a_pip_of_its_own(world: World, tmp_path: Path) -> None:
    name = "part"
    words = ["conda", "create", "-y", "-q", "-n", name]
    for number, requirement in enumerate(("cowsay", NEEDS_NEWER)):
        file = tmp_path / f"{number}.yml"
        file.write_text(FILE.format(requirement))
        words += ["--file", str(file)]
    try:
        done = harness.run(world, words)
        assert done.returncode == 77
        assert "tensorflow 2.15.0 needs numpy<2.0.0,>=1.24" in done.stderr.decode()
        assert numpy_in(world, name) == "1.21.6"
        last = harness.history(world, name)[-1]
        assert last["status"] == "blocked"
        assert "cowsay" in {change["name"] for change in last["changes"]}
    finally:
        world.remove_env(name)


@pytest.mark.parametrize("tool", ["mamba", "micromamba"])
def test_whoever_starts_that_pip(world: World, conda_env: str, tmp_path: Path, tool: str) -> None:
    """A stand-in: the variables come to the pip that it starts."""
    world.run(["conda", "install", "-y", "numpy=1.21"], conda_env, check=True)
    file, program = tmp_path / "e.yml", tmp_path / tool
    file.write_text(f"dependencies:\n- pip:\n  - {NEEDS_NEWER}\n")
    pip = [os.path.join(world.env(conda_env), "bin", "python"), "-m", "pip", "install", "-U"]
    program.write_text(f"#!/bin/sh\n{shlex.join(pip)} {NEEDS_NEWER}\n")
    program.chmod(0o755)
    words = [str(program), "env", "update", "-p", world.env(conda_env), "-f", str(file)]
    done = harness.run(world, words)
    assert done.returncode == 77
    assert WORDS in done.stderr.decode()
    assert numpy_in(world, conda_env) == "1.21.6"


@pytest.mark.real_conda
def test_what_fits_is_brought_as_without_us(world: World, tmp_path: Path) -> None:
    file, streams = tmp_path / "e.yml", []
    file.write_text(FILE.format("cowsay"))
    words = ["conda", "env", "create", "-q", "-n", "part", "-f", str(file)]
    for run in (world.run, lambda words: harness.run(world, words)):
        done = run(words)
        assert done.returncode == 0, done.stderr.decode()
        names = done.stdout.decode().split("condaenv.")
        streams.append([names[0], *(text.partition(".requirements")[2] for text in names[1:])])
        assert done.stderr.strip() == b""
        world.remove_env("part")
    assert streams[0] == streams[1]
