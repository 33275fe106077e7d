"""The question, asked below a real shell with its line editor: whose are the keys?"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

import safeinstall
from safeinstall.guard import reasons
from safeinstall.guard.override import MOMENT, QUESTION, TOO_EARLY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.shells.conftest import Lab

READY = "READY> "
LATER = MOMENT + 0.2  # by then somebody may have read it

# Asks as a blocked command does, and ends as one.
ASK = f"""#!{sys.executable} -I
import os, sys
sys.path.insert(0, {os.path.dirname(os.path.dirname(safeinstall.__file__))!r})
from safeinstall import argv, settings
from safeinstall.guard import override
from safeinstall.model import Finding, Verdict
verdict = Verdict("block", (Finding("SI101", "base-env", "block", ""),))
command = argv.parse(("pip", "install", "six"), argv.Context(os.environ, "/", lambda _: None, {{}}))
print("asking", flush=True)
session = settings.Session(settings.read(os.environ), os.environ, "/")
reason = override.reason_for(verdict, command, session)
print(f"<{{reason}}>", flush=True)
sys.exit(0 if reason else 77)
"""


@pytest.fixture
def shell(lab: Lab) -> Iterator[pexpect.spawn[str]]:
    """An interactive shell as people have it: keys are read one by one at its prompt."""
    lab.stub(lab.bin / "ask", ASK)
    words = ["-f", "-i"] if lab.shell == "zsh" else ["--norc", "--noprofile", "-i"]
    environ = {**lab.environ(), "PS1": READY}
    child = pexpect.spawn(
        lab.program, words, env=environ, cwd=str(lab.root), encoding="utf-8", timeout=30
    )
    child.setwinsize(50, 200)
    child.expect_exact(READY)
    yield child
    child.close(force=True)


def status(shell: pexpect.spawn[str]) -> int:
    """What ``$?`` is at the prompt; the shell is alive."""
    shell.send("echo status=$?\r")
    shell.expect(r"status=\d+\r")
    assert isinstance(shell.after, str)
    return int(shell.after[len("status=") :])


def shown(shell: pexpect.spawn[str]) -> str:
    """What was shown before what was waited for."""
    return shell.before or ""


def ask(shell: pexpect.spawn[str], command: str = "ask") -> None:
    shell.send(f"{command}\r")
    shell.expect_exact(QUESTION)


def test_lines_typed_ahead_are_the_shells(shell: pexpect.spawn[str]) -> None:
    shell.send("ask\recho typed$((1+1)) $?\recho again$((1+1))\r")
    shell.expect_exact(TOO_EARLY)
    assert QUESTION not in shown(shell)
    shell.expect_exact("<>")
    shell.expect_exact("typed2 77")
    shell.expect_exact("again2")


def test_a_line_that_was_begun_is_the_shells(shell: pexpect.spawn[str]) -> None:
    shell.send("sleep 0.5; ask\recho ty")
    shell.expect_exact(TOO_EARLY)
    assert QUESTION not in shown(shell)
    time.sleep(0.3)
    shell.send("ped$((1+1)) $?\r")
    shell.expect_exact("typed2 77")


@pytest.mark.parametrize(
    ("pause", "keys"), [(0.0, "echo typed$((1+1)) $?\r"), (MOMENT / 2, "echo ty")]
)
def test_what_is_typed_in_the_first_moment_is_the_shells(
    shell: pexpect.spawn[str], pause: float, keys: str
) -> None:
    ask(shell)
    time.sleep(pause)
    shell.send(keys)
    shell.expect_exact(TOO_EARLY)
    shell.expect_exact("<>")
    if not keys.endswith("\r"):
        shell.send("ped$((1+1)) $?\r")
    shell.expect_exact("typed2 77")


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_control_c_and_control_d_stop_at_any_time(shell: pexpect.spawn[str], key: str) -> None:
    shell.send("stty -g >before\r")
    for pause in (0.1, LATER):
        ask(shell)
        time.sleep(pause)
        shell.send(key)
        shell.expect_exact("<>")
        assert status(shell) == 77
        shell.send("stty -g | cmp - before && echo as$((1+1))\r")
        shell.expect_exact("as2")


def test_a_command_is_no_answer_and_the_next_one_neither(shell: pexpect.spawn[str]) -> None:
    ask(shell)
    time.sleep(LATER)
    shell.send("python train.py\recho typed$((1+1))\r")  # while somebody looks elsewhere
    shell.expect_exact(reasons.COMMAND)
    shell.expect_exact(TOO_EARLY)
    shell.expect_exact("<>")
    shell.expect_exact("typed2")


def test_who_is_asked_twice_may_answer_the_second_time(shell: pexpect.spawn[str]) -> None:
    for first, said, second, status_then in (
        ("why", reasons.WANTED, "the feedstock is ours", 0),
        ("pip install six", reasons.COMMAND, "yes", 77),
    ):
        ask(shell)
        time.sleep(LATER)
        shell.send(f"{first}\r")
        shell.expect_exact(said)
        shell.expect_exact(QUESTION)
        time.sleep(LATER)
        shell.send(f"{second}\r")
        shell.expect_exact("<>" if status_then else f"<{second}>")
        assert status(shell) == status_then


def test_control_z_stops_and_fg_shows_the_question_again(shell: pexpect.spawn[str]) -> None:
    ask(shell)
    shell.send("\x1a")
    shell.expect(r"[Ss]topped|suspended")
    shell.expect_exact(READY)
    shell.send("fg\r")
    shell.expect_exact(QUESTION)
    time.sleep(LATER)
    shell.send("we know what we do\r")
    shell.expect_exact("<we know what we do>")
    assert status(shell) == 0


def test_where_nobody_can_answer_nobody_is_asked(shell: pexpect.spawn[str]) -> None:
    for command in (
        "ask </dev/null",
        "ask <&-",
        "ask 2>/dev/null",
        "ask & wait $!",  # reading would stop it
        "JPY_PARENT_PID=1 ask",
        "JPY_SESSION_NAME=x.ipynb ask",
        "MPLBACKEND=module://matplotlib_inline.backend_inline ask",
        "CI=1 ask",
    ):
        shell.send(f"{command}\r")
        shell.expect_exact("<>")
        assert QUESTION not in shown(shell)
        assert status(shell) == 77


def test_a_placeholder_given_beforehand_is_named_and_asked_about(
    shell: pexpect.spawn[str],
) -> None:
    ask(shell, 'SAFEINSTALL_REASON="why" ask')
    assert reasons.WANTED in shown(shell)
    time.sleep(LATER)
    shell.send("\r")
    shell.expect_exact("<>")
    assert status(shell) == 77
