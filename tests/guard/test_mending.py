"""What ``status`` offers for a problem is let through, and ends the problem."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.probe.environment import describe
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

YES = b"y\n" * 20_000  # each pip reads ahead
MODULES = "cv2, einops, h5py, idna, numpy, pandas, pytz, requests, six, tqdm, yaml"


@pytest.fixture
def env(world: World) -> Iterator[str]:
    """Packages of conda and of pip that need each other: pandas is pip's, what it needs conda's."""
    name = f"mending{os.getpid()}"
    conda = ("python", "pip", "requests=2.31", "numpy=1.26", "python-dateutil", "h5py", "opencv")
    world.create_env(name, *conda, "tqdm=4.65", "pyyaml")
    world.run(["pip", "install", "pandas==2.1.4", "einops", "cowsay"], name, check=True)
    yield name
    world.remove_env(name)


@pytest.fixture(scope="module")
def asking(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables by which pip asks its questions, and conda takes "yes" for an answer."""
    path = tmp_path_factory.mktemp("pip") / "pip.conf"
    path.write_text(f"[global]\nno-index = true\nfind-links = {world.wheels}\n")
    return {"CONDA_ALWAYS_YES": "1", "PIP_CONFIG_FILE": str(path), "XDG_CONFIG_HOME": "/nowhere"}


def problems(world: World, env: str, active: str | None = None) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "safeinstall", "status", "--json", "-p", world.env(env)]
    done = world.run(command, active)
    assert done.returncode == 0, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)["problems"]
    return found


def break_it(world: World, env: str, kind: str) -> None:
    site = Path(describe(world.env(env)).site_packages[0])
    match kind:
        case "overwritten":
            world.run(["pip", "install", "requests==2.32.3"], env, check=True)
        case "overwritten by another name":
            world.run(["pip", "install", "opencv-python-headless"], env, check=True)
        case "gone":
            world.run(["pip", "uninstall", "-y", "six"], env, check=True)
        case kind if kind in FILES:
            (file,) = site.glob(FILES[kind])
            file.unlink() if "gone" in kind else file.write_text("")
        case "doubled":
            world.run(["pip", "install", "--ignore-installed", "tqdm==4.66.1"], env, check=True)
        case "leftover":
            (site / "~ytz-1.0.dist-info").mkdir()
        case "unmet by pip's":
            world.run(["pip", "uninstall", "-y", "pytz"], env, check=True)


FILES = {
    "files of conda's are gone": "idna/__init__.py",
    "files of pip's are gone": "einops/__init__.py",
    "pip's metadata are gone": "cowsay-*.dist-info/METADATA",
    "pip's metadata are empty": "einops-*.dist-info/METADATA",
    "conda's metadata are empty": "[pP]y[yY][aA][mM][lL]-*.dist-info/METADATA",
}
KINDS = (
    "overwritten",
    "overwritten by another name",
    "gone",
    *FILES,
    "doubled",
    "leftover",
    "unmet by pip's",
)
FOUND = {"overwritten", "gone", "incomplete", "doubled", "leftover", "unmet"}


@pytest.mark.parametrize("active", harness.few([True, False], 1))
def test_it_is_mended(world: World, env: str, asking: dict[str, str], active: bool) -> None:
    shell = env if active else None
    assert problems(world, env, shell) == []
    for kind in KINDS:
        break_it(world, env, kind)
    found = problems(world, env, shell)
    assert {problem["kind"] for problem in found} == FOUND
    for line in dict.fromkeys(line for problem in found for line in problem["commands"]):
        done = harness.pasted(world, line, shell, environ=asking, input=YES)
        assert done.returncode == 0, (line, done.stdout.decode(), done.stderr.decode())
    assert problems(world, env, shell) == []
    checked = world.run(["pip", "check"], env)
    assert checked.returncode == 0, checked.stdout.decode()
    world.run(["python", "-c", f"import {MODULES}"], env, check=True)
