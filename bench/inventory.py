"""What an inventory costs: ``python bench/inventory.py [PACKAGES]``, beside ``conda list --json``
of the same environment where SAFEINSTALL_TEST_CONDA names a real conda.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from safeinstall.probe import inventory
from safeinstall.probe.environment import describe

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15
FILES = 60  # of each package; a record of them is about 30 kB, as conda-forge's are on average
_SITE = "lib/python3.11/site-packages"


def main() -> None:
    """Half of the packages are conda's Python packages, the rest native ones and pip's."""
    gc.disable()  # as in the guard
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as directory:
        prefix = os.path.join(directory, "env")
        make(prefix, count)
        environment, cache = describe(prefix), os.path.join(directory, "cache")
        packages = inventory.scan(environment).packages
        first = median(lambda: inventory.scan(environment))
        time.sleep(2.1)  # what is younger is not remembered
        inventory.scan(environment, cache)
        ours = median(lambda: inventory.scan(environment, cache))
        print(
            f"inventory of {len(packages)} packages: {ours:.1f} ms, the first time {first:.1f} ms"
        )
        conda = os.environ.get("SAFEINSTALL_TEST_CONDA")
        if conda:
            environ = {**os.environ, "HOME": directory}
            words = [conda, "list", "--json", "-p", prefix]
            done = subprocess.run(words, env=environ, stdout=subprocess.PIPE, check=True)
            theirs = median(
                lambda: subprocess.run(words, env=environ, stdout=subprocess.DEVNULL, check=True), 5
            )
            said = len(json.loads(done.stdout))
            print(f"conda list --json, {said} packages: {theirs:.0f} ms, {theirs / ours:.0f} times")


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds."""
    times = []
    for _ in range(rounds):
        inventory._latest.clear()  # noqa: SLF001 - as in a new process
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


def make(prefix: str, count: int) -> None:
    """An environment as conda and pip leave it, but for the content of the files."""
    write(f"{prefix}/conda-meta/history", "")
    record(prefix, "python", "3.11.7", "h_0", ["bin/python3.11"])
    for number in range(count - 1):
        name, version = f"package-{number}", f"{number % 9}.{number % 7}.1"
        owner = ("conda", "conda", "native", "pip")[number % 4]
        info = f"{_SITE}/{name.replace('-', '_')}-{version}.dist-info"
        if owner == "native":
            record(prefix, name, version, "h_0", [f"lib/lib{name}-{n}.so" for n in range(FILES)])
            continue
        write(f"{prefix}/{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\n")
        write(f"{prefix}/{info}/INSTALLER", f"{owner}\n")
        if owner == "conda":
            code = [f"{_SITE}/{name.replace('-', '_')}/module_{n}.py" for n in range(FILES)]
            record(prefix, name, version, "py311_0", [f"{info}/METADATA", *code])


def record(prefix: str, name: str, version: str, build: str, files: list[str]) -> None:
    """A record as conda writes it."""
    path = {"_path": "", "path_type": "hardlink", "sha256": "0" * 64, "size_in_bytes": 1}
    document = {
        "build": build,
        "build_number": 0,
        "channel": "https://conda.anaconda.org/conda-forge/linux-64",
        "depends": ["python >=3.11"],
        "files": files,
        "fn": f"{name}-{version}-{build}.conda",
        "name": name,
        "paths_data": {
            "paths": [{**path, "_path": file, "sha256_in_prefix": "0" * 64} for file in files],
            "paths_version": 1,
        },
        "subdir": "linux-64",
        "url": f"https://conda.anaconda.org/conda-forge/linux-64/{name}-{version}-{build}.conda",
        "version": version,
    }
    write(f"{prefix}/conda-meta/{name}-{version}-{build}.json", json.dumps(document, indent=2))


def write(path: str, text: str) -> None:
    """The file with its directories."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
