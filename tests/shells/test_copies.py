"""Functions that are copied into another shell, as coding agents do it: without variables, and
without functions whose names begin with an underscore.
"""

from __future__ import annotations

import shlex

import pytest

from tests.shells.conftest import Lab

COPY = {
    "bash": 'declare -F | while read -r _ _ name; do [[ $name == _* ]] || declare -f "$name"; done',
    "zsh": 'for name in ${(k)functions:#_*}; do typeset -f "$name"; done',
}


# Called as: python -I -S MAIN run -- TOOL ARGS…
GUARD = """#!/bin/sh
shift 3
{ printf guard; for word do printf '\\037%s' "$word"; done; printf '\\n'; } >>"$LAB_LOG"
exit "${LAB_VERDICT:-0}"
"""


@pytest.fixture
def copied(lab: Lab) -> Lab:
    """The lab's shell, with the functions that a copy of the integration has."""
    done = lab.run(COPY[lab.shell])
    assert done.stderr == ""
    lab.integration.write_text(done.stdout)
    lab.stub(lab.python, GUARD)
    return lab


@pytest.mark.parametrize(
    ("line", "started"),
    [
        ("pip install x", "guard run"),
        ("pip3 uninstall -y x", "guard run"),
        ("python -m pip install 'a b'", "guard run"),
        ("conda install -n e x", "guard run"),
        ("uv pip install x", "guard run"),
        ("pip list", "pip"),
        ("pip --version", "pip"),
        ("python train.py", "python"),
        ("conda list", "conda"),
        ("uv run x", "uv"),
    ],
)
def test_a_copy_still_guards(copied: Lab, line: str, started: str) -> None:
    done = copied.run(line)
    assert done.stderr == ""
    assert done.returncode == 0
    found = copied.started()
    assert " ".join(found[0][: len(started.split())]) == started
    words = shlex.split(line)
    assert found[0][-len(words) + 1 :] == words[1:]


def test_a_copy_without_the_guard_is_the_tool(copied: Lab) -> None:
    copied.main.unlink()
    done = copied.run("pip install x")
    assert (done.returncode, done.stderr) == (0, "")
    assert copied.names() == ["pip"]


def test_a_block_is_one_in_a_copy(copied: Lab) -> None:
    copied.extra["LAB_VERDICT"] = "77"
    done = copied.run("pip install x; echo $?")
    assert done.stdout == "77\n"
