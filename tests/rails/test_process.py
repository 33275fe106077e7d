"""The tool keeps its terminal, its streams, its signals and its status. Compared with no guard."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DRIVER = """
import os, sys
from safeinstall.rails import process
if sys.argv[1] == "exec":
    process.replace_by(sys.argv[2], sys.argv[2:], os.environ)
process.end_like(process.run(sys.argv[2], sys.argv[2:], os.environ))
"""


@pytest.fixture
def driver(tmp_path: Path) -> list[str]:
    path = tmp_path / "driver.py"
    path.write_text(DRIVER)
    return [sys.executable, str(path), "run"]


def bash(code: str) -> list[str]:
    return ["/bin/bash", "-c", code]


@pytest.mark.parametrize("code", [0, 1, 2, 77, 127, 255])
def test_exit_status(driver: list[str], code: int) -> None:
    assert subprocess.run([*driver, *bash(f"exit {code}")], check=False).returncode == code


@pytest.mark.parametrize("name", ["TERM", "INT", "KILL", "HUP", "SEGV", "USR1", "PIPE"])
def test_a_tool_that_dies_by_a_signal(driver: list[str], name: str) -> None:
    number = getattr(signal, f"SIG{name}")
    ran = subprocess.run([*driver, *bash(f"kill -{name} $$")], check=False)
    assert ran.returncode == -number


ZOMBIES = """
import os, sys, time
from safeinstall.rails import process
other = os.spawnl(os.P_NOWAIT, "/bin/true", "true")
os.waitid(os.P_PID, other, os.WEXITED | os.WNOWAIT)
real = os._exit
def leave(code):
    left = []
    while True:
        try:
            left.append(os.waitpid(-1, 0)[0])
        except ChildProcessError:
            break
    real(code if left == [other] else 99)
os._exit = leave
for command in sys.argv[1:]:
    result = process.run("/bin/sh", ["sh", "-c", command], os.environ)
process.end_like(result)
"""


@pytest.mark.parametrize("commands", [["exit 3"], ["exit 1", "exit 3"]])
def test_no_zombie_is_left(commands: list[str]) -> None:
    """Our own children only: another one may have ended first, and the tool may have run twice."""
    ran = subprocess.run([sys.executable, "-c", ZOMBIES, *commands], check=False)
    assert ran.returncode == 3


@pytest.mark.parametrize("name", ["TERM", "HUP", "INT", "USR1", "QUIT"])
def test_a_signal_sent_to_us_alone_reaches_the_tool(driver: list[str], name: str) -> None:
    code = f"trap 'echo got; exit 9' {name}; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen([*driver, *bash(code)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(getattr(signal, f"SIG{name}"))
        assert child.stdout.read() == "got\n"
    assert child.returncode == 9


def test_streams_are_the_tools_own(driver: list[str]) -> None:
    code = "cat; printf 'out\\0\\377' ; printf 'err\\n' >&2"
    ran = subprocess.run([*driver, *bash(code)], input=b"in\xff\n", capture_output=True, check=True)
    assert ran.stdout == b"in\xff\nout\0\xff"
    assert ran.stderr == b"err\n"


def test_arguments_and_descriptors_pass_byte_for_byte(driver: list[str]) -> None:
    arguments = [b"new\nline", b"quo\"te's", "emoji 🐍".encode(), b"\xff\xfe", b"", b" "]
    command = [*(w.encode() for w in driver), b"/usr/bin/printf", b"%s\\0", *arguments]
    ran = subprocess.run(command, capture_output=True, check=True)
    assert ran.stdout.split(b"\0")[:-1] == arguments
    read, write = os.pipe()
    os.write(write, b"through an inherited descriptor")
    os.close(write)
    ran = subprocess.run(
        [*driver, *bash(f"cat <&{read}")], capture_output=True, check=True, pass_fds=[read]
    )
    os.close(read)
    assert ran.stdout == b"through an inherited descriptor"


def test_sigpipe_is_as_a_shell_gives_it(driver: list[str]) -> None:
    """Python ignores SIGPIPE at its start; what inherits that never learns of a closed pipe."""
    code = bash("awk '/SigIgn/ {print $2}' /proc/self/status")
    for how in ("run", "exec"):
        ran = subprocess.run([*driver[:2], how, *code], capture_output=True, check=True)
        # glibc's posix_spawn leaves its two internal signals, 32 and 33, ignored
        ignored = int(ran.stdout, 16) & ~(0b11 << 31)
        assert ignored == 0


def test_a_tool_that_cannot_be_started(driver: list[str]) -> None:
    ran = subprocess.run([*driver, "/nowhere/pip"], capture_output=True, text=True, check=False)
    assert "ToolNotFound: /nowhere/pip: No such file or directory" in ran.stderr


@pytest.fixture
def shell(driver: list[str]) -> Iterator[pexpect.spawn[str]]:
    """An interactive bash with job control."""
    child = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile", "-i"], encoding="utf-8", timeout=20, echo=False
    )
    child.sendline("PS1='$ '; set -m")
    child.expect(r"\$ ")
    child.sendline(f'guard() {{ {" ".join(driver)} "$@"; }}')
    child.expect(r"\$ ")
    yield child
    child.close(force=True)


def test_control_c_reaches_the_tool_once(shell: pexpect.spawn[str], tmp_path: Path) -> None:
    code = "n=0; trap 'n=$((n+1)); echo hit $n' INT; echo ready; sleep 1; sleep 1; echo end $n"
    script = tmp_path / "tool"
    script.write_text(code)
    shell.sendline(f"guard /bin/bash {script}; echo rc=$?")
    shell.expect("ready\r\n")
    time.sleep(0.2)
    shell.sendintr()
    shell.expect("hit 1")
    assert shell.expect(["end 1", "hit 2"]) == 0
    shell.expect("rc=0")


def test_control_c_ends_a_tool_that_does_not_mind_it(shell: pexpect.spawn[str]) -> None:
    shell.sendline("guard /bin/sleep 30; echo rc=$?")
    time.sleep(0.5)
    shell.sendintr()
    shell.sendline("echo rc=$?")
    shell.expect("rc=130")


def test_control_z_stops_and_fg_goes_on(shell: pexpect.spawn[str], tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text("echo ready; read line; echo got $line; exit 3")
    shell.sendline(f"guard /bin/bash {script}")
    shell.expect("ready")
    for _ in range(2):
        shell.sendcontrol("z")
        shell.expect("Stopped")
        shell.expect(r"\$ ")
        shell.sendline("echo in the shell")
        shell.expect("in the shell\r\n")
        shell.sendline("fg")
        shell.expect("driver.py")
    shell.sendline("hello")
    shell.expect("got hello")
    shell.sendline("echo rc=$?")
    shell.expect("rc=3")


def test_a_terminal_stays_a_terminal(shell: pexpect.spawn[str]) -> None:
    shell.sendline("guard /bin/bash -c 'test -t 0 && test -t 1 && test -t 2 && echo all three'")
    shell.expect("all three")
    shell.sendline('guard /bin/bash -c \'read -p "Proceed? " a; echo "<$a>"\'')
    shell.expect("Proceed\\? ")
    shell.sendline("y")
    shell.expect("<y>")
