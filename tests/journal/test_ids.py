"""Identifiers, instants, processes, the actor."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import time
import uuid

import psutil
import pytest

from safeinstall import clock
from safeinstall.journal import actor, ids, process


def test_an_operation_is_a_uuid_version_7_of_this_instant() -> None:
    before = time.time_ns() // 1_000_000
    name = uuid.UUID(ids.operation())
    assert (name.version, name.variant) == (7, uuid.RFC_4122)
    assert before <= name.int >> 80 <= time.time_ns() // 1_000_000


def test_operations_are_distinct_and_sorted_by_time() -> None:
    assert len({ids.operation() for _ in range(1000)}) == 1000
    pair = [ids.operation()]
    time.sleep(0.002)
    pair.append(ids.operation())
    assert pair == sorted(pair)


def test_now_is_rfc_3339_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_007_999_999)
    assert clock.now() == "2023-11-14T22:13:20.007Z"
    assert datetime.datetime.fromisoformat(clock.now()).timestamp() == 1_700_000_000.007


def test_a_process_is_told_from_its_successor() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started, parents = process.describe(child.pid)
    assert started
    assert parents[0] == psutil.Process().name()
    assert process.alive(child.pid, started)
    assert not process.alive(child.pid, "0:1")
    child.communicate(b"\n")
    assert not process.alive(child.pid, started)


def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started, _ = process.describe(child.pid)
    assert child.stdin
    child.stdin.close()
    deadline = time.monotonic() + 10
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not process.alive(child.pid, started)
    child.wait()


def test_ps_says_what_proc_says(monkeypatch: pytest.MonkeyPatch) -> None:
    _, expected = process.describe(os.getpid())
    monkeypatch.setattr(process, "_lookup", lambda: process._from_ps().get)
    started, parents = process.describe(os.getpid())
    assert [name[:15] for name in parents] == [os.path.basename(name) for name in expected]
    assert started.split()[-1] == str(datetime.datetime.now(datetime.UTC).year)
    for zone in ("Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        assert process.alive(os.getpid(), started)


def test_without_ps_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_lookup", lambda: process._from_ps().get)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert process.describe(os.getpid()) == ("", [])


def test_the_actor_is_this_process() -> None:
    found = actor.current({})
    assert found["pid"] == os.getpid()
    assert found["uid"] == os.getuid()
    assert found["user"] == psutil.Process().username()
    assert found["host"] == os.uname().nodename
    assert process.alive(found["pid"], found["started"])
    assert (found["agent"], found["ci"]) == (None, None)


@pytest.mark.parametrize(("variable", "name"), actor.CI)
def test_ci_is_known(variable: str, name: str) -> None:
    assert actor.current({"CI": "true", variable: "true"})["ci"] == name
    assert actor.current({variable: "false"})["ci"] is None


def test_the_agent_of_the_record() -> None:
    assert actor.current({"CLAUDECODE": "1"})["agent"] == "claude-code"
    assert actor.machine({"CLAUDECODE": "1", "CI": "true"}) == "claude-code"


def test_a_uid_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    assert actor.current({})["user"] == "987654321"
