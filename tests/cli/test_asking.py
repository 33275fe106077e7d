"""Nobody is asked who cannot answer, even at a terminal."""

from __future__ import annotations

import os
import sys

import pexpect
import pytest

ASK = "import os; from safeinstall.cli.asking import agreed; print(agreed('Go on?', os.environ))"


def at_a_terminal(**more: str) -> pexpect.spawn[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME")}
    return pexpect.spawn(sys.executable, ["-c", ASK], env={**kept, **more}, encoding="utf-8")


def test_a_person_is_asked() -> None:
    child = at_a_terminal(CLAUDECODE="0")
    child.expect_exact("Go on? [y/N] ")
    child.sendline("y")
    child.expect_exact("True")
    child.close()


@pytest.mark.parametrize(
    "environ", [{"CLAUDECODE": "1"}, {"AI_AGENT": "robby"}, {"CI": "true"}, {"JPY_PARENT_PID": "7"}]
)
def test_agents_ci_and_notebooks_are_not(environ: dict[str, str]) -> None:
    child = at_a_terminal(**environ)
    assert child.expect_exact(["[y/N]", "nobody is there to ask; give --yes"]) == 1
    child.close()
