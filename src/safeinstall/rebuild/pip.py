"""pip's part: what cannot be copied is installed, held to what conda owns."""

from __future__ import annotations

import os
import subprocess

from safeinstall.files import write
from safeinstall.rebuild.tools import Failed, apart, last_of, run
from safeinstall.state.lock import HASH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def install(
    staging: str,
    lines: Sequence[str],
    held: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    notes: str,
    root_prefix: str,
    options: Sequence[str] = (),
    upgrade: bool = False,
) -> None:
    """Install the lines of a requirements file. ``held`` are the versions that are admitted, by
    name; ``notes`` is a directory for files on the way.

    A pip of the environment itself, else the one of conda's base. Raises Failed.
    """
    with_sums = [line for line in lines if HASH in line]
    others = [line for line in lines if HASH not in line]
    wanted, constraints = (os.path.join(notes, name) for name in ("pip.txt", "held.txt"))
    _write(constraints, [f"{name}{versions}" for name, versions in held.items()])
    # pip takes sums for all lines of a command or for none
    for part, more in (
        (with_sums, ["--require-hashes", "--no-deps"]),
        (others, ["-c", constraints, *(["--upgrade"] if upgrade else [])]),
    ):
        if part:
            _write(wanted, [*options, *part])
            words = ["install", "--no-input", "--disable-pip-version-check", "-r", wanted, *more]
            _run([*words_of(staging, root_prefix, environ), *words], environ, notes)


def _run(words: Sequence[str], environ: Mapping[str, str], notes: str) -> None:
    done = subprocess.run(
        words,
        env={**apart(environ), "TMPDIR": notes},
        cwd=notes,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,  # the lock of the environment lasts until pip has ended
        check=False,
    )
    if done.returncode:
        raise Failed("pip could not make its part", last_of(done.stdout.decode(errors="replace")))


def words_of(staging: str, root_prefix: str, environ: Mapping[str, str]) -> list[str]:
    """The words that start a pip for the environment: its own, else that of base."""
    python = os.path.join(staging, "bin", "python")
    own = run([python, "-c", "import pip"], apart(environ), "/")
    if own.returncode == 0:
        return [python, "-m", "pip"]
    return [os.path.join(root_prefix, "bin", "python"), "-m", "pip", "--python", python]


def _write(path: str, lines: Sequence[str]) -> None:
    write(path, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
