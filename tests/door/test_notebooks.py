"""pip and conda from the cells of a notebook: a real ipykernel, in an environment that has neither
safeinstall nor Jupyter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.sandbox.world import World
from tests.door.ways import CONDA, PIP
from tests.harness import few, history
from tests.kinds import site_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

pytest.importorskip("jupyter_client")

# The kernel's own modules are the tests', behind those of the environment; nothing that it starts
# knows of them.
_KERNEL = """\
import sys
sys.path.append({!r})
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SECONDS = 30  # for one cell


@dataclass
class Cell:
    """What a cell shows."""

    status: str = ""
    text: str = ""
    result: str = ""
    raised: str = ""

    def heard(self, message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            self.text += content["text"].replace("\r\n", "\n")
        elif message["msg_type"] == "execute_result":
            self.result += content["data"]["text/plain"]
        elif message["msg_type"] == "error":
            self.raised = content["ename"]

    @property
    def lines(self) -> list[str]:
        return _COLOUR.sub("", self.text).splitlines()

    def line_below(self, heading: str) -> str:
        at = next(n for n, line in enumerate(self.lines) if line.strip().startswith(heading))
        return self.lines[at + 1].strip()


@dataclass
class Notebook:
    """A kernel in the environment ``house``: conda's numpy, pip's six, uv, an open door."""

    world: World
    client: BlockingKernelClient

    def run(self, code: str) -> Cell:
        cell = Cell()
        reply = self.client.execute_interactive(
            code, allow_stdin=False, timeout=_SECONDS, output_hook=cell.heard
        )
        cell.status = reply["content"]["status"]
        return cell

    def owner(self, name: str) -> str:
        found = site_packages(self.world.env("house")).glob(f"{name}-*.dist-info/INSTALLER")
        return " ".join(path.read_text().strip() for path in found)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    world = World.create(tmp_path_factory.mktemp("notebooks") / "world")
    version = ".".join(map(str, sys.version_info[:2]))  # the tests' modules are for this one
    world.create_env("house", f"python={version}", "pip", "numpy")
    world.run(["pip", "install", "-q", "six"], "house", check=True)
    give_uv(world.env("house"))
    door(world, "open")
    yield world
    world.close()


def give_uv(prefix: str) -> None:
    """Without metadata: the world's pip could not get it for a rebuild."""
    shutil.copytree(Path(sysconfig.get_path("purelib"), "uv"), site_packages(prefix) / "uv")
    os.symlink(Path(sys.executable).with_name("uv"), Path(prefix, "bin", "uv"))


def door(world: World, verb: str) -> None:
    world.run([sys.executable, "-m", "safeinstall", "door", verb, "--all"], check=True)


def started(world: World, specs: Path, **environ: str) -> Iterator[Notebook]:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import KernelManager

    (specs / "house").mkdir()
    code = _KERNEL.format(sysconfig.get_path("purelib"))
    words = [world.env("house") + "/bin/python", "-c", code, "-f", "{connection_file}"]
    spec = {"argv": words, "display_name": "house", "language": "python"}
    (specs / "house" / "kernel.json").write_text(json.dumps(spec))
    known = KernelSpecManager(kernel_dirs=[str(specs)])
    manager = KernelManager(kernel_name="house", kernel_spec_manager=known)
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    manager.start_kernel(env=environ, cwd=world.work, **silent)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield Notebook(world, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def notebook(house: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Its kernel was started from a shell in which the environment is active."""
    yield from started(house, tmp_path_factory.mktemp("specs"), **house.environ("house"))


@pytest.fixture(scope="module")
def elsewhere(house: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Its kernel was started by an editor: nothing is active, and conda is not on PATH."""
    environ = house.environ(MPLBACKEND="agg", PATH="/usr/bin:/bin")
    yield from started(house, tmp_path_factory.mktemp("specs"), **environ)


GO_ON = {  # how a failure shows, with or without us
    f"%pip {PIP}": "_exit_code",
    "%pip uninstall numpy": "_exit_code",  # pip would ask
    f"pip {PIP}": "_exit_code",  # as %pip
    f"!pip {PIP}": "_exit_code",
    "!pip uninstall numpy": "_exit_code",
    f"import sys\n!{{sys.executable}} -m pip {PIP}": "_exit_code",
    f"%conda {CONDA}": "_exit_code",
    f"!conda {CONDA}": "_exit_code",
    "!conda install six": "_exit_code",  # conda would ask
    "%uv pip uninstall numpy": "_exit_code",
    f"get_ipython().system('pip {PIP}')": "_exit_code",
    "import sys\n!env -i {sys.executable} -m pip uninstall numpy": "_exit_code",
    "!sh -c 'pip uninstall numpy'": "_exit_code",
    f"%%bash\npip {PIP}": "CalledProcessError",
    f"%%sh\npip {PIP}": "CalledProcessError",
    f"%%script bash --no-raise-error\npip {PIP}": "",
    f"import subprocess\nsubprocess.call({['pip', *PIP.split()]})": "77",
    f"import os\nos.system('pip {PIP}') >> 8": "77",
}


@pytest.mark.parametrize("code", GO_ON, ids=lambda code: code.replace("\n", " ")[:40])
def test_it_is_stopped_and_the_cell_tells(notebook: Notebook, code: str) -> None:
    before = time.monotonic()
    cell = notebook.run(code)
    assert time.monotonic() - before < 10
    assert "safeinstall: blocked by SI20" in cell.lines[0], cell
    readable(cell)
    assert [notebook.owner(name) for name in ("numpy", "six")] == ["conda", "pip"]
    failure = GO_ON[code]
    if failure == "_exit_code":
        assert notebook.run("_exit_code").result == "77"
    else:
        assert failure in (cell.raised, cell.result)


def readable(cell: Cell) -> None:
    """Only colours, and lines of 80 columns but for commands, which are to be pasted whole."""
    assert _COLOUR.sub("", cell.text).replace("\n", "").isprintable()
    said = [line for line in cell.lines if "!" not in line]
    assert max(map(len, said)) <= 80
    assert "Type a reason" not in cell.text
    assert sum("blocked by" in line for line in cell.lines) == 1


def test_it_is_told_where_output_is_a_value(notebook: Notebook) -> None:
    for code in (f"%system pip {PIP}", f"said = !pip {PIP}\nsaid"):
        assert "blocked" in notebook.run(code).result
        assert notebook.owner("numpy") == "conda"


HARMLESS = (
    "%pip list",
    "!pip --version",
    "%conda list",
    "%uv pip list",
    "%%bash\npip show numpy",
    "!pip freeze",
    "!conda --version",
    "%pip install --dry-run --no-deps tqdm",
    "import subprocess\nsubprocess.run(['pip', 'list'], capture_output=True)",
)


def test_what_does_no_harm_shows_the_same(notebook: Notebook) -> None:
    cells = few(HARMLESS, 5)
    guarded = [notebook.run(code) for code in cells]
    door(notebook.world, "close")
    bare = [notebook.run(code) for code in cells]
    door(notebook.world, "open")
    assert guarded == bare


def test_what_is_offered_can_be_typed_in_a_cell(elsewhere: Notebook) -> None:
    stopped = elsewhere.run("%pip uninstall numpy")
    assert "blocked by SI203" in stopped.lines[0]
    way_out = stopped.line_below("or all the same").replace("why", "tried in a notebook")
    by_conda = stopped.line_below("instead:")

    stopped = elsewhere.run("import sys\n!$$CONDA_EXE install -p {sys.prefix} six")
    assert "blocked by SI201" in stopped.lines[0]
    readable(stopped)
    rebuild = stopped.line_below("instead:")
    assert "nobody is there to ask; give --yes" in elsewhere.run(rebuild.replace(" -y", "")).text
    rebuilt = elsewhere.run(rebuild)
    assert elsewhere.owner("six") == "conda", (stopped.text, rebuilt.text)
    assert "\r" not in rebuilt.text  # no moving line
    assert "\x1b" not in _COLOUR.sub("", rebuilt.text)

    elsewhere.run(way_out)
    assert elsewhere.owner("numpy") == ""
    last = history(elsewhere.world, "house")[-1]
    assert last["override"] == "tried in a notebook"

    back = elsewhere.run("!$$CONDA_EXE install -y --force-reinstall -p {sys.prefix} numpy")
    assert elsewhere.owner("numpy") == "conda", back
    elsewhere.run(by_conda)
    assert elsewhere.owner("numpy") == ""
