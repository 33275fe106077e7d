"""What the guard costs, as ratios within one run: absolute times depend on the machine.

Each pair is run in turn, now one first and now the other, so that a busy moment hits both. The
ratio is the median of the pairs' own: a machine that gets slower in the middle does not show in it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence

import safeinstall
from safeinstall.integration import template
from safeinstall.sandbox.world import World

MAIN = os.path.join(os.path.dirname(safeinstall.__file__), "__main__.py")
GUARD = [sys.executable, "-I", "-S", MAIN]
ROUNDS = int(os.environ.get("ROUNDS", "15"))


def timed(words: Sequence[str], environ: Mapping[str, str]) -> float:
    """Milliseconds from start to end, of a run that ends well: a conda may crash at its exit."""
    for _ in range(3):
        begin = time.perf_counter()
        done = subprocess.run(
            words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if done.returncode == 0:
            return (time.perf_counter() - begin) * 1000
    raise SystemExit(f"{' '.join(words)}: exit status {done.returncode}")


def compare(name: str, bare: Callable[[], float], guarded: Callable[[], float]) -> None:
    """Print both medians, and the median of the ratios."""
    bare(), guarded()  # caches are warm for both
    pairs = []
    for number in range(ROUNDS):
        if number % 2:
            pairs.append((bare(), guarded()))
        else:
            after = guarded()
            pairs.append((bare(), after))
    first, second = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(after / before for before, after in pairs)
    print(f"{name:<56} {first:8.1f} ms {second:8.1f} ms {ratio:7.3f}×", flush=True)


def interactive(environ: Mapping[str, str], *, integrated: bool) -> Callable[[], float]:
    """One ``pip --version`` typed in a bash that is already there; answers its milliseconds."""
    shell = subprocess.Popen(
        ["bash", "--norc", "--noprofile"],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdin is not None
    assert shell.stdout is not None
    stdin, stdout = shell.stdin, shell.stdout
    if integrated:
        stdin.write(template.render("bash"))

    def once() -> float:
        begin = time.perf_counter()
        stdin.write("pip --version >/dev/null; echo done\n")
        stdin.flush()
        stdout.readline()
        return (time.perf_counter() - begin) * 1000

    return once


def main() -> None:
    """Make a world, measure in it, remove it."""
    directory = tempfile.mkdtemp(prefix="safeinstall-bench-")
    try:
        world = World.create(directory, os.environ.get("SAFEINSTALL_TEST_CONDA"))
        world.create_env("bench", "python", "pip", "six")
        world.create_env("clean", "python", "pip", "six")
        world.create_env("crowded", "python", "pip", "pytorch", channel="pytorch")
        world.run(["pip", "install", "tqdm"], "bench", check=True)
        crowd(world.env("crowded"), 300)
        measure(world)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def crowd(prefix: str, count: int) -> None:
    """So many distributions of conda's more."""
    site = os.path.join(prefix, "lib", "python3.11", "site-packages")
    for number in range(count):
        name, info = f"filler{number}", os.path.join(site, f"filler{number}-1.0.dist-info")
        os.mkdir(info)
        files = [os.path.relpath(os.path.join(info, "METADATA"), prefix)]
        record = {"name": name, "version": "1.0", "build": "0", "files": files}
        with open(os.path.join(info, "METADATA"), "w", encoding="utf-8") as file:
            file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\n")
        path = os.path.join(prefix, "conda-meta", f"{name}-1.0-0.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(record, file)


def measure(world: World) -> None:
    """The comparisons, a line each."""
    active, clean, crowded = map(world.environ, ("bench", "clean", "crowded"))
    pip = os.path.join(world.env("bench"), "bin", "pip")
    pip_in_a_crowd = os.path.join(world.env("crowded"), "bin", "pip")
    print(f"{'':<56} {'without':>11} {'with':>11} {'ratio':>8}")
    compare(
        "check -- pip install six : python -I -c pass",
        lambda: timed([sys.executable, "-I", "-c", "pass"], active),
        lambda: timed([*GUARD, "check", "--", "pip", "install", "six"], active),
    )
    compare(
        "check -- pip install six : python -I -S -c pass",
        lambda: timed([sys.executable, "-I", "-S", "-c", "pass"], active),
        lambda: timed([*GUARD, "check", "--", "pip", "install", "six"], active),
    )
    compare(
        "pip install tqdm, satisfied",
        lambda: timed([pip, "install", "tqdm"], active),
        lambda: timed([*GUARD, "run", "--", "pip", "install", "tqdm"], active),
    )
    compare(
        "pip install torch numpy, satisfied, 300 more of conda's",
        lambda: timed([pip_in_a_crowd, "install", "torch", "numpy"], crowded),
        lambda: timed([*GUARD, "run", "--", "pip", "install", "torch", "numpy"], crowded),
    )
    install = ["install", "-y", "six"]
    compare(
        "conda install six, satisfied",
        lambda: timed([world.conda, *install], clean),
        lambda: timed([*GUARD, "run", "--", world.conda, *install], clean),
    )
    compare(
        "pip --version in an interactive bash",
        interactive(active, integrated=False),
        interactive(active, integrated=True),
    )


if __name__ == "__main__":
    main()
