"""SI202's advice, pasted as it stands: real pips and uv, and what is there afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.argv import shell_text
from safeinstall.output.quoting import paste
from safeinstall.rules.shared import remedies_for_pip
from tests import harness
from tests.uv import UV

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

needs_uv = pytest.mark.skipif(not UV, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")


@pytest.fixture
def env(world: World, conda_env: str) -> Iterator[str]:
    """conda's alone."""
    there = ["numpy=1.21.6", "opencv", "requests", "tqdm", "filelock", "typing_extensions"]
    world.run(["conda", "install", "-y", *there], conda_env, check=True)
    yield conda_env
    if os.path.isdir(world.env(f"{conda_env}-new")):
        shutil.rmtree(world.env(f"{conda_env}-new"))


def blocked(world: World, env: str, line: str, **more: str) -> list[str]:
    """The advice, to be pasted without being asked back."""
    done = harness.pasted(world, line, env, environ=more)
    assert done.returncode == 77, (done.stdout, done.stderr.decode())
    return [
        fix.replace("conda install", "conda install -y").replace("conda create", "conda create -y")
        for fix in harness.advice(done)
    ]


def works(world: World, env: str, line: str, modules: str, **more: str) -> None:
    """The line is let through, and leaves everything as it should be."""
    done = harness.pasted(world, line, env, environ=more)
    assert done.returncode == 0, done.stderr.decode()
    sound(world, env, modules)


def sound(world: World, env: str, modules: str) -> None:
    code = f"import numpy, cv2, {modules}; print(numpy.__version__)"
    done = world.run(["python", "-c", code], env)
    assert done.returncode == 0, done.stderr.decode()
    done = world.run(["pip", "check"], env)
    assert done.returncode == 0, done.stdout.decode()
    lines = world.run(["conda", "list"], env).stdout.decode().splitlines()
    assert any(line.split()[0] == "numpy" and "pypi" not in line for line in lines if line)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("pip install --force-reinstall huggingface-hub", "pip install huggingface-hub"),
        ("pip install -qUI huggingface-hub", "pip install -qU huggingface-hub"),
        ("pip install --force huggingface-hub -I", "pip install huggingface-hub"),
        (
            "conda run -n {env} bash -c ' A=1  pip install --ignore-installed huggingface-hub'",
            "conda run -n {env} bash -c ' A=1 pip install huggingface-hub'",
        ),
        (
            "PIP_FORCE_REINSTALL=1 pip install huggingface-hub",
            "PIP_FORCE_REINSTALL=0 pip install huggingface-hub",
        ),
        ("pip install -t {site} huggingface-hub", "python -m pip install huggingface-hub"),
    ],
)
def test_where_only_the_force_is_at_fault(world: World, env: str, line: str, advice: str) -> None:
    python = f"{world.env(env)}/bin/python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = world.run([python, "-c", code], env).stdout.decode().strip()
    (fix,) = blocked(world, env, line.format(env=env, site=site))
    assert fix == advice.format(env=env, python=python)
    works(world, env, fix, "huggingface_hub, tqdm, filelock")


def test_what_is_pips_own_is_installed_again_by_itself(world: World, env: str) -> None:
    world.run(["pip", "install", "huggingface-hub", "cowsay"], env, check=True)
    (fix,) = blocked(world, env, "pip install --force-reinstall huggingface-hub")
    assert fix == "pip install --no-deps --force-reinstall huggingface-hub==0.19.4"
    works(world, env, fix, "huggingface_hub")


def test_one_of_several_cannot_come(world: World, env: str) -> None:
    line = "pip install cowsay 'tensorflow>=2'"
    here, new, rest = blocked(world, env, line)
    assert rest == "pip install cowsay"
    works(world, env, here, "tqdm")
    works(world, env, line, "tensorflow, cowsay")
    assert new.startswith(f"conda create -y -n {env}-new ")
    assert harness.pasted(world, new, env).returncode == 0
    done = harness.pasted(world, line, f"{env}-new")
    assert done.returncode == 0, done.stderr.decode()
    assert world.run(["python", "-c", "import tensorflow, cowsay"], f"{env}-new").returncode == 0


def test_the_rest_comes_alone(world: World, env: str) -> None:
    *_, rest = blocked(world, env, "pip install cowsay 'tensorflow>=2'")
    works(world, env, rest, "cowsay")


def test_force_and_another_version(world: World, env: str) -> None:
    here, _, then = blocked(world, env, "pip install --force-reinstall tensorflow")
    assert then == "pip install tensorflow"
    works(world, env, here, "tqdm")
    works(world, env, then, "tensorflow")


def test_what_needs_another_name_for_the_same(world: World, env: str) -> None:
    new, rest = blocked(world, env, "pip install albumentations cowsay")
    works(world, env, rest, "cowsay")
    assert harness.pasted(world, new, env).returncode == 0
    done = harness.pasted(world, "pip install albumentations cowsay", f"{env}-new")
    assert done.returncode == 0, done.stderr.decode()
    sound_there = ["python", "-c", "import albumentations, cv2"]
    assert world.run(sound_there, f"{env}-new").returncode == 0


def test_the_same_once_more_is_condas_affair(world: World, env: str) -> None:
    again, rest = blocked(world, env, "pip install --force-reinstall numpy cowsay")
    assert again == f"conda install -y -n {env} --force-reinstall numpy=1.21.6"
    assert rest == "pip install --force-reinstall cowsay"
    works(world, env, again, "tqdm")
    works(world, env, rest, "cowsay")


@needs_uv
def test_the_same_once_more_with_uv(world: World, env: str) -> None:
    uv = {"PATH": world.environ(env)["PATH"] + os.pathsep + os.path.dirname(str(UV))}
    options = f"--no-index -f {world.wheels}"
    line = f"uv pip install {options} --reinstall-package numpy numpy cowsay"
    assert blocked(world, env, line, **uv) == [
        f"conda install -y -n {env} --force-reinstall numpy=1.21.6"
    ]
    _, rest = blocked(world, env, f"uv pip install {options} --reinstall numpy cowsay", **uv)
    works(world, env, rest, "cowsay", **uv)


def test_another_name_for_what_is_there(world: World, env: str) -> None:
    done = harness.pasted(world, "pip install opencv-python-headless", env)
    assert done.returncode == 77
    assert b"has what opencv-python-headless brings" in done.stderr
    (new,) = harness.advice(done)
    assert new.startswith(f"conda create -n {env}-new ")
    _, rest = blocked(world, env, "pip install cowsay opencv-python-headless")
    works(world, env, rest, "cowsay")
    (new,) = blocked(world, env, "pip install cowsay opencv-python-headless==4.8.1.78")
    assert new.startswith("conda create -y -n ")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1))
def test_other_words_in_a_text(words: list[str]) -> None:
    text = shell_text.with_other("A=1 'B'=2 pip  install x", 3, words)
    assert text.startswith("A=1 'B'=2 ")
    if shell_text.command(paste(words)):
        assert shell_text.command(shell_text.with_other("pip install x", 3, words)) == list(
            shell_text.command(paste(words))
        )


@given(st.text())
def test_only_what_forces_is_left_out(word: str) -> None:
    if not word.startswith("-"):
        assert remedies_for_pip._milder(word) == word
    for kept in ("--", "-i", "-U", "--index-url", "-Ihttps", "-r"):
        assert remedies_for_pip._milder(kept) == kept
