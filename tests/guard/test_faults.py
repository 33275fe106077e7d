"""A disk that fails at any moment: no verdict is looser, and what may go on goes on.

SAFEINSTALL_TORTURE=1 for every system call; else a few of them, drawn from a seed.
"""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import cache
from tests import harness
from tests.journal.conftest import TORTURE
from tests.journal.test_torture import needs_strace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from safeinstall.sandbox.world import World

CALLS = ("openat", "read", "pread64", "write", "fsync", "fdatasync", "close")
JOURNAL = re.compile(r"\.safeinstall|/journals/")
# What is there, and whose it is, where the directory cannot be listed: a question of its own.
LISTS = re.compile(r'/(conda-meta|site-packages)"')
GOES_ON = ["pip", "uninstall", "-y", "not-there-at-all"]
SKIPPED = b"WARNING: Skipping not-there-at-all as it is not installed.\n"


class Faulty:
    """Guards a command again and again in the same state, each time with another fault."""

    def __init__(self, world: World, name: str, words: list[str], place: Path) -> None:
        self.world, self.name, self.words, self.place = world, name, words, place
        self.live = [Path(world.env(name), ".safeinstall"), Path(world.environ()["XDG_STATE_HOME"])]
        self.run_plainly()
        for number, directory in enumerate(self.live):
            shutil.copytree(directory, place / str(number), symlinks=True)

    def run_plainly(self) -> harness.Completed:
        return harness.run(self.world, self.words, self.name)

    def run(self, injected: str = "", policy: str = "") -> tuple[harness.Completed, list[str]]:
        """The outcome, and the calls of the guard's main thread."""
        for number, directory in enumerate(self.live):
            shutil.rmtree(directory)
            shutil.copytree(self.place / str(number), directory, symlinks=True)
        trace = self.place / "trace"
        options = ["-e", f"inject={injected}"] if injected else []
        strace = ["strace", "-y", "-o", str(trace), "-e", f"trace={','.join(CALLS)}", *options]
        environ = {"SAFEINSTALL_POLICY": policy} if policy else {}
        words = [*strace, *harness.GUARD, "run", "--", *self.words]
        done = self.world.run(words, self.name, environ=environ)
        return done, trace.read_text(errors="replace").splitlines()

    def calls(self) -> Iterator[tuple[str, int, str]]:
        """The calls on files of the world, not of our own program: without that there is no
        guard at all. Each with its name, and its number among those of the name.
        """
        counts = dict.fromkeys(CALLS, 0)
        for line in self.run()[1]:
            call, _, rest = line.partition("(")
            if call in counts:
                counts[call] += 1
                if self.concerns(rest):
                    yield call, counts[call], line

    def concerns(self, line: str) -> bool:
        """Is a file of the world meant, and not the one directory that the guard starts in?"""
        return self.world.directory in re.sub(r"AT_FDCWD<[^>]*>", "", line)

    def outcomes(
        self, calls: Iterable[tuple[str, int, str]]
    ) -> Iterator[tuple[str, harness.Completed, list[str]]]:
        """The name of each call, and the outcome of its failing; what is remembered by then has
        changed the numbers of some.
        """
        for call, number, _ in calls:
            done, trace = self.run(f"{call}:error=EIO:when={number}")
            hit = [line for line in trace if "INJECTED" in line]
            if all(map(self.concerns, hit)):
                yield call, done, hit


def drawn(calls: list[tuple[str, int, str]], count: int) -> list[tuple[str, int, str]]:
    return calls if TORTURE else random.Random(11).sample(calls, count)


@needs_strace
def test_what_may_go_on_goes_on(world: World, conda_env: str, tmp_path: Path) -> None:
    faulty = Faulty(world, conda_env, GOES_ON, tmp_path)
    for call, done, hit in faulty.outcomes(drawn([*faulty.calls()], 4)):
        said = (hit, done)
        assert done.returncode == 0, said
        assert SKIPPED in done.stderr, said
        ours = done.stderr.replace(SKIPPED, b"")
        assert ours.count(b"\n") <= 1, said
        assert b"internal error" not in ours, said
        assert call != "close" or not ours, said


@needs_strace
def test_what_is_blocked_stays_blocked(world: World, conda_env: str, tmp_path: Path) -> None:
    words = ["pip", "uninstall", "-y", "pip"]  # conda's
    faulty = Faulty(world, conda_env, words, tmp_path)
    calls = [each for each in faulty.calls() if not LISTS.search(each[2])]
    for _, done, hit in faulty.outcomes(drawn(calls, 4)):
        if not any(map(LISTS.search, hit)):
            assert done.returncode == 77, (hit, done)


@needs_strace
def test_the_journal_is_read_and_written_as_the_policy_says(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    faulty = Faulty(world, conda_env, GOES_ON, tmp_path)
    strict = tmp_path / "policy.toml"
    strict.write_text('schema = 1\n[policy]\non_journal_error = "block"\n')
    reads = [n for call, n, line in faulty.calls() if call == "pread64" and JOURNAL.search(line)]
    chosen = reads if TORTURE else reads[:5]
    outcomes = [faulty.run(f"pread64:error=EIO:when={n}", str(strict))[0] for n in chosen]
    stopped = [done for done in outcomes if done.returncode == 74]
    assert stopped  # where the records since the last command are read
    for done in stopped:
        assert SKIPPED not in done.stderr
        assert done.stderr.endswith(b"Input/output error\n")
    # both copies fail, from the first one on
    done, _ = faulty.run(f"pread64:error=EIO:when={min(reads)}+", str(strict))
    assert (done.returncode, SKIPPED in done.stderr) == (74, False)
    done, _ = faulty.run(f"pread64:error=EIO:when={min(reads)}+")
    assert (done.returncode, SKIPPED in done.stderr) == (0, True)


# ---- full disks ---------------------------------------------------------------------------------


def test_a_file_that_could_not_be_written_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "below" / "snapshot"
    cache.keep(str(place), "mark", ("data",))
    write, whole = os.write, place.read_bytes()

    def full(fd: int, data: bytes) -> int:
        if len(data) < 10:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data[:10])

    for name, failing in (("write", full), ("replace", _refuse), ("open", _refuse)):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, failing)
            cache.keep(str(place), "mark", ("other",) * 10)
        assert os.listdir(place.parent) == ["snapshot"], name
        assert place.read_bytes() == whole
    cache.keep(str(place), "mark", ("other",))
    assert cache.load(str(place), "mark") == ("other",)


def _refuse(*_: object, **__: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_state(world: World, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """A state directory on a small disk; fills it when called."""
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small file system")

    def fill() -> None:
        with open(small / "filler", "wb", buffering=0) as file:
            while file.write(b"x" * 512):
                pass

    def filled() -> None:
        with pytest.raises(OSError, match="No space"):
            fill()

    yield filled
    subprocess.run(["umount", str(small)], check=True)


def test_a_full_disk_keeps_no_empty_files(
    world: World, conda_env: str, tmp_path: Path, full_state: Callable[[], None]
) -> None:
    small = tmp_path / "small"
    environ = {"XDG_STATE_HOME": str(small / "state"), "XDG_CACHE_HOME": str(small / "cache")}
    for _ in range(2):
        assert harness.run(world, GOES_ON, conda_env, environ=environ).returncode == 0
    whole = files_below(small)
    assert any(path.endswith("/snapshot") for path in whole)
    full_state()
    for _ in range(3):
        done = harness.run(world, GOES_ON, conda_env, environ=environ)
        assert done.returncode == 0
        assert SKIPPED in done.stderr
    assert files_below(small) == whole | {str(small / "filler")}


def files_below(directory: Path) -> set[str]:
    return {str(path) for path in directory.rglob("*") if path.is_file()}
