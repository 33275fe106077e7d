"""The lock file: one holder, whatever the order of events, and whoever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safeinstall.journal import flock, lock_file
from safeinstall.journal.lock_file import LockFile

LOCK = "journal.lock"


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY)
    yield fd
    os.close(fd)


def left_by_a_dead_process(directory: int) -> None:
    child = os.fork()
    if not child:
        os._exit(not LockFile(directory).try_take())
    assert os.waitpid(child, 0)[1] == 0


def taken(lock: LockFile, times: int = 3) -> bool:
    return any(lock.try_take() for _ in range(times))


def before(
    monkeypatch: pytest.MonkeyPatch, function: str, name: str, then: Callable[[], None]
) -> None:
    """Do something just before the first call for the file, as if another process came between."""
    real, done = getattr(os, function), list[bool]()

    def wrapped(path: str, *rest: int, **more: int) -> object:
        if path.startswith(name) and not done:
            done.append(True)
            then()
        return real(path, *rest, **more)

    monkeypatch.setattr(os, function, wrapped)


def test_one_holder(directory: int, tmp_path: Path) -> None:
    first, second = LockFile(directory), LockFile(directory)
    assert first.try_take()
    assert not taken(second)
    second.release()  # nothing of its own
    assert not taken(second)
    first.release()
    assert second.try_take()
    second.release()
    assert not list(tmp_path.iterdir())


def test_left_by_a_killed_process_it_is_stale_at_once(directory: int, tmp_path: Path) -> None:
    left_by_a_dead_process(directory)
    lock, begun = LockFile(directory), time.monotonic()
    assert taken(lock)
    assert time.monotonic() - begun < 1
    lock.release()
    assert not list(tmp_path.iterdir())


def test_a_zombie_holds_nothing(directory: int) -> None:
    child = os.fork()
    if not child:
        os._exit(not LockFile(directory).try_take())
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert taken(LockFile(directory))
    os.waitpid(child, 0)


def test_a_pid_that_is_used_again(directory: int, tmp_path: Path) -> None:
    assert LockFile(directory).try_take()
    token, pid, where, _ = (tmp_path / LOCK).read_text().split()
    (tmp_path / LOCK).write_text(f"{token} {pid} {where} 1:1\n")
    assert taken(LockFile(directory))


@pytest.mark.parametrize("text", ["", "x", "0123456789abcdef 1 elsewhere/1 -\n", "\xff" * 2000])
def test_a_holder_that_cannot_be_looked_at(
    directory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / LOCK).write_text(text)
    lock = LockFile(directory)
    assert not taken(lock)
    monkeypatch.setattr(lock_file, "STALE", 0.05)
    time.sleep(0.06)
    assert taken(lock)
    lock.release()
    assert not list(tmp_path.iterdir())


def test_a_holder_of_which_is_more_to_see_is_waited_for_anew(
    directory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_file, "STALE", 0.05)
    lock = LockFile(directory)
    for number in range(4):  # each time another one
        (tmp_path / LOCK).write_text(f"0123456789abcde{number} 1 elsewhere/1 -\n")
        assert not lock.try_take()
        time.sleep(0.06)


def test_staleness_is_noticed_within_the_patience() -> None:
    assert lock_file.STALE < flock.PATIENCE


def test_another_one_takes_it_between_the_look_and_the_removal(
    directory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by_a_dead_process(directory)
    first, second = LockFile(directory), LockFile(directory)
    got: list[bool] = []
    before(monkeypatch, "unlink", LOCK, lambda: got.append(taken(second)))
    assert taken(first)
    assert got == [False]
    assert not taken(second)


def test_another_one_takes_it_before_the_claim(
    directory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by_a_dead_process(directory)
    first, second = LockFile(directory), LockFile(directory)
    got: list[bool] = []
    before(monkeypatch, "open", f"{LOCK}.", lambda: got.append(taken(second)))
    assert not taken(first)
    assert got == [True]
    second.release()
    assert taken(first)


def test_another_one_has_it_by_the_time_of_the_release(directory: int, tmp_path: Path) -> None:
    first, second = LockFile(directory), LockFile(directory)
    assert first.try_take()
    os.unlink(tmp_path / LOCK)
    assert second.try_take()
    first.release()
    assert not taken(LockFile(directory))


def test_killed_over_the_removal(directory: int, tmp_path: Path) -> None:
    left_by_a_dead_process(directory)
    child = os.fork()
    if not child:
        os.unlink = lambda *_, **__: os._exit(7)
        taken(LockFile(directory))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert len(list(tmp_path.iterdir())) == 2
    lock = LockFile(directory)
    assert taken(lock, 5)
    lock.release()
    assert not list(tmp_path.iterdir())


WORK = """
import os, random, sys, time
from safeinstall.journal import flock, lock_file
directory = os.open(sys.argv[1], os.O_RDONLY)
for _ in range(int(sys.argv[2])):
    lock = lock_file.LockFile(directory)
    flock._wait(lock.try_take)
    me = os.urandom(8)
    with open(sys.argv[3], "wb") as file:
        file.write(me)
    time.sleep(random.random() / 1000)
    if open(sys.argv[3], "rb").read() != me:
        sys.exit("two at once")
    lock.release()
"""


def test_many_processes_some_of_which_are_killed(tmp_path: Path) -> None:
    locks = tmp_path / "locks"
    locks.mkdir()

    def start(count: int) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-c", WORK, str(locks), str(count), str(tmp_path / "inside")]
        return subprocess.Popen(words, stderr=subprocess.PIPE)

    workers = [start(60) for _ in range(5)]
    for number in range(8):
        victim = start(10_000)
        time.sleep(0.15 + number / 500)
        victim.send_signal(signal.SIGKILL)
        assert victim.communicate()[1] == b""
    for worker in workers:
        assert (worker.communicate(timeout=60)[1], worker.returncode) == (b"", 0)
