"""A week of harmless work in an environment of conda's and pip's: what is said is rare and true."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from safeinstall.sandbox.wheels import write_project
from tests import harness
from tests.uv import UV

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World

NAME = "week"

WEEK = """
conda create -y -n week python=3.11 pip numpy=1.26 pandas
conda install -y -n week scipy
conda env update -n week -f project/environment.yml
conda install -y filelock
conda list -n week
pip list
pip install einops
pip install einops
pip install cowsay==6.1 safetensors
conda install -y tqdm
pip install -e project
pip install -r project/requirements.txt
pip install -U pip
pip install -U einops
python -m pip install --upgrade pip einops
conda install -y joblib
conda update -y tqdm
conda install -y python-dateutil
pip install 'numpy>=1.20'
pip install numpy pandas
pip install -U tokenizers
pip check
pip freeze
pip download --no-deps -d wheels cowsay
pip install wheels/cowsay-6.1-py3-none-any.whl
pip uninstall -y cowsay
pip install cowsay
pip install --dry-run transformers
pip install transformers
pip install -e project --no-deps
pip install ./project --no-deps --no-build-isolation
pip install -q cowsay einops
conda remove -y joblib
pip uninstall -y transformers
conda install -y -n week ffmpeg
conda create -y -n week-other python=3.11 pip
conda run -n week pip install einops
conda run -n week-other pip install einops
conda install -y -n week-other six
uv pip install cowsay
uv pip uninstall cowsay
venv/bin/python -m pip install cowsay
conda info
conda update -y -n week --all
"""

# Everything that may be said, and to which line.
TOLD = {
    "conda install -y tqdm": "SI201 conda-after-pip: conda changes 1 package in week, which was",
    "conda install -y -n week-other six": "SI201 conda-after-pip: conda changes 1 package in week-",
    "pip install wheels/cowsay-6.1-py3-none-any.whl": "SI305 moving-source: wheels/cowsay-6.1",
}


def test_three_lines_in_a_week(world: World, tmp_path: Path) -> None:
    lines = WEEK.strip().splitlines()
    assert len(lines) == 44
    told: dict[str, str] = {}
    more = at_work(world, tmp_path)
    try:
        for line in lines:
            done = harness.run(world, shlex.split(line), NAME, cwd=tmp_path, environ=more)
            said = done.stderr.decode()
            assert done.returncode == 0, f"{line}\n{said}"
            if "safeinstall" in said:
                told[line] = said
    finally:
        for name in (NAME, "week-other"):
            world.remove_env(name)
    assert told.keys() == TOLD.keys(), told
    for line, beginning in TOLD.items():
        assert told[line].count("safeinstall:") == 1
        assert f"safeinstall: warning {beginning}" in told[line]


def at_work(world: World, directory: Path) -> dict[str, str]:
    """A project and a virtual environment in the directory; the variables of the session."""
    project = directory / "project"
    write_project(str(project), "mine", "1.0", ("numpy",))
    (project / "requirements.txt").write_text("requests\neinops\n")
    (project / "environment.yml").write_text(
        "name: week\ndependencies:\n- numpy\n- filelock\n- pip\n- pip:\n  - einops\n"
    )
    world.run(["python", "-m", "venv", str(directory / "venv")], "base", check=True)
    path = world.environ(NAME)["PATH"]
    return {
        "PATH": os.pathsep.join([path, os.path.dirname(str(UV))]) if UV else path,
        "UV_FIND_LINKS": world.wheels,
        "UV_NO_INDEX": "1",
    }
