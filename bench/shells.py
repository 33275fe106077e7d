"""What the functions cost a shell that starts: milliseconds beyond the bare shell, in one run.

The text is stored, as ``safeinstall setup`` does, and read by an interactive shell in a home
directory of its own.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile

from bench.run import ROUNDS, timed

from safeinstall.integration import template

FILES = {"bash": ".bashrc", "zsh": ".zshrc"}


def main() -> None:
    """A line for each of the shells that are there."""
    for shell, name in FILES.items():
        if not (program := shutil.which(shell)):
            continue
        with tempfile.TemporaryDirectory(prefix="safeinstall-bench-") as home:
            bare, guarded = (os.path.join(home, kind) for kind in ("bare", "guarded"))
            for directory, text in ((bare, ""), (guarded, template.render(shell))):
                os.mkdir(directory)
                with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                    file.write(text)
            times = [(start(program, bare), start(program, guarded)) for _ in range(ROUNDS)]
        first, second = (statistics.median(kind) for kind in zip(*times, strict=True))
        beyond = statistics.median(after - before for before, after in times)
        print(f"new {shell:<52} {first:8.1f} ms {second:8.1f} ms {beyond:+7.2f} ms", flush=True)


def start(program: str, home: str) -> float:
    """Milliseconds of an interactive shell that ends at once."""
    environ = {"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
    return timed([program, "-i", "-c", ":"], environ)


if __name__ == "__main__":
    main()
