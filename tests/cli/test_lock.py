"""``export --format lock`` and ``rebuild --from``: every package by its address and its sum."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness, kinds
from tests.cli.test_rebuild import content, doctor, files, rebuild

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def lock(world: World, prefix: str, place: Path, *options: str) -> tuple[int, str]:
    words = [sys.executable, "-m", "safeinstall", "export", "--format", "lock", "-p", prefix]
    done = world.run([*words, "-o", str(place), *options])
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("kind", harness.few(kinds.REPEATABLE, 1), ids=lambda kind: kind.__name__)
def test_another_environment_becomes_the_same(
    world: World, conda_env: str, tmp_path: Path, kind: kinds.Kind
) -> None:
    kind(world, conda_env, tmp_path)
    prefix = world.env(conda_env)
    assert lock(world, prefix, tmp_path / "lock")[0] == 0
    kept = content(world, prefix)[:2]
    other = world.create_env("other", "python", "six")
    world.run(["pip", "install", "einops"], "other", check=True)
    try:
        rebuild(world, other, "--yes", "--from", str(tmp_path / "lock"))
        assert content(world, other)[:2] == kept
        assert "nothing is wrong" in doctor(world, other)
        rebuild(world, other, "--yes", "--from", str(tmp_path / "lock"))  # nothing is left to do
        assert content(world, other)[:2] == kept
    finally:
        world.remove_env("other")


@pytest.mark.parametrize("kind", harness.few(kinds.DAMAGED, 1), ids=lambda kind: kind.__name__)
def test_what_is_damaged_is_sound_elsewhere(
    world: World, conda_env: str, tmp_path: Path, kind: kinds.Kind
) -> None:
    kind(world, conda_env, tmp_path)
    prefix = world.env(conda_env)
    assert lock(world, prefix, tmp_path / "lock")[0] == 0
    names = {line.split("==")[0] for line in content(world, prefix)[1]}
    other = world.create_env("other", "python")
    try:
        rebuild(world, other, "--yes", "--from", str(tmp_path / "lock"))
        assert names <= {line.split("==")[0] for line in content(world, other)[1]}
        assert "nothing is wrong" in doctor(world, other)
    finally:
        world.remove_env("other")


def test_conda_takes_its_part_by_itself(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    lock(world, world.env(conda_env), tmp_path)
    other = str(tmp_path / "other")
    words = ["conda", "create", "-y", "-p", other, "--file", f"{tmp_path}/conda-explicit.txt"]
    world.run(words, check=True)
    assert content(world, other)[0] == content(world, world.env(conda_env))[0]


def test_what_no_index_has_is_told(world: World, conda_env: str, tmp_path: Path) -> None:
    kinds.installed(world.env(conda_env), "nowhere", {})
    status, said = lock(world, world.env(conda_env), tmp_path, "--strict")
    assert status == 1
    assert "pip finds no file of nowhere 1.0, which is left out" in said


NO_LOCKS = (
    ("conda-explicit.txt", None, "is not there"),
    ("conda-explicit.txt", "@EXPLICIT\nnonsense\n", "line 2 is no address"),
    ("pylock.toml", "[", "pylock.toml"),
    ("pylock.toml", 'lock-version = "9.0"\n', "pylock.toml"),
    ("pylock.toml", "x = 1\n", "pylock.toml"),
)


def test_what_is_no_lock(world: World, conda_env: str, tmp_path: Path) -> None:
    prefix = world.env(conda_env)
    lock(world, prefix, tmp_path)
    before = content(world, prefix)
    for name, text, said in NO_LOCKS:
        sound = (tmp_path / name).read_bytes()
        if text is None:
            os.unlink(tmp_path / name)
        else:
            (tmp_path / name).write_text(text)
        told = rebuild(world, prefix, "--yes", "--from", str(tmp_path), status=64)
        assert said in told, (name, text)
        assert dict(files(prefix)) == before[2], (name, text)
        (tmp_path / name).write_bytes(sound)
    assert content(world, prefix) == before


def test_a_lock_needs_a_directory(world: World, conda_env: str) -> None:
    words = [sys.executable, "-m", "safeinstall", "export", "--format", "lock"]
    done = world.run([*words, "-p", world.env(conda_env)])
    assert (done.returncode, done.stdout) == (64, b"")
