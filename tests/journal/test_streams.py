"""``history`` and ``status`` where stdout is closed, full, left early, or speaks little."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pexpect
import pytest

from safeinstall.cli import graph
from tests.journal.test_history import ran

if TYPE_CHECKING:
    from tests.journal.conftest import World

COMMANDS = [
    "history",
    "history --json",
    "history --csv",
    "history --graph",
    "history --svg -",
    "history show last",
    "history verify",
    "history verify --json",
    "status",
]


@pytest.fixture
def told(world: World) -> World:
    for number in range(60):
        ran(world.journal(), "pip", "install", f"a{number}", "日本😀")
    return world


def line(world: World, command: str) -> str:
    head, _, rest = command.partition(" ")
    return f"{sys.executable} -m safeinstall {head} -p {world.prefix} {rest}"


def shell(world: World, text: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    environ = {"HOME": str(world.home), "PATH": os.environ["PATH"], **more}
    return subprocess.run(["sh", "-c", text], env=environ, capture_output=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_a_closed_stream_is_no_error(told: World, command: str, closed: str) -> None:
    done = shell(told, f"{line(told, command)} {closed}")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("command", [*COMMANDS, "history --limit 0 --jsonl"])
def test_a_full_disk_is_told_in_one_line(told: World, command: str) -> None:
    done = shell(told, f"{line(told, command)} > /dev/full")
    assert done.stderr == b"safeinstall: cannot write: No space left on device\n"
    assert done.returncode == 74


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-16"])
def test_a_picture_says_its_own_encoding(told: World, encoding: str) -> None:
    done = shell(told, line(told, "history --svg -"), PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "日本😀" in "".join(ET.fromstring(done.stdout).itertext())


def test_a_picture_comes_behind_what_was_written_before(told: World) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    out.write("before\n")
    places = [str(told.prefix)]
    graph.history_graph(places, told.settings, {}, out, svg_file="-", terminal=False)
    out.write("behind\n")
    out.flush()
    assert raw.getvalue().startswith(b"before\n<")
    assert raw.getvalue().endswith(b"</svg>\nbehind\n")


@pytest.mark.skipif(not shutil.which("less"), reason="less is not installed")
def test_leaving_the_pager_early_is_no_error(world: World) -> None:
    for number in range(600):
        ran(world.journal(), "pip", "install", f"a{number}")
    child = pexpect.spawn(
        "sh",
        ["-c", line(world, "history --limit 0")],
        env={"HOME": str(world.home), "PATH": os.environ["PATH"], "TERM": "xterm"},
        dimensions=(10, 80),
        encoding="utf-8",
        timeout=20,
    )
    child.expect("a59")
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)
