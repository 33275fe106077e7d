"""pip's part: what cannot be copied is installed, held to what conda owns."""

from __future__ import annotations

import os
import subprocess

from safeinstall.files import read_bytes, write
from safeinstall.model import CONDA_OWNERS
from safeinstall.protection import lifted
from safeinstall.rebuild.relocate import rewrite
from safeinstall.rebuild.tools import Failed, apart, last_of, run
from safeinstall.state.lock import HASH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safeinstall.model import Package

_LIMIT = 1 << 26  # bytes of a RECORD


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
    alone: bool = False,
) -> None:
    """Install the lines of a requirements file. ``held`` are the versions that are admitted, by
    name; ``notes`` is a directory for files on the way. ``alone``: nothing that they need.

    A pip of the environment itself, else the one of conda's base. Raises Failed.
    """
    with_sums = [line for line in lines if HASH in line]
    others = [line for line in lines if HASH not in line]
    wanted, constraints = (os.path.join(notes, name) for name in ("pip.txt", "held.txt"))
    _write(constraints, [f"{name}{versions}" for name, versions in held.items()])
    # pip takes sums for all lines of a command or for none
    more = [*(["--upgrade"] if upgrade else []), *(["--no-deps"] if alone else [])]
    for part, own in (
        (with_sums, ["--require-hashes", "--no-deps"]),
        (others, ["-c", constraints, *more]),
    ):
        if part:
            _write(wanted, [*options, *part])
            words = ["install", "--no-input", "--disable-pip-version-check", "-r", wanted, *own]
            own_rails = lifted.for_pip(staging, environ)
            pip = words_of(staging, root_prefix, environ)
            _run([*pip, *words], {**environ, **own_rails}, notes)


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


def mark_as_needed(packages: Iterable[Package]) -> None:
    """Take pip's mark from distributions that only others need: pip marks all that it is told to
    install.
    """
    for package in packages:
        mark = os.path.join(package.location, "REQUESTED")
        if package.owner in CONDA_OWNERS or not os.path.isfile(mark):
            continue
        os.unlink(mark)
        record = os.path.join(package.location, "RECORD")
        row = f"{os.path.basename(package.location)}/REQUESTED,".encode()
        lines = (read_bytes(record, _LIMIT) or b"").splitlines(keepends=True)
        rewrite(record, b"".join(line for line in lines if not line.startswith(row)))


def words_of(staging: str, root_prefix: str, environ: Mapping[str, str]) -> list[str]:
    """The words that start a pip for the environment: its own, else that of base; where there is no
    Python, one that can only be asked what an index has.
    """
    python, base = (os.path.join(p, "bin", "python") for p in (staging, root_prefix))
    if not os.path.exists(python):
        return [base, "-m", "pip"]
    own = run([python, "-c", "import pip"], apart(environ), "/")
    if own.returncode == 0:
        return [python, "-m", "pip"]
    return [base, "-m", "pip", "--python", python]


def _write(path: str, lines: Sequence[str]) -> None:
    write(path, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
