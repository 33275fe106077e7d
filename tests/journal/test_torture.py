"""Many writers, sudden deaths, failing system calls. SAFEINSTALL_TORTURE=1 for the long version."""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from safeinstall.errors import JournalError
from safeinstall.journal import ids, read, seal
from safeinstall.journal.verify import SOUND, verify
from tests.journal.conftest import TORTURE, World
from tests.journal.test_append import chain_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRITERS, RECORDS = (50, 100) if TORTURE else (50, 3)
KILLS = 1000 if TORTURE else 40


def forked(work: Callable[[], object]) -> int:
    """Do some work in a child process; its pid."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def sound(world: World) -> bool:
    prefix = str(world.prefix)
    report = verify(prefix, read.of_prefix(prefix, world.settings.state_dir))
    return report.status in SOUND


def test_many_writers_make_one_chain(world: World) -> None:
    def work() -> None:
        for number in range(RECORDS):
            said = {"op": ids.operation(), "kind": "drift", "who": os.getpid(), "n": number}
            world.journal().append(said)

    children = [forked(work) for _ in range(WRITERS)]
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * WRITERS
    chain = chain_of(world.primary)
    assert len(chain) == WRITERS * RECORDS
    for child in children:
        assert [r["n"] for r in chain if r["who"] == child] == list(range(RECORDS))
    assert world.mirror.read_bytes() == world.primary.read_bytes()


def killed_after(seconds: float, world: World, **fields: str) -> list[str]:
    """Append in a child that is killed so long after its first record; what it acknowledged."""
    reading, writing = os.pipe()

    def work() -> None:
        while True:
            full = world.journal().append({"op": ids.operation(), "kind": "drift", **fields})
            os.write(writing, full["hash"].encode() + b"\n")

    pid = forked(work)
    os.close(writing)
    with open(reading, encoding="ascii") as answers:
        acknowledged = [answers.readline().strip()]
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        acknowledged += [answer.strip() for answer in answers if answer.endswith("\n")]
    os.waitpid(pid, 0)
    return acknowledged


def test_what_was_acknowledged_survives_sudden_death(world: World) -> None:
    chosen = random.Random(7)
    acknowledged: list[str] = []
    for _ in range(KILLS):
        acknowledged += killed_after(chosen.random() * 0.004, world)
    world.journal().append({"op": ids.operation(), "kind": "drift"})
    kept = {record["hash"] for record in chain_of(world.primary)}
    assert len(acknowledged) >= KILLS
    assert set(acknowledged) <= kept
    assert world.mirror.read_bytes() == world.primary.read_bytes()
    assert sound(world)


VICTIM = """
import os, sys
from safeinstall import settings
from safeinstall.errors import JournalError
from safeinstall.journal import Journal, permissions, rotation  # or the fault hits their import
prefix, home = sys.argv[1:]
journal = Journal.open(prefix, settings.read({"HOME": home}))
os.getpgid(0)  # marks the beginning in the trace
try:
    full = journal.append({"op": "traced", "kind": "drift"})
except JournalError:
    os._exit(74)
os.getsid(0)  # and the end
try:
    os.write(1, full["hash"].encode())
finally:
    os._exit(0)
"""

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None
    or subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode != 0,
    reason="strace is not there, or may not trace",
)


class Traced:
    """An append in a process of its own, under strace."""

    def __init__(self, path: Path, *, records: int) -> None:
        self.path = path
        self.records = records
        self.count = 0

    def run(self, *options: str) -> tuple[World, subprocess.CompletedProcess[bytes]]:
        self.count += 1
        directory = self.path / f"{self.count:04d}"
        directory.mkdir()
        world = World(directory)
        for number in range(self.records):
            world.journal().append({"op": str(number), "kind": "drift"})
        if self.records > 1:  # a torn tail and a mirror that is behind: every branch of mending
            lines = world.lines()
            world.primary.write_bytes(b"".join(lines)[:-7])
            world.mirror.write_bytes(b"".join(lines[:-1]))
        words = [sys.executable, "-I", "-c", VICTIM, str(world.prefix), str(world.home)]
        environ = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"}
        run = subprocess.run(
            ["strace", *options, *words], capture_output=True, env=environ, timeout=60, check=False
        )
        return world, run

    def calls(self) -> list[tuple[str, int]]:
        """The system calls of the append, each with its number among those of its name."""
        trace = self.path / "trace"
        self.run("-o", str(trace))
        counts: dict[str, int] = {}
        found: list[tuple[str, int]] = []
        begun = False
        for call in re.findall(r"^(\w+)\(", trace.read_text(), re.MULTILINE):
            counts[call] = counts.get(call, 0) + 1
            if call in ("getpgid", "getsid"):
                begun = call == "getpgid"
            elif begun and call not in ("brk", "mmap", "munmap", "getrandom"):
                found.append((call, counts[call]))
        return found


FAULTS = {
    "killed": "signal=KILL:when={}",
    "EIO": "error=EIO:when={}",
    "ENOSPC": "error=ENOSPC:when={}",
    "EIO from then on": "error=EIO:when={}+",
}


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize("records", [0, 1, 4])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_every_system_call(tmp_path: Path, fault: str, records: int) -> None:
    traced = Traced(tmp_path, records=records)
    calls = traced.calls()
    assert len(calls) > 10
    for call, number in calls if TORTURE else random.Random(records).sample(calls, 6):
        injected = f"inject={call}:{FAULTS[fault].format(number)}"
        world, run = traced.run("-o", os.devnull, "-e", injected)
        said = (injected, run.stderr)
        expected = (-signal.SIGKILL, 0) if fault == "killed" else (0, 74)
        assert run.returncode in expected, said
        files = read.of_prefix(str(world.prefix), world.settings.state_dir)
        kept = list(read.records(files, []))
        if run.returncode == 0 and run.stdout:
            assert run.stdout.decode() in [record["hash"] for record in kept], said
        elif run.returncode == 74:
            assert "traced" not in [record["op"] for record in kept], said
        earlier = {str(n) for n in range(records - (records > 1))}
        assert earlier <= {record["op"] for record in kept}, said
        world.journal().append({"op": "later", "kind": "drift"})
        assert sound(world), said
        assert chain_of(world.primary)[-1]["op"] == "later"
        assert earlier <= {record["op"] for record in chain_of(world.primary)}, said
        assert world.mirror.read_bytes() == world.primary.read_bytes()


def test_a_full_file_system(world: World, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small file system")
    try:
        world.prefix = small / "env"
        world.prefix.mkdir()
        world.settings = world.settings.replace(state_dir=str(small / "state"))
        acknowledged: list[str] = []

        def fill() -> None:
            while True:
                full = world.journal().append({"op": "x", "kind": "drift", "text": "x" * 1000})
                acknowledged.append(full["hash"])

        with pytest.raises(JournalError, match=os.strerror(errno.ENOSPC) + ".*free some space"):
            fill()
        files = read.of_prefix(str(world.prefix), world.settings.state_dir)
        kept = {record["hash"] for record in read.records(files, [])}
        assert kept == set(acknowledged)
        assert sound(world)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_line_that_another_program_wrote_half(world: World) -> None:
    """A writer that ignores the lock, as on a file system without locks."""
    world.journal().append({"op": "a", "kind": "drift"})
    sealed, _ = seal.seal({"op": "b", "kind": "drift", "chain": "x", "seq": 1, "prev": ""})
    with open(world.primary, "ab") as file:
        file.write(sealed[:40])
        file.flush()
        world.journal().append({"op": "c", "kind": "drift"})
        file.write(sealed[40:])
    world.journal().append({"op": "d", "kind": "drift"})
    assert [r["op"] for r in chain_of(world.primary) if r["kind"] != "repair"] == ["a", "c", "d"]
