"""The pager, on real terminals."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import pexpect
import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import os, sys
from safeinstall.render.look import look
from safeinstall.render.pager import paged

out = sys.stdout
with paged(look(os.environ, out), os.environ, out, wanted="all" not in sys.argv) as stream:
    for number in range(int(sys.argv[1])):
        stream.write(f"line {number}\\n")
        if number % 100_000 == 99_999:
            print("written", number + 1, file=sys.stderr)
out.write("end\\n")
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(PROGRAM))
    return str(path)


def run(program: str, *arguments: str, **environ: str) -> pexpect.spawn[str]:
    known = {"PATH": os.environ["PATH"], "TERM": "xterm", "HOME": "/nowhere", **environ}
    child = pexpect.spawn(
        sys.executable,
        [program, *arguments],
        env=known,
        dimensions=(10, 80),
        encoding="utf-8",
        timeout=20,
    )
    child.delaybeforesend = None
    return child


def ended(child: pexpect.spawn[str]) -> str:
    child.expect(pexpect.EOF)
    text = child.before or ""
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None), text
    return text


def test_what_fits_needs_no_pager(program: str) -> None:
    assert ended(run(program, "9", PAGER="false")).split("\r\n")[-3:] == ["line 8", "end", ""]


def test_what_does_not_fit_goes_to_the_pager(program: str) -> None:
    text = ended(run(program, "10", PAGER="sed s/line/LINE/"))
    assert "LINE 0\r\n" in text
    assert text.endswith("LINE 9\r\nend\r\n")


def test_ours_comes_before_the_users(program: str) -> None:
    text = ended(run(program, "20", PAGER="false", SAFEINSTALL_PAGER="sed s/line/OURS/"))
    assert "OURS 19" in text


@pytest.mark.parametrize("pager", ["cat", "", "no-such-pager", "'"])
def test_without_a_pager_everything_is_written(program: str, pager: str) -> None:
    text = ended(run(program, "50", PAGER=pager))
    assert text.count("line ") == 50
    assert text.endswith("end\r\n")


@pytest.mark.parametrize("text", ["#!/no/such/interpreter\n", "\0\0\0\0 no program\n", ""])
def test_a_pager_that_cannot_be_started_loses_nothing(
    program: str, tmp_path: Path, text: str
) -> None:
    pager = tmp_path / "pager"
    pager.write_text(text)
    pager.chmod(0o755)
    shown = ended(run(program, "50", PAGER=str(pager)))
    assert [line for line in shown.split("\r\n") if line] == [
        *(f"line {number}" for number in range(50)),
        "end",
    ]


def test_no_pager(program: str) -> None:
    assert "line 49" in ended(run(program, "50", "all", PAGER="false"))


def test_leaving_early_is_no_error_and_stops_the_reading(program: str) -> None:
    text = ended(run(program, "3000000", PAGER="head -n 3"))
    assert "line 2\r\nend\r\n" in text
    assert "written" not in text


@pytest.mark.skipif(not shutil.which("less"), reason="less is not installed")
def test_less_shows_a_page_and_takes_ctrl_c(program: str) -> None:
    child = run(program, "3000000")
    child.expect("line 8")
    child.sendintr()
    for _ in range(20):  # less forgets what was typed around an interrupt
        child.send("q")
        if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=1) == 0:
            break
    assert "Traceback" not in ended(child)


def test_git_like_settings_unless_the_user_has_their_own(program: str) -> None:
    shown = "sh -c 'cat >/dev/null; echo LESS=$LESS'"
    assert "LESS=FRX" in ended(run(program, "50", PAGER=shown))
    assert "LESS=i\r\n" in ended(run(program, "50", PAGER=shown, LESS="i"))
