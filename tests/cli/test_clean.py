"""``clean``: what no environment needs, with sizes first."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_rebuild import content, rebuild

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def clean(world: World, *options: str, **environ: str) -> str:
    words = [sys.executable, "-m", "safeinstall", "clean", *options]
    environ = {"PIP_CACHE_DIR": f"{world.directory}/empty"} | environ  # not what others have put in
    done = world.run(words, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_backups_go_and_environments_stay(world: World, conda_env: str, tmp_path: Path) -> None:
    """Also those of an environment that is in none of conda's directories."""
    other = str(tmp_path / "other")
    world.run(["conda", "create", "-y", "-q", "-p", other, "python", "pip"], check=True)
    prefixes = [world.env(conda_env), other]
    for prefix in prefixes:
        rebuild(world, prefix, "--yes")
    before = [content(world, prefix) for prefix in prefixes]
    said = clean(world, "--dry-run")
    assert f"backup of {conda_env}, " in said
    assert "backup of other, " in said
    assert clean(world, "--dry-run") == said
    asked = world.run([sys.executable, "-m", "safeinstall", "clean"])
    assert asked.returncode == 64  # nobody is there to ask
    assert "backup" not in clean(world, "--keep-backups", "--dry-run")
    clean(world, "--yes")
    assert clean(world, "--dry-run") == ""
    assert [content(world, prefix) for prefix in prefixes] == before


def test_what_is_read_only_goes_as_well(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    place = Path(prefix, "share", "deep")
    place.mkdir(parents=True)
    (place / "file").write_text("")
    place.chmod(0o555)
    rebuild(world, prefix, "--yes")
    clean(world, "--yes")
    assert not os.path.exists(f"{os.path.dirname(prefix)}/.safeinstall/{conda_env}")
    Path(prefix, "share", "deep").chmod(0o755)


def test_pip_s_cache(world: World, conda_env: str, tmp_path: Path) -> None:
    cache = tmp_path / "pip"
    (cache / "http").mkdir(parents=True)
    (cache / "http" / "something").write_bytes(b"x" * 100_000)
    environ = {"PIP_CACHE_DIR": str(cache)}
    assert "pip's cache" in clean(world, "--dry-run", **environ)
    assert (cache / "http" / "something").exists()
    clean(world, "--yes", **environ)
    assert not (cache / "http" / "something").exists()
    (cache / "selfcheck").mkdir(exist_ok=True)
    (cache / "selfcheck" / "kept").write_text("by pip")
    (cache / "wheels" / "ab").mkdir(parents=True)
    (cache / "wheels" / "ab" / "six-1.16.0-py3-none-any.whl").write_bytes(b"x" * 100_000)
    (cache / "wheels" / "ab" / "origin.json").write_text("{}")  # pip leaves it there
    assert "0.1 MiB  pip's cache" in clean(world, "--dry-run", **environ)
    clean(world, "--yes", **environ)
    assert "pip's cache" not in clean(world, "--dry-run", **environ)


@pytest.mark.real_conda
def test_conda_s_cache(tmp_path: Path) -> None:
    """What an environment has a hard link to stays."""
    from safeinstall.sandbox.world import World

    world = World.create(tmp_path / "world", os.environ["SAFEINSTALL_TEST_CONDA"])
    condarc, pkgs = Path(world.home, ".condarc"), tmp_path / "pkgs"
    condarc.write_text(condarc.read_text().replace(f"{world.store.packages}-real", str(pkgs)))
    for name, package in (("kept", "numpy"), ("gone", "tqdm")):
        world.create_env(name, "python", package)
    shutil.rmtree(world.env("gone"))
    assert "conda's cache" in clean(world, "--dry-run")
    clean(world, "--yes")
    left = [path.name for path in pkgs.iterdir() if path.is_dir()]
    assert any(name.startswith("python-") for name in left)
    assert not any(name.startswith("tqdm-") for name in left)
    world.close()
