"""Shims: programs in front of uv, mamba and micromamba on PATH, for scripts."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from safeinstall.integration import stored, template
from safeinstall.probe.tool import is_our_shim

if TYPE_CHECKING:
    from pathlib import Path

TOOL = '#!/bin/sh\necho "$0 $*"\nexit 3\n'


class Place:
    """Tools, shims in front of them on PATH, and a guard that says how it was called."""

    def __init__(self, root: Path) -> None:
        self.tools = root / "my tools"
        self.shims = root / "shims"
        self.python = root / "python"
        for directory in (self.tools, self.shims):
            directory.mkdir()
        for tool in stored.SHIMMED:
            self._program(self.tools / tool, TOOL)
            text = template.shim(tool, str(self.python), str(self.python))
            self._program(self.shims / tool, text)
        self._program(self.python, '#!/bin/sh\nshift 3\necho "guard $*"\nexit 77\n')

    @staticmethod
    def _program(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def run(self, line: str, **environ: str) -> tuple[str, int]:
        path = f"{self.shims}:{self.tools}:{os.defpath}"
        done = subprocess.run(
            ["sh", "-c", line],
            env={"PATH": path, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr, done.returncode


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize(
    "line",
    ["uv pip install 'a b'", "uv add x", "uv sync", "uv", "mamba install x", "micromamba create"],
)
def test_what_changes_something_comes_to_the_guard(place: Place, line: str) -> None:
    said, status = place.run(line)
    assert said == f"guard run -- {line.replace(chr(39), '')}\n"
    assert status == 77


@pytest.mark.parametrize(
    "line",
    [
        "uv run x", "uv --version", "uv tool install x", "uv python install", "uv help",
        "mamba list", "mamba activate x", "micromamba shell hook", "micromamba info", "mamba -h",
    ],
)  # fmt: skip
def test_the_rest_is_the_tool_s(place: Place, line: str) -> None:
    assert place.run(line) == (f"{place.tools}/{line}\n", 3)


def test_switched_off_and_inside_the_guard(place: Place) -> None:
    for environ in ({"SAFEINSTALL": "off"}, {"SAFEINSTALL_OPERATION": "x /p"}):
        assert place.run("uv sync", **environ)[1] == 3


def test_without_safeinstall_and_without_the_tool(place: Place) -> None:
    place.python.unlink()
    assert place.run("uv sync")[1] == 3
    (place.tools / "uv").unlink()
    assert place.run("uv sync") == ("uv: command not found\n", 127)


def test_the_guard_knows_it(place: Place) -> None:
    assert is_our_shim(str(place.shims / "uv"))
