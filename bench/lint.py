"""What ``safeinstall lint`` costs: 200 files in less than 2 seconds, start-up included.

    python bench/lint.py [FILES]

The files are those of the tests' corpus, over and over, each under a name of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

from tests.lint.files import corpus  # noqa: E402 - found by the path above

NAMES = ("faulty_dockerfiles", "sound_dockerfiles", "faulty_others", "sound_others")
ROUNDS = 5


def main(count: int) -> None:
    """Print the best of some rounds."""
    files = [(path, text) for name in NAMES for path, text, _ in corpus(f"{name}.txt")]
    with tempfile.TemporaryDirectory() as root:
        for number in range(count):
            path, text = files[number % len(files)]
            place = os.path.join(root, str(number), path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8") as file:
                file.write(text)
        command = [sys.executable, "-m", "safeinstall", "lint", "--json", root]
        best = min(_seconds(command) for _ in range(ROUNDS))
    print(f"{count} files: {best:.2f} s")


def _seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
