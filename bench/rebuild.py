"""What a rebuild that only copies costs, as a ratio to ``conda create --clone`` of the same
environment: 200 packages of conda's, 100 of pip's, 20 files each.

It needs a real conda: SAFEINSTALL_TEST_CONDA=/path/to/conda python bench/rebuild.py
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.distribution import Distribution
from safeinstall.sandbox.world import World

CONDAS, PIPS, FILES, ROUNDS = 200, 100, 20, int(os.environ.get("ROUNDS", "5"))


def content(name: str) -> Distribution:
    extra = {f"{name}/part{n}.py": f"value = {n}\n".encode() * 200 for n in range(FILES)}
    return Distribution(name, "1.0", name, extra=extra)


def filled(directory: str) -> World:
    """A world with the environment ``big``."""
    packages = []
    for number in range(CONDAS):
        files = content(f"c{number}").files(installer="conda")
        listed = {f"site-packages/{path}": File(data) for path, data in files.items()}
        more = {"depends": ("python >=3.8",), "noarch": "python", "files": listed}
        packages.append(Package(f"c{number}", "1.0", "py_0", **more))
    write_channel(f"{directory}/channel", packages)
    wheels = []
    for number in range(PIPS):
        name, data = content(f"p{number}").wheel()
        wheels.append(f"{directory}/{name}")
        with open(wheels[-1], "wb") as file:
            file.write(data)
    world = World.create(f"{directory}/world", os.environ["SAFEINSTALL_TEST_CONDA"])
    names = [package.name for package in packages]
    world.create_env("big", "python", "pip", *names, channel=f"file://{directory}/channel")
    world.run(["pip", "install", "-q", "--no-deps", *wheels], "big", check=True)
    return world


def timed(words: Sequence[str], environ: Mapping[str, str]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    subprocess.run(words, env=environ, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    directory = tempfile.mkdtemp()
    try:
        world = filled(directory)
        environ, prefix = world.environ(), world.env("big")
        clone = [world.conda, "create", "-y", "-q", "-n", "other", "--clone", "big"]
        rebuild = [sys.executable, "-m", "safeinstall", "rebuild", "-p", prefix, "--yes"]
        pairs = []
        for _ in range(ROUNDS):
            pairs.append((timed(clone, environ), timed(rebuild, environ)))
            world.remove_env("other")
            print(f"clone {pairs[-1][0]:6.2f} s, rebuild {pairs[-1][1]:6.2f} s", flush=True)
        print(f"ratio {statistics.median(after / before for before, after in pairs):.2f}")
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
