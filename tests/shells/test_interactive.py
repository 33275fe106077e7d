"""At a terminal: prompts, other people's prompt hooks, Ctrl-C and Ctrl-Z."""

from __future__ import annotations

import re
import shlex
import signal
import time
from typing import TYPE_CHECKING, Self

import pexpect
import pytest

if TYPE_CHECKING:
    from tests.shells.conftest import Lab

READY = "READY> "


class Terminal:
    """An interactive shell under a pseudo-terminal."""

    def __init__(self, lab: Lab, rc: str) -> None:
        self.lab = lab
        plain = f"stty -echo\nPS1='{READY}'\n"
        if lab.shell == "bash":
            path = lab.home / ".bashrc"
            words = ["--noediting", "--rcfile", str(path), "-i"]
        else:
            path = lab.home / ".zshrc"
            words = ["-o", "NO_GLOBAL_RCS", "-i"]
            plain += "unsetopt zle prompt_cr prompt_sp\n"
        path.write_text(plain + rc + "\n")
        self.child = pexpect.spawn(
            lab.program, words, env=lab.environ(), cwd=str(lab.root), encoding="utf-8", timeout=30
        )
        self.greeting = self.prompt()

    def prompt(self) -> str:
        """Wait for the prompt; what was shown before it."""
        self.child.expect_exact(READY)
        return (self.child.before or "").replace("\r\n", "\n")

    def type(self, line: str) -> str:
        """Enter a line; what was shown until the next prompt."""
        self.child.sendline(line)
        return self.prompt()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.sendline("exit")
        self.child.close(force=True)


def test_nothing_is_shown_on_load(lab: Lab) -> None:
    with Terminal(lab, lab.load) as terminal:
        assert terminal.greeting == ""
        assert terminal.type("pip install x") == ""
        assert terminal.type("pip list") == ""
    assert lab.names() == ["guard run", "pip", "pip"]


def test_the_prompt_sees_the_status_of_the_tool(lab: Lab) -> None:
    with Terminal(lab, lab.load) as terminal:
        terminal.type("export LAB_STATUS=9")
        terminal.type("pip install x")
        assert terminal.type("echo $?") == "9\n"
        terminal.type("pip list")
        assert terminal.type("echo $?") == "9\n"
        terminal.type("(exit 5)")
        assert terminal.type("echo $?") == "5\n"


def test_a_trace_at_the_prompt_is_not_about_us(lab: Lab) -> None:
    lab.skip_on_bash_3("it cannot restore its options")
    with Terminal(lab, lab.load) as terminal:
        terminal.type("set -x")
        shown = terminal.type("(exit 5)")
        assert "__safeinstall_wrap" not in shown
        assert "echo 5" in terminal.type("echo $?")
        assert "traced" in terminal.type("[[ $- == *x* ]] && echo traced")


BASH_PROMPTS = {
    "unset": "unset PROMPT_COMMAND",
    "empty": "PROMPT_COMMAND=''",
    "string": "PROMPT_COMMAND='show'",
    "string ending in a semicolon": "PROMPT_COMMAND='show; '",
    "string ending in a comment": "PROMPT_COMMAND='show # mine'",
    "several lines": "PROMPT_COMMAND=$'true\\nshow\\n'",
    "array": "PROMPT_COMMAND=(show)",
    "array of two": "PROMPT_COMMAND=('show' 'true;')",
    "empty array": "PROMPT_COMMAND=()",
}


@pytest.mark.parametrize("kind", BASH_PROMPTS)
@pytest.mark.parametrize("early", [True, False])
def test_other_peoples_prompt_command(bash_lab: Lab, kind: str, early: bool) -> None:
    """Theirs runs as often as before and sees $? and PIPESTATUS; set -u does not trip ours."""
    theirs = BASH_PROMPTS[kind]
    hook = bash_lab.root / "hook"
    hook.write_text(bash_lab.conda_hook)
    show = 'show() { echo "shown $? ${PIPESTATUS[*]}"; }'
    parts = [show, theirs, bash_lab.load] if early else [show, bash_lab.load, theirs]
    with Terminal(bash_lab, "\n".join([*parts, bash_lab.load])) as terminal:
        shown = "show" in theirs
        terminal.type("set -u")
        # "several lines" runs "true" before it, as without us.
        expected = "shown 0 0\n" if "true\\n" in theirs else "shown 3 0 3\n"
        assert terminal.type("true | (exit 3)") == (expected if shown else "")
        terminal.type(f". {shlex.quote(str(hook))}; set +u")
        terminal.type("conda install x")
    assert bash_lab.names()[0] == "guard run"


def test_other_peoples_precmd(zsh_lab: Lab) -> None:
    rc = f"""
precmd() {{ print "precmd $? $pipestatus" }}
show() {{ print "show $?" }}
precmd_functions=(show)
{zsh_lab.load}
{zsh_lab.load}
"""
    with Terminal(zsh_lab, rc) as terminal:
        assert terminal.type("true | (exit 3)") == "precmd 3 0 3\nshow 3\n"
        assert terminal.type("print $#precmd_functions").startswith("2\n")


def test_a_hook_loaded_at_the_prompt_is_guarded_from_the_next_prompt_on(lab: Lab) -> None:
    hook = lab.root / "hook"
    hook.write_text(lab.conda_hook)
    with Terminal(lab, lab.load) as terminal:
        for _ in range(2):
            assert terminal.type(f". {shlex.quote(str(hook))}") == ""
            assert terminal.type("conda install x") == ""
            assert lab.names() == ["guard run", "conda", "conda"]
        assert terminal.type("conda activate e; echo $active") == "e\n"


def test_ctrl_c_reaches_the_tool_and_gives_the_prompt_back(lab: Lab) -> None:
    lab.stub(lab.bin / "pip", "#!/bin/sh\necho started\nexec sleep 60\n")
    with Terminal(lab, lab.load) as terminal:
        terminal.child.sendline("pip install x")
        terminal.child.expect_exact("started")
        terminal.child.sendintr()
        terminal.prompt()
        assert terminal.type("echo $?") == f"{128 + signal.SIGINT}\n"


def test_ctrl_z_and_fg(lab: Lab) -> None:
    lab.stub(lab.bin / "pip", "#!/bin/sh\necho started\nsleep 1\necho finished\n")
    with Terminal(lab, lab.load) as terminal:
        terminal.child.sendline("pip install x")
        terminal.child.expect_exact("started")
        time.sleep(0.2)
        terminal.child.send("\x1a")
        assert re.search(r"[Ss]topped|suspended", terminal.prompt())
        assert "finished" in terminal.type("fg")


def test_in_the_background(lab: Lab) -> None:
    with Terminal(lab, lab.load) as terminal:
        terminal.type("pip install x & wait")
    assert lab.names() == ["guard run", "pip"]


def test_a_vanished_guard_is_named_once_a_session(lab: Lab) -> None:
    with Terminal(lab, lab.load) as terminal:
        lab.main.unlink()
        assert "is gone" in terminal.type("pip install x")
        assert terminal.type("pip install x") == ""
        assert terminal.type("uv pip install x") == ""


def test_an_unknown_command_is_reported_as_always(lab: Lab) -> None:
    with Terminal(lab, lab.load) as terminal:
        shown = terminal.type("pip3.14 list")
        assert re.fullmatch(r"(bash|pip3\.14(:\d+)?): .*command not found.*\n", shown)
        assert terminal.type("echo $?") == "127\n"
