"""Which command lines reach the guard, and that the others start nothing of ours."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shells.conftest import Lab

GUARDED = """\
pip install x
pip uninstall -y x
pip --python /x/bin/python install x
pip -v --log install.log install x
pip --proxy list install x
pip3 install -r requirements.txt
pip3.11 install x
pip install --help
python -m pip install x
python -mpip install x
python -Im pip install x
python -Impip install x
python -bWx -m pip install x
python -W ignore -m pip install x
python -X utf8 -m pip install x
python -Xutf8 -Wignore -I -m pip install x
python -bX utf8 -m pip install x
python --check-hash-based-pycs always -m pip install x
python3 -m pip -v uninstall x
python3 -m pip.__main__ install x
python -m conda install x
python -m conda.cli update x
python -m uv pip install x
conda install x
conda update --all
conda remove x
conda create -n x
conda rename -n x y
conda env create -f environment.yml
conda env update
conda env remove -n x
conda env config vars set A=1
conda --json install x
conda -v list
conda pypi install x
conda nonsense
conda run -n x pip install y
conda run -n x /opt/envs/x/bin/pip3.11 install y
conda run -n x python -m pip install y
conda run -n x python -Impip install y
conda run -n x uv pip install y
conda run -n x conda install y
conda run -n x bash -c 'cd /y && pip install -e .'
conda clean --packages
mamba clean -a
mamba install x
mamba upgrade x
micromamba install x
micromamba create -n x
micromamba self-update
uv pip install x
uv pip sync requirements.txt
uv pip uninstall x
uv --quiet pip install x
uv add x
uv sync
uv venv""".splitlines()

HARMLESS = """\
pip
pip --version
pip -V
pip --help
pip list
pip list --outdated
pip show install
pip freeze
pip download install
pip help install
pip cache purge
pip config set global.index-url x
pip -v list
pip3 check
python
python -V
python train.py --pipeline x
python train.py -m pip install x
python -c 'print(1)' -m pip install x
python - -m pip install x
python -m
python -W
python -m pip
python -m pip list
python -m piptools sync
python -m pytest install
python -m http.server
python -X importtime -c pass
python -u script.py install
python -- -m pip install x
python3 -Ic pass
conda
conda activate x
conda deactivate
conda list -n install
conda info --envs
conda env list
conda env export
conda search install
conda config --show
conda --version
conda run -n x python script.py --pipeline pipeline
conda run -n x --no-capture-output ./train.sh
conda shell.posix activate x
mamba list
micromamba shell hook
micromamba activate x
uv
uv run pytest
uv run python script.py
uv --version
uv pip list
uv pip compile requirements.in
uv tool run ruff
uv python list""".splitlines()


def test_what_changes_an_environment_goes_through_the_guard(lab: Lab) -> None:
    lab.run("\n".join(GUARDED))
    started = [words for words in lab.started() if words[0] == "guard"]
    assert started == [["guard", "run", "--", *shlex.split(line)] for line in GUARDED]


def test_what_changes_nothing_starts_the_tool_alone(lab: Lab) -> None:
    done = lab.run("\n".join(HARMLESS))
    assert lab.started() == [shlex.split(line) for line in HARMLESS]
    assert done.stderr == ""


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no", "False"])
def test_the_switch_turns_everything_off(lab: Lab, value: str) -> None:
    lab.run(f"export SAFEINSTALL={value}\n" + "\n".join(GUARDED))
    assert lab.started() == [shlex.split(line) for line in GUARDED]


@pytest.mark.parametrize("value", ["", "on", "1", "offline"])
def test_any_other_value_leaves_it_on(lab: Lab, value: str) -> None:
    lab.run(f"SAFEINSTALL={value}\npip install x")
    assert lab.names() == ["guard run", "pip"]


def test_words_arrive_as_typed(lab: Lab) -> None:
    words = ["install", "", "a b", "*", "$HOME", 'it\'s "x"', "\\n", "-e", "--", "~", "a;b", "é"]
    line = "pip " + " ".join(map(shlex.quote, words))
    lab.run(line)
    assert lab.started() == [["guard", "run", "--", "pip", *words], ["pip", *words]]


def test_a_block_is_77_and_the_tool_does_not_run(lab: Lab) -> None:
    lab.extra["LAB_VERDICT"] = "77"
    done = lab.run("pip install x\necho $?")
    assert done.stdout == "77\n"
    assert lab.names() == ["guard run"]


def test_the_status_is_the_tools(lab: Lab) -> None:
    lab.extra["LAB_STATUS"] = "23"
    done = lab.run("pip install x; echo $?; pip list; echo $?; python -m pip list; echo $?")
    assert done.stdout.split() == ["23", "23", "23"]


def test_a_pipe_carries_the_tools_output_and_input(lab: Lab) -> None:
    lab.stub(lab.bin / "pip", "#!/bin/sh\ncat\n")
    assert lab.run("echo through | pip install x | cat").stdout == "through\n"
    assert lab.run("echo through | pip list | cat").stdout == "through\n"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("guarded", [False, True])
def test_harmless_commands_cost_no_process(lab: Lab, tmp_path: Path, guarded: bool) -> None:
    """Counted by the kernel: as many programs and forks with the functions as without."""
    lines = [line for line in HARMLESS if line != "conda shell.posix activate x"]
    script = lab.root / "script"
    load = f". {shlex.quote(str(lab.integration))}\n" if guarded else ""
    script.write_text(load + "\n".join(lines) + "\n")
    trace = lab.root / "trace"
    wanted = "trace=execve,clone,clone3,fork,vfork"
    strace = ["strace", "-f", "-qq", "-e", wanted, "-o", str(trace)]
    subprocess.run(
        [*strace, *lab.command(str(script))], env=lab.environ(), check=False, timeout=120
    )
    calls = [line for line in trace.read_text().splitlines() if " = " in line]
    programs = sum("execve" in line and line.endswith(" = 0") for line in calls)
    forks = sum("clone" in line or "fork(" in line for line in calls)
    assert programs == 1 + len(lines)
    # The shell replaces itself by the last command of a script where that is an external one.
    assert forks in (len(lines) - 1, len(lines))
