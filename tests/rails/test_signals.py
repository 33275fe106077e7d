"""Every signal, to the process, to its group and from its terminal: with the guard as without it.

What the tool saw is counted by handlers in it; bare, the tool stands in the guard's place.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.journal.conftest import TORTURE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

DRIVER = """
import os, sys
from safeinstall.rails import process
process.end_like(process.run(sys.argv[1], sys.argv[1:], os.environ))
"""

COUNTER = """
import os, signal, sys, time
seen = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
def note(number, frame):
    os.write(seen, b"%d " % number)
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, note)
print("ready", flush=True)
try:
    sys.stdin.read()
except OSError:  # the terminal is gone
    pass
for _ in range(20):
    time.sleep(0.01)
os._exit(5)
"""

DISPOSITIONS = "awk '/^Sig(Blk|Ign|Cgt)/' /proc/self/status"

NAMES = "HUP INT QUIT TERM USR1 USR2 ALRM PIPE CONT TSTP TTIN TTOU WINCH ABRT URG IO VTALRM XCPU"
NUMBERS = [*(getattr(signal, f"SIG{name}") for name in NAMES.split()), signal.SIGRTMIN]
TARGETS: dict[str, Callable[[int, int], None]] = {"process": os.kill, "group": os.killpg}

Outcome = tuple[int, list[int]]


@pytest.fixture
def driver(tmp_path: Path) -> list[str]:
    path = tmp_path / "driver.py"
    path.write_text(DRIVER)
    return [sys.executable, str(path)]


@pytest.fixture
def counter(tmp_path: Path) -> list[str]:
    path = tmp_path / "counter.py"
    path.write_text(COUNTER)
    return [sys.executable, str(path)]


class Seen:
    """The file in which a tool writes down what it has seen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def numbers(self) -> list[int]:
        return [int(word) for word in self.path.read_text().split()]

    def wait_for(self, count: int, group: Sequence[int] = ()) -> None:
        """Until the tool has seen so many, and these processes wait for more: equal signals are
        merged as long as they do not.
        """
        deadline = time.monotonic() + 20
        while len(self.numbers()) < count or any(map(is_busy, group)):
            assert time.monotonic() < deadline, (count, self.numbers())
            time.sleep(0.002)


def is_busy(pid: int) -> bool:
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":\t", 1) for line in file)
    return int(fields["ShdPnd"], 16) != 0 or not fields["State"].startswith("S")


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Seen]:
    """New ones, as many as are asked for."""
    return (Seen(tmp_path / f"seen-{n}") for n in itertools.count())


def started(words: Sequence[str], **more: object) -> subprocess.Popen[bytes]:
    """A process in a group of its own that has said that it is ready."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(  # type: ignore[call-overload]
        words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, process_group=0, **more
    )
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.05)
    return process  # type: ignore[no-any-return]


def counted(words: Sequence[str], seen: Seen, plan: Sequence[tuple[str, int]]) -> Outcome:
    """How the tool ended, and what it saw of these signals."""
    with started([*words, str(seen.path)]) as process:
        group = [*children(process.pid), process.pid]  # the guard last: it asks the witness
        for count, (target, number) in enumerate(plan, 1):
            TARGETS[target](process.pid, number)
            seen.wait_for(count, group)
        process.communicate()
    return process.returncode, seen.numbers()


def all_of(work: Callable[..., object], *arguments: Iterable[object]) -> list[object]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, *arguments))


@pytest.mark.parametrize("target", TARGETS)
def test_it_arrives_once(
    driver: list[str], counter: list[str], files: Iterator[Seen], target: str
) -> None:
    plans = [[(target, number)] * 3 for number in NUMBERS]
    bare = all_of(counted, [counter] * len(plans), files, plans)
    assert bare == [(5, [number] * 3) for number in NUMBERS]
    assert all_of(counted, [[*driver, *counter]] * len(plans), files, plans) == bare


def test_processes_and_groups_in_any_order(
    driver: list[str], counter: list[str], files: Iterator[Seen]
) -> None:
    chosen = random.Random(8)
    plans = [
        [(chosen.choice([*TARGETS]), chosen.choice(NUMBERS)) for _ in range(60)]
        for _ in range(60 if TORTURE else 4)
    ]
    expected = [(5, [number for _, number in plan]) for plan in plans]
    assert all_of(counted, [[*driver, *counter]] * len(plans), files, plans) == expected


def test_a_burst_never_becomes_more(
    driver: list[str], counter: list[str], files: Iterator[Seen]
) -> None:
    """``timeout`` sends its signal to the process and then at once to the group."""
    seen = next(files)
    with started([*driver, *counter, str(seen.path)]) as process:
        for _ in range(200):
            os.kill(process.pid, signal.SIGTERM)
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate()
    assert {*seen.numbers()} == {signal.SIGTERM}
    assert len(seen.numbers()) <= 400


def ended(words: Sequence[str], target: str, number: int) -> tuple[int, str]:
    with started(words) as process:
        TARGETS[target](process.pid, number)
        try:
            output, _ = process.communicate(timeout=1 if number in IGNORED else 20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
    return process.returncode, output.decode()


IGNORED = (signal.SIGCONT, signal.SIGWINCH, signal.SIGURG)
STOPPING = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


@pytest.mark.parametrize("target", TARGETS)
def test_a_tool_with_no_handlers_ends_as_bare(driver: list[str], target: str) -> None:
    tool = ["/bin/sh", "-c", "ulimit -c 0; echo ready; exec sleep 60"]
    numbers = [number for number in NUMBERS if number not in STOPPING]
    given = [target] * len(numbers), numbers
    bare = all_of(ended, [tool] * len(numbers), *given)
    assert all_of(ended, [[*driver, *tool]] * len(numbers), *given) == bare


def stopped_and_continued(words: Sequence[str], stop: str, number: int, go_on: str) -> list[int]:
    """What the parent is told of the two, and of the end."""
    with started(words) as process:
        TARGETS[stop](process.pid, number)
        told = [os.waitpid(process.pid, os.WUNTRACED)[1]]
        time.sleep(0.02)
        TARGETS[go_on](process.pid, signal.SIGCONT)
        told.append(os.waitpid(process.pid, os.WCONTINUED)[1])
        assert process.stdin
        process.stdin.close()
        told.append(os.waitpid(process.pid, 0)[1])
        process.returncode = 0  # waited for already
    return told


def test_stopping_and_going_on(driver: list[str], files: Iterator[Seen]) -> None:
    """As a job runner does it; no shell and no terminal takes part."""
    tool = ["/bin/sh", "-c", "echo ready; read line; exit 9"]
    ways = [
        (stop, number, go_on)
        for stop, go_on in itertools.product(TARGETS, TARGETS)
        for number in (*STOPPING, signal.SIGSTOP)
        if (stop, number) != ("process", signal.SIGSTOP)  # nobody can pass that on
    ]
    arguments = [*zip(*ways, strict=True)]
    bare = all_of(stopped_and_continued, [tool] * len(ways), *arguments)
    assert all_of(stopped_and_continued, [[*driver, *tool]] * len(ways), *arguments) == bare


def status_within(pid: int, seconds: float) -> int | None:
    """What the parent is told next of a child that stops or ends."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        told, status = os.waitpid(pid, os.WUNTRACED | os.WNOHANG)
        if told:
            return status
        time.sleep(0.001)
    return None


def test_stopped_again_at_once(driver: list[str]) -> None:
    """SIGTSTP takes back a SIGCONT that is still on its way: nobody passes that on."""
    tool = ["/bin/sh", "-c", "echo ready; read line; exit 9"]
    with started([*driver, *tool]) as process:
        for _ in range(300 if TORTURE else 30):
            os.killpg(process.pid, signal.SIGTSTP)
            stopped = status_within(process.pid, 20)
            assert stopped is not None
            assert os.WIFSTOPPED(stopped)
            os.killpg(process.pid, signal.SIGCONT)
        assert process.stdin
        process.stdin.close()
        assert status_within(process.pid, 20) == 9 << 8
        process.returncode = 0  # waited for already


def test_a_continued_tool_is_told_once(
    driver: list[str], counter: list[str], files: Iterator[Seen]
) -> None:
    """Stopped by SIGSTOP with its group, then continued alone: the witness is still stopped."""

    def told(words: Sequence[str], go_on: str) -> list[int]:
        seen = next(files)
        with started([*words, str(seen.path)]) as process:
            for count in range(1, 3):
                os.killpg(process.pid, signal.SIGSTOP)
                os.waitpid(process.pid, os.WUNTRACED)
                time.sleep(0.02)
                TARGETS[go_on](process.pid, signal.SIGCONT)
                seen.wait_for(count)
            os.killpg(process.pid, signal.SIGCONT)
            seen.wait_for(3)
            process.communicate()
        return seen.numbers()

    for go_on in TARGETS:
        assert told(counter, go_on) == [signal.SIGCONT] * 3
        assert told([*driver, *counter], go_on) == [signal.SIGCONT] * 3


def test_a_witness_that_was_killed_or_stopped(
    driver: list[str], counter: list[str], files: Iterator[Seen]
) -> None:
    for number in (signal.SIGKILL, signal.SIGSTOP):
        seen = next(files)
        with started([*driver, *counter, str(seen.path)]) as process:
            os.kill(max(children(process.pid)), number)
            for count in range(1, 3):
                os.kill(process.pid, signal.SIGTERM)
                seen.wait_for(count)
            process.communicate()
        assert process.returncode == 5
        assert seen.numbers() == [signal.SIGTERM] * 2


def test_nothing_stays_when_the_guard_is_killed(driver: list[str], tmp_path: Path) -> None:
    """The witness ends, and it holds no stream of the user's open."""
    tool = ["/bin/sh", "-c", "echo ready; read line"]
    with started([*driver, *tool]) as process:
        tool_pid, witness = sorted(children(process.pid))
        held = os.listdir(f"/proc/{witness}/fd")
        assert len(held) == 2
        process.kill()
        process.wait()
        for _ in range(100):
            if not os.path.exists(f"/proc/{witness}"):
                break
            time.sleep(0.01)
        assert not os.path.exists(f"/proc/{witness}") or b") Z" in stat_of(witness)
        assert os.path.exists(f"/proc/{tool_pid}")


def stat_of(pid: int) -> bytes:
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read()


# ---- what the tool inherits ---------------------------------------------------------------------


@pytest.mark.parametrize("ignored", ["", "INT", "CHLD", "PIPE XFSZ", "HUP TERM CHLD PIPE", "QUIT"])
def test_what_is_ignored_stays_ignored(driver: list[str], ignored: str) -> None:
    trap = f"trap '' {ignored};" if ignored else ""
    bare, guarded = (
        subprocess.run(
            ["bash", "-c", f"{trap} {' '.join(words)} /bin/bash -c {DISPOSITIONS!r}; exit"],
            capture_output=True,
            check=True,
        ).stdout
        for words in ([], driver)
    )
    # glibc's posix_spawn leaves its two internal signals, 32 and 33, ignored
    assert without_internal(guarded) == without_internal(bare)


def without_internal(lines: bytes) -> list[int]:
    return [int(line.split()[1], 16) & ~(0b11 << 31) for line in lines.splitlines()]


def test_the_mask_is_inherited(driver: list[str]) -> None:
    def blocked() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR1, signal.SIGTERM])

    bare, guarded = (
        subprocess.run(
            [*words, "/bin/bash", "-c", DISPOSITIONS],
            preexec_fn=blocked,
            capture_output=True,
            check=True,
        ).stdout
        for words in ([], [*driver[:2]])
    )
    assert without_internal(guarded) == without_internal(bare)


def test_where_children_are_ignored_the_status_is_known(driver: list[str]) -> None:
    for code, status in (("exit 7", 7), ("kill -TERM $$", 143)):
        words = " ".join([*driver, "/bin/sh", "-c", f"'{code}'"])
        ran = subprocess.run(["bash", "-c", f"trap '' CHLD; {words}; exit $?"], check=False)
        assert ran.returncode == status
    words = " ".join([*driver, "/nowhere/pip"])
    ran = subprocess.run(
        ["bash", "-c", f"trap '' CHLD; {words}; exit $?"], stderr=subprocess.PIPE, check=False
    )
    assert b"ToolNotFound: /nowhere/pip: No such file or directory" in ran.stderr


# ---- terminals ----------------------------------------------------------------------------------


def at_terminal(words: Sequence[str], seen: Seen, what: str) -> tuple[int | None, list[int]]:
    """The tool with a terminal of its own, while something happens there three times."""
    child = pexpect.spawn(words[0], [*words[1:], str(seen.path)], echo=False, timeout=20)
    child.expect("ready\r\n")
    time.sleep(0.1)
    if what == "hangup":
        os.close(child.fileno())
        child.closed, child.child_fd = True, -1  # it was we who closed it
        seen.wait_for(2)
        return os.waitpid(int(child.pid or 0), 0)[1], sorted(seen.numbers())
    for count in range(1, 4):
        child.setwinsize(20 + count, 90) if what == "resize" else child.sendcontrol(what)
        seen.wait_for(count)
    child.sendeof()
    child.wait()
    return child.status, seen.numbers()


@pytest.mark.parametrize("what", ["c", "\\", "z", "resize", "hangup"])
def test_a_terminal(
    driver: list[str], counter: list[str], files: Iterator[Seen], what: str
) -> None:
    bare = at_terminal(counter, next(files), what)
    assert len(bare[1]) == (2 if what == "hangup" else 3)
    assert at_terminal([*driver, *counter], next(files), what) == bare


def in_a_shell(words: Sequence[str], seen: Seen, what: str) -> tuple[object, list[int]]:
    """The same as the job of an interactive shell, which adds to a hangup what it likes."""
    child = pexpect.spawn("/bin/bash", ["--norc", "--noprofile", "-i"], echo=False, timeout=20)
    child.sendline("PS1='$ '")
    child.expect_exact("$ ")
    child.sendline(f"{' '.join(words)} {seen.path}; echo rc=$?")
    child.expect("ready\r\n")
    time.sleep(0.1)
    if what == "hangup":
        child.close()
        seen.wait_for(2)
        time.sleep(0.2)
        return b"", sorted({*seen.numbers()})
    for count in range(1, 3):
        child.sendcontrol(what)
        seen.wait_for(count)
    child.sendeof()
    child.expect(rb"rc=\d+")
    child.close(force=True)
    return child.after, seen.numbers()


@pytest.mark.parametrize("what", ["c", "\\", "z", "hangup"])
def test_a_job_of_a_shell(
    driver: list[str], counter: list[str], files: Iterator[Seen], what: str
) -> None:
    bare = in_a_shell(counter, next(files), what)
    assert bare[1]
    assert in_a_shell([*driver, *counter], next(files), what) == bare
