"""Where there is no conda but a mamba, what is offered is for that one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.harness import GUARD

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def without_conda(world: World, directory: Path, tool: str) -> dict[str, str]:
    """The variables of a shell with a stand-in for the tool on PATH, and no conda."""
    (directory / tool).write_text("#!/bin/sh\nexit 1\n")
    (directory / tool).chmod(0o755)
    known = {name: text for name, text in world.environ().items() if "CONDA" not in name}
    root = os.path.dirname(os.path.dirname(world.env("x")))
    return {**known, "PATH": f"{directory}:/usr/bin:/bin", "MAMBA_ROOT_PREFIX": root}


def said(environ: dict[str, str], *words: str) -> str:
    done = subprocess.run(words, env=environ, cwd="/", capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.parametrize("tool", ["mamba", "micromamba"])
def test_blocks_and_problems_offer_it(
    world: World, conda_env: str, tmp_path: Path, tool: str
) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    environ = without_conda(world, tmp_path, tool)
    pip = f"{prefix}/bin/pip"
    told = said(environ, *GUARD, "check", "--json", "--", pip, "install", "numpy==1.21.6")
    fixes = [fix for finding in json.loads(told)["findings"] for fix in finding["fixes"]]
    assert fixes
    assert all(fix.startswith(f"{tool} ") and " conda " not in fix for fix in fixes)
    (information,) = Path(prefix).glob("lib/python3.*/site-packages/numpy-*.dist-info")
    shutil.rmtree(information)
    ours = [sys.executable, "-m", "safeinstall"]
    for command in ("status", "doctor"):
        told = said(environ, *ours, command, "--json", "-p", prefix)
        commands = [c for problem in json.loads(told)["problems"] for c in problem["commands"]]
        assert f"{tool} install" in " ".join(commands)
        assert not any(c.startswith("conda ") for c in commands)
