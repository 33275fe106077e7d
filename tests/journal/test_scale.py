"""What a long journal costs: as much as a short one, but for what reads all of it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall import clock
from safeinstall.cli import history
from safeinstall.journal import read, seal, store
from safeinstall.journal.operations import operations
from safeinstall.journal.verify import verify
from tests.journal.conftest import TORTURE, World, intent, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = 200_000 if TORTURE else 6_000


def written(world: World, count: int) -> None:
    """A journal of ``count`` records, written without waiting for the disk, in several files."""
    journal = world.journal()
    previous: dict[str, Any] = {"chain": "c" * 32, "seq": -1, "hash": ""}
    places = [place.directory for place in journal.places]
    for directory in places:
        os.makedirs(directory, exist_ok=True)
    block: list[bytes] = []
    closed = size = 0
    for number in range(count):
        op = f"{number // 2:036d}"
        made = intent(op, prefix=str(world.prefix)) if number % 2 == 0 else outcome(op)
        link = {"schema": 1, "chain": previous["chain"], "seq": number, "prev": previous["hash"]}
        sealed, value = seal.seal({**made, **link, "time": clock.instant(number * 1_000_000_000)})
        previous = {**link, "hash": value}
        block.append(sealed)
        size += len(sealed)
        if size >= store.LIMIT and number + 1 < count:
            closed, size = closed + 1, 0
            flush(places, f"journal-{closed:06d}.jsonl", block)
    flush(places, "journal.jsonl", block)


def flush(directories: list[str], name: str, block: list[bytes]) -> None:
    for directory in directories:
        with open(os.path.join(directory, name), "wb") as file:
            file.writelines(block)
    block.clear()


class Counted:
    """How much is read from journals, and by how many calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bytes = self.calls = self.opened = 0
        pread, opening = os.pread, os.open

        def counting(fd: int, length: int, offset: int) -> bytes:
            data = pread(fd, length, offset)
            self.bytes += len(data)
            self.calls += 1
            return data

        def opened(*args: Any, **kwargs: Any) -> int:
            self.opened += 1
            return opening(*args, **kwargs)

        monkeypatch.setattr(os, "pread", counting)
        monkeypatch.setattr(os, "open", opened)

    def of(self, work: Callable[[], object]) -> tuple[int, int, int]:
        self.bytes = self.calls = self.opened = 0
        work()
        return self.bytes, self.calls, self.opened


@pytest.fixture(autouse=True)
def several_files(monkeypatch: pytest.MonkeyPatch) -> None:
    if not TORTURE:
        monkeypatch.setattr(store, "LIMIT", 1_000_000)


def costs(world: World, counted: Counted) -> dict[str, tuple[int, int, int]]:
    prefix, state = str(world.prefix), world.settings.state_dir

    def listed() -> None:
        out = io.StringIO()
        history.history_list([prefix], world.settings, {}, out, limit=50, form="json")
        assert out.getvalue().count('"op"') >= 50

    def folded() -> None:
        found = operations(read.records(read.of_prefix(prefix, state), []))
        assert len(list(islice(found, 50))) == 50

    return {
        "append": counted.of(lambda: world.journal().append(outcome("x"))),
        "last": counted.of(world.journal().last),
        "list": counted.of(listed),
        "fold": counted.of(folded),
    }


def test_what_is_read_does_not_depend_on_the_size(
    world: World, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = World(tmp_path_factory.mktemp("large"))
    written(world, 200)
    written(large, LARGE)
    assert len(os.listdir(large.primary.parent)) > 2
    counted = Counted(monkeypatch)
    small_costs, large_costs = costs(world, counted), costs(large, counted)
    for what, (size, calls, opened) in large_costs.items():
        # as many calls; the bytes differ by the lengths of numbers, and by where a block begins
        assert calls <= small_costs[what][1] + 2, what
        assert opened <= small_costs[what][2], what
        assert size <= small_costs[what][0] * 1.5 + 20_000, what
    assert large_costs["append"][0] < 40_000
    assert large_costs["list"][0] < 600_000


MEMORY = """
import resource, sys
from safeinstall.journal import read
from safeinstall.journal.verify import verify
prefix, state, expected = sys.argv[1:]
verify(prefix, ())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = verify(prefix, read.of_prefix(prefix, state))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert (report.status, report.records) == ("verified", int(expected)), report
print(after - before)
"""


def test_verify_needs_no_more_memory_for_more_records(world: World) -> None:
    written(world, LARGE)
    words = [sys.executable, "-c", MEMORY, str(world.prefix), world.settings.state_dir, str(LARGE)]
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 1 << 22


def test_verify_knows_all_of_it(world: World) -> None:
    written(world, 3000)
    report = verify(str(world.prefix), read.of_prefix(str(world.prefix), world.settings.state_dir))
    assert (report.status, report.records, report.anchored) == ("verified", 3000, True)
    assert report.since == "1970-01-01T00:00:00.000Z"
