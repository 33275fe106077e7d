"""A journal on a file system that fails: read-only, full, without locks, gone."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from safeinstall.errors import JournalError
from safeinstall.journal import Journal, flock, ids, lock_file, read
from safeinstall.journal.lock import Lock
from safeinstall.journal.operations import operations
from safeinstall.journal.verify import Report, verify
from tests.journal.conftest import World, intent, outcome
from tests.journal.test_append import chain_of
from tests.journal.test_torture import forked


def check(world: World) -> Report:
    prefix = str(world.prefix)
    return verify(prefix, read.of_prefix(prefix, world.settings.state_dir))


def statuses(world: World) -> list[str]:
    files = read.of_prefix(str(world.prefix), world.settings.state_dir)
    return [operation["status"] for operation in operations(read.records(files, []))]


@pytest.fixture
def mounted(world: World) -> Iterator[Callable[[str], None]]:
    """The environment on a small file system of its own; remounts it with other options."""

    def mount(*options: str) -> int:
        words = ["mount", "-t", "tmpfs", *options, "tmpfs", str(world.prefix)]
        return subprocess.run(words, capture_output=True, check=False).returncode

    if os.geteuid() != 0 or mount("-o", "size=64k") != 0:
        pytest.skip("only root can mount a small file system")
    (world.prefix / "conda-meta").mkdir()

    def again(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(world.prefix)], check=True)

    yield again
    subprocess.run(["umount", str(world.prefix)], check=True)


def test_read_only_in_the_middle_of_an_operation(
    world: World, mounted: Callable[[str], None]
) -> None:
    journal = world.journal()
    journal.append(intent("a", prefix=str(world.prefix)))
    mounted("ro")
    journal.append(outcome("a"))
    assert journal.problem == ""
    assert statuses(world) == ["done"]
    mounted("rw")
    journal.append(intent("b", prefix=str(world.prefix)))
    assert [r["kind"] for r in chain_of(world.primary)] == ["intent", "outcome", "repair", "intent"]
    assert check(world).status == "repaired"


def test_full_in_the_middle_of_an_operation(world: World, mounted: Callable[[str], None]) -> None:
    journal = world.journal()
    journal.append(intent("a", prefix=str(world.prefix)))
    ballast = world.prefix / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(b"x" * 65_536)
    while not journal.problem:  # what is left of the last block
        journal.append({"op": "filler", "kind": "drift"})
    assert "No space left" in journal.problem
    journal.append(outcome("a"))
    assert statuses(world)[-1] == "done"
    ballast.unlink()
    journal.append(intent("b", prefix=str(world.prefix)))
    assert (journal.problem, check(world).status) == ("", "repaired")
    assert world.primary.read_bytes() == world.mirror.read_bytes()


def test_gone_in_the_middle_of_an_operation(world: World) -> None:
    journal = world.journal()
    journal.append(intent("a", prefix=str(world.prefix)))
    shutil.rmtree(world.prefix)
    journal.append(outcome("a"))
    assert (journal.problem, statuses(world)) == ("", ["done"])
    assert not world.prefix.exists()
    assert check(world).status == "verified"


NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@pytest.fixture(params=NO_LOCKS, ids=errno.errorcode.get)
def without_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, operation: int) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.mark.usefixtures("without_locks")
def test_without_locks_writers_keep_apart_all_the_same(world: World) -> None:
    def work() -> None:
        for _ in range(10):
            world.journal().append({"op": ids.operation(), "kind": "drift"})

    children = [forked(work) for _ in range(6)]
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 6
    assert len(chain_of(world.primary)) == 60
    assert sorted(path.name for path in world.primary.parent.iterdir()) == ["journal.jsonl"]
    begun = time.monotonic()
    assert check(world).records == 60
    files = read.of_prefix(str(world.prefix), world.settings.state_dir)
    assert len(list(read.records(files, []))) == 60
    assert time.monotonic() - begun < 5


@pytest.mark.usefixtures("without_locks")
def test_a_lock_file_that_was_left_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.journal().append({"op": "a", "kind": "drift"})
    left = [path.with_name("journal.lock") for path in (world.primary, world.mirror)]
    for path in left:
        path.touch()
    monkeypatch.setattr(flock, "PATIENCE", 0.1)
    with pytest.raises(JournalError, match="locked by another process"):
        world.journal().append({"op": "b", "kind": "drift"})
    monkeypatch.setattr(flock, "PATIENCE", 2)
    monkeypatch.setattr(lock_file, "STALE", 0.1)
    world.journal().append({"op": "b", "kind": "drift"})
    assert len(chain_of(world.primary)) == 2
    assert not any(path.exists() for path in left)


@pytest.mark.usefixtures("without_locks")
def test_the_operation_lock_costs_nobody_a_command(world: World) -> None:
    place = world.journal().places[0]
    with Lock(place.root, place.directory, 0, lambda: None):
        pass


def test_an_error_that_is_no_missing_lock_is_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(fd: int, operation: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", broken)
    with pytest.raises(JournalError, match="Input/output error"):
        world.journal().append({"op": "a", "kind": "drift"})


def test_a_clock_that_goes_backwards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(2_000_000_000, 1_000_000_000, -100_000))
    monkeypatch.setattr(time, "time_ns", lambda: next(clock) * 1_000_000_000)
    for name in "abc":
        world.journal().append(intent(name, prefix=str(world.prefix)))
        world.journal().append(outcome(name))
    files = read.of_prefix(str(world.prefix), world.settings.state_dir)
    assert [o["op"] for o in operations(read.records(files, []))] == ["c", "b", "a"]
    assert statuses(world) == ["done"] * 3
    assert check(world).status == "verified"


def test_a_journal_knows_no_working_directory(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert Journal.open(str(world.prefix), world.settings).append(outcome("a"))["seq"] == 0
