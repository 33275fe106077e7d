"""What pip cannot have anyway is not blamed on conda's packages, and conda is not asked for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

BACKEND = """
import zipfile
def build_wheel(directory, settings=None, metadata=None):
    name, info = "six-99.0-py3-none-any.whl", "six-99.0.dist-info"
    with zipfile.ZipFile(directory + "/" + name, "w") as wheel:
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: six\\nVersion: 99.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "/RECORD", "")
    return name
"""
EXTRA = "Provides-Extra: {0}\nRequires-Dist: {1}; extra == '{0}'\n"


@pytest.fixture(scope="module")
def env(world: World) -> Iterator[str]:
    """conda's six and requests, with extras that need what no index has, or not in this version."""
    name = f"blame{os.getpid()}"
    world.create_env(name, "python", "pip", "six", "requests", "idna")
    wants = {"six": "no-such-thing", "requests": "cowsay>=99", "idna": "no-such-thing<2,>=1"}
    for package, requirement in wants.items():
        (path,) = Path(world.env(name)).glob(f"lib/python*/site-packages/{package}-*/METADATA")
        head = path.read_text().rstrip().partition("\n\n")[0]
        path.unlink()  # it may be a link into the package cache
        path.write_text(f"{head}\n{EXTRA.format('more', requirement)}")
    yield name
    world.remove_env(name)


@pytest.mark.parametrize("package", ["six", "requests", "idna"])
def test_an_extra_that_no_index_can_meet(
    world: World, env: str, tmp_path: Path, package: str
) -> None:
    for wheel in Path(world.wheels).glob("cowsay-*"):  # the others would do without the extra
        (tmp_path / wheel.name).symlink_to(wheel)
    words = ["pip", "install", f"{package}[more]"]
    environ = {"PIP_FIND_LINKS": str(tmp_path)}
    guarded = harness.run(world, words, env, environ=environ)
    assert world.run(words, env, environ=environ).returncode == guarded.returncode == 1
    assert b"safeinstall" not in guarded.stderr, guarded.stderr.decode()


def test_what_comes_from_a_path_is_not_asked_of_conda(
    world: World, env: str, tmp_path: Path
) -> None:
    """Its name and version are known only to pip; no channel has the like."""
    (tmp_path / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'b'\nbackend-path = ['.']\n"
    )
    (tmp_path / "b.py").write_text(BACKEND)
    done = harness.run(world, ["pip", "install", str(tmp_path)], env)
    assert done.returncode == 77, done.stderr.decode()
    (new,) = harness.advice(done)
    assert new.startswith(f"conda create -n {env}-new python=")
    assert "six=" not in new
