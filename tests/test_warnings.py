"""Warnings of the real tools, from their output to the history."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests import guard

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

CONFLICT = "pandas 2.1.4 requires numpy<2,>=1.23, but you have numpy 2.1.3 which is incompatible."


def said(done: guard.Completed) -> list[str]:
    """Our own lines on stderr."""
    return [line for line in done.stderr.decode().splitlines() if line.startswith("safeinstall:")]


def site(world: World, name: str) -> Path:
    """The site-packages of an environment."""
    (found,) = Path(world.env(name), "lib").glob("python*/site-packages")
    return found


def test_pip_s_conflict_is_named_kept_and_mended(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    done = guard.run(world, ["pip", "install", "numpy==2.1.3"], conda_env)
    assert done.returncode == 0
    assert CONFLICT.encode() in done.stderr
    (line,) = said(done)
    assert "SI402" in line
    assert "pandas 2.1.4 needs numpy<2,>=1.23; here is numpy 2.1.3" in line
    command = line.partition("Run: ")[2]
    assert command == f"{world.env(conda_env)}/bin/python -m pip install numpy==2.1.3 pandas"
    (operation,) = guard.history(world, conda_env)
    assert operation["warnings"][1:] == [CONFLICT]
    assert [finding["rule"] for finding in operation["findings"]] == ["SI402"]
    assert operation["verdict"] == "warn"
