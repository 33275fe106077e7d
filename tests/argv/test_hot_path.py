"""Understanding a command may cost next to nothing, and loads one tool's tables."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from safeinstall.argv import parse
from tests.argv.test_parse import EMPTY

SLOW = (
    *("typer", "rich", "psutil", "packaging", "filelock", "importlib.metadata", "dataclasses"),
    *("typing", "re", "enum", "json", "pathlib", "subprocess", "contextlib", "functools"),
    *("collections", "signal", "yaml", "tomllib", "shlex", "argparse", "optparse", "datetime"),
)
TABLES = {"pip": "pip_options", "conda": "conda_options", "uv": "uv_options"}
LINES = {
    "pip": "python -Im pip install -Ur f --target=/x 'numpy>=1' git+https://e.org/x",
    "conda": "conda install -qyn foo -c c numpy=1.2 scipy",
    "uv": "uv pip install -p 3.12 x",
    "micromamba": "micromamba create -n x -c conda-forge python",
}


@pytest.mark.parametrize("tool", LINES)
def test_what_is_imported(tool: str) -> None:
    others = [f"safeinstall.argv.{name}" for key, name in TABLES.items() if key != tool]
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from safeinstall.argv import Context, parse\n"
        f"command = parse({LINES[tool]!r}.split(), Context({{}}, '/', lambda _: None, {{}}))\n"
        "assert command.mutates, command\n"
        f"bad = (set(sys.modules) - before) & set({[*SLOW, *others]!r})\n"
        "assert not bad, bad\n"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", PATHS + code], check=True)


PATHS = f"import sys\nsys.path[:0] = {[path for path in sys.path if path.endswith('src')]!r}\n"


@pytest.mark.parametrize("tool", LINES)
def test_what_it_costs(tool: str) -> None:
    """The best of many, so that a busy machine does not fail it; a tenth of that is usual."""
    words = LINES[tool].split()
    times = []
    for _ in range(30):
        start = time.perf_counter()
        parse(words, EMPTY)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.002
