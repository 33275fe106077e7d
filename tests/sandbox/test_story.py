"""``safeinstall demo``, played as a user would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.harness import few

from safeinstall.sandbox import story

pytest.importorskip("rattler", reason="the sandbox needs py-rattler")


def demo(tmp_path: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "safeinstall", "demo", *options],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.slow
def test_the_story_is_told_and_nothing_stays(tmp_path: Path) -> None:
    said = demo(tmp_path)
    for step in (*story.WITHOUT, *story.WITH):
        assert " ".join(step.caption.split()) in re.sub(r"\s*\n# |\s+", " ", said)
    assert said.count("[exit status 77]") == 3
    assert "libtorch_cpu.so: cannot open shared object file" in said
    for rule in ("SI201", "SI102", "SI101"):
        assert f"blocked by {rule}" in said
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("shell", few(["bash", "zsh"], 1))
def test_the_world_can_be_kept_and_entered(tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    entrance = re.search(r"^  (\. /.*/enter\.sh)$", demo(tmp_path, "--keep"), re.MULTILINE)
    assert entrance
    script = f"""
    {entrance[1]}
    conda activate nlp_exp
    echo "$HOME $CONDA_DEFAULT_ENV"
    pip install numpy==2.0.2 2>/dev/null
    echo $?
    safeinstall history --json | grep -c '"blocked"'
    """
    done = subprocess.run(
        [program, "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    (world,) = tmp_path.iterdir()
    first, second, third = done.stdout.splitlines()
    assert (first, second, done.stderr) == (f"{world}/home nlp_exp", "77", "")
    assert int(third) >= 2
