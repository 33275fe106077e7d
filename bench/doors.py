"""What an open door costs an interpreter that starts, as ratios within one run.

The same environment, with the door's line there and away, in turn. ``SAFEINSTALL_TEST_CONDA`` names
a conda whose own environment is written to for the comparison of ``conda --version``.

Where valgrind is installed, the instructions in user space are counted as well: these are the same
in each run, however busy the machine is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial

from bench.run import compare, timed

from safeinstall.door import files
from safeinstall.probe.environment import describe
from safeinstall.sandbox.world import World

# conda's pip needs setuptools (up to Python 3.12), which has a .pth file, too: what an interpreter
# loads for the first one is loaded there already.
ENVIRONMENTS = {
    "pip with setuptools": ("pip", "setuptools", "numpy"),
    "pip alone": ("pip", "numpy"),
}


def main() -> None:
    """Make the environments, measure, remove them."""
    directory = tempfile.mkdtemp(prefix="safeinstall-bench-")
    try:
        world = World.create(directory)
        train = os.path.join(world.work, "train.py")
        with open(train, "w", encoding="utf-8") as file:
            file.write("import numpy, json, argparse, logging\n")
        for name, packages in ENVIRONMENTS.items():
            prefix = world.create_env(f"door{len(packages)}", "python", *packages)
            python, pip = f"{prefix}/bin/python", f"{prefix}/bin/pip"
            lines = {
                f"python -c pass, {name}": [python, "-c", "pass"],
                f"python train.py, {name}": [python, train],
                f"python train.py pip (takes it for one), {name}": [python, train, "pip"],
                f"pip --version, {name}": [pip, "--version"],
                f"pip list, {name}": [pip, "list"],
            }
            measure(prefix, lines, world.environ())
        if conda := os.environ.get("SAFEINSTALL_TEST_CONDA"):
            base = os.path.dirname(os.path.dirname(os.path.realpath(conda)))
            measure(base, {"conda --version": [conda, "--version"]}, os.environ)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def measure(prefix: str, lines: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> None:
    """The comparisons, a line each. The prefix has no door afterwards."""
    environment = describe(prefix)
    files.put(environment)
    line = os.path.join(environment.site_packages[0], files.LINE)

    def without(words: Sequence[str]) -> float:
        os.rename(line, f"{line}.away")
        try:
            return timed(words, environ)
        finally:
            os.rename(f"{line}.away", line)

    for name, words in lines.items():
        compare(name, partial(without, words), partial(timed, words, environ))
    if valgrind := shutil.which("valgrind"):
        with_door = {name: instructions(valgrind, words, environ) for name, words in lines.items()}
        os.unlink(line)
        for name, words in lines.items():
            bare = instructions(valgrind, words, environ)
            print(f"{name:<56} {with_door[name] / bare:7.4f}× instructions")
    files.take_out(environment)


def instructions(valgrind: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """How many instructions the first process executes in user space."""
    counting = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    # valgrind does not follow #!
    script = [] if words[0].endswith("python") else [os.path.dirname(words[0]) + "/python"]
    done = subprocess.run(
        [*counting, *script, *words],
        env={**environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    (found,) = re.findall(r"I +refs: +([\d,]+)", done.stderr)
    return int(found.replace(",", ""))


if __name__ == "__main__":
    main()
