"""A journal in several files is one journal."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.errors import JournalError
from safeinstall.journal import Journal, flock, ids, places, read, rotation, seal, store
from safeinstall.journal.verify import Report, verify
from tests.journal.conftest import TORTURE, World
from tests.journal.test_torture import forked, killed_after

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Entry = Callable[..., dict[str, Any]]

LIMIT = 2000


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LIMIT", LIMIT)


def sequence(path: Path) -> list[Path]:
    """The files of a journal, oldest first."""
    return [*sorted(path.parent.glob("journal-0*.jsonl")), path]


def lines(path: Path) -> list[bytes]:
    return b"".join(file.read_bytes() for file in sequence(path)).splitlines(keepends=True)


def filled(world: World, count: int = 60, **fields: Any) -> list[dict[str, Any]]:
    entries = [{"op": ids.operation(), "kind": "drift", "n": n, **fields} for n in range(count)]
    return [world.journal().append(entry) for entry in entries]


def files(world: World) -> tuple[str, ...]:
    return read.of_prefix(str(world.prefix), world.settings.state_dir)


def check(world: World) -> Report:
    return verify(str(world.prefix), files(world))


def test_files_are_closed_and_linked_by_the_chain(world: World) -> None:
    full = filled(world)
    for path in (world.primary, world.mirror):
        found = sequence(path)
        assert len(found) > 5
        assert [file.name for file in found[:2]] == ["journal-000001.jsonl", "journal-000002.jsonl"]
        for file in found[:-1]:
            assert LIMIT <= file.stat().st_size < LIMIT + 500
            assert file.stat().st_nlink == 1
            assert file.stat().st_mode == path.stat().st_mode
        records = [seal.read(data) for data in lines(path)]
        assert records == full
        assert [record["seq"] for record in full] == list(range(60))
        firsts = [seal.read(file.read_bytes().splitlines(keepends=True)[0]) for file in found]
        assert all(record and record["prev"] for record in firsts[1:])
    assert sorted(path.name for path in world.primary.parent.iterdir()) == sorted(
        file.name for file in sequence(world.primary)
    )


def test_reading_goes_on_in_the_closed_files(world: World) -> None:
    filled(world)
    assert [record["n"] for record in read.records(files(world), [])] == list(range(60))[::-1]
    assert [record["n"] for record in world.journal().backwards()] == list(range(60))[::-1]
    report = check(world)
    assert (report.status, report.records, report.anchored) == ("verified", 60, True)


def test_the_last_record_may_be_in_a_closed_file(world: World) -> None:
    full = filled(world)
    for path in (world.primary, world.mirror):
        path.unlink()
    assert world.journal().last() is None  # no file to begin with …
    assert (
        world.journal().append({"op": "x", "kind": "drift"})["seq"]
        == len(lines(sequence(world.primary)[0].with_name("journal.jsonl"))) - 1
    )
    kept = [record for record in map(seal.read, lines(world.primary)) if record]
    assert kept[-1]["prev"] == kept[-2]["hash"]
    assert kept[:-1] == full[: len(kept) - 1]


@pytest.mark.parametrize("copy", ["primary", "mirror"])
@pytest.mark.parametrize("count", [0, 15, 40])
def test_a_file_that_is_closed_while_verify_reads_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch, copy: str, count: int
) -> None:
    filled(world, 20)
    path = world.primary if copy == "primary" else world.mirror
    real = places.closed
    asked: list[str] = []

    def closed(directory: str) -> list[str]:
        found = real(directory)
        if directory == str(path.parent) and not asked:
            asked.append(directory)
            filled(world, count)
            found = found if count < 40 else real(directory)  # just before, or just after
        return found

    given = files(world)
    before = len(sequence(path))
    monkeypatch.setattr(places, "closed", closed)
    assert verify(str(world.prefix), given).status == "verified"
    assert len(sequence(path)) > before or not count
    assert check(world).status == "verified"


def test_an_altered_record_in_a_closed_file_is_found_with_its_place(world: World) -> None:
    filled(world)
    second = sequence(world.primary)[1]
    data = second.read_bytes().splitlines(keepends=True)
    data[3] = data[3].replace(b'"kind":"drift"', b'"kind":"DRIFT"')
    second.write_bytes(b"".join(data))
    (problem,) = check(world).problems
    first = len(sequence(world.primary)[0].read_bytes().splitlines())
    assert (problem.status, problem.file, problem.line) == ("altered", str(second), 4)
    assert problem.record == first + 3
    damages: list[read.Damage] = []
    assert len(list(read.records([str(world.primary)], damages))) == 59
    assert [str(item) for item in damages] == [f"{second}:4: not a whole record, passed over"]


@pytest.mark.parametrize("number", [0, 2, -2])
def test_a_closed_file_that_is_gone_is_found(world: World, number: int) -> None:
    filled(world)
    sequence(world.primary)[number].unlink()
    assert check(world).status == "altered"


def test_a_mirror_behind_by_several_files_catches_up(world: World) -> None:
    filled(world)
    kept = sequence(world.mirror)
    for file in kept[2:-1]:
        file.unlink()
    kept[1].rename(world.mirror)
    filled(world, 1)
    assert lines(world.mirror) == lines(world.primary)
    assert check(world).status == "verified"


def test_a_lost_mirror_and_a_lost_primary_are_made_again(world: World) -> None:
    filled(world)
    for path in (world.mirror, world.primary):
        for file in sequence(path):
            file.unlink()
        filled(world, 1)
        assert lines(world.mirror) == lines(world.primary)
    assert (check(world).status, check(world).records) == ("verified", 62)


def test_a_primary_cut_off_by_several_files_gets_them_back(world: World) -> None:
    filled(world)
    kept = sequence(world.primary)
    for file in kept[3:]:
        file.unlink()
    kept[2].rename(world.primary)
    assert check(world).status == "truncated"
    filled(world, 1)
    assert check(world).status == "repaired"
    assert [r["n"] for r in read.records(files(world), []) if "n" in r][::-1] == [*range(60), 0]


def test_chains_that_parted_keep_all_their_files(world: World) -> None:
    filled(world)
    saved = world.mirror.parent.with_name("saved")
    world.mirror.parent.rename(saved)
    for file in sequence(world.primary):
        file.unlink()
    filled(world, 30, other=True)
    for file in world.mirror.parent.iterdir():
        file.unlink()
    world.mirror.parent.rmdir()
    saved.rename(world.mirror.parent)
    filled(world, 1, other=True)
    assert lines(world.mirror) == lines(world.primary)
    (aside,) = world.mirror.parent.glob("diverged-*")
    assert len(lines(aside / "journal.jsonl")) == 60
    assert len(list(read.records(files(world), []))) == 60 + 30 + 1 + 1
    assert check(world).status == "repaired"


def test_a_torn_record_at_the_beginning_of_a_file(world: World) -> None:
    filled(world)
    for path in (world.primary, world.mirror):
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0][:-9])
    assert world.journal().last() == seal.read(
        sequence(world.primary)[-2].read_bytes().splitlines(keepends=True)[-1]
    )
    filled(world, 1)
    assert check(world).status == "repaired"
    assert lines(world.primary) == lines(world.mirror)


def test_without_hard_links_the_file_grows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    filled(world)
    assert sequence(world.primary) == [world.primary]
    assert sorted(path.name for path in world.primary.parent.iterdir()) == ["journal.jsonl"]
    assert check(world).records == 60


@pytest.mark.parametrize("call", ["link", "rename", "fsync"])
def test_a_failing_rotation_costs_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    filled(world, 5)
    real = getattr(os, call)
    broken = True

    def failing(*args: Any, **kwargs: Any) -> Any:
        if broken:
            raise OSError(5, "Input/output error")
        return real(*args, **kwargs)

    monkeypatch.setattr(os, call, failing)
    filled(world, 15)
    assert [path.name for path in world.primary.parent.iterdir()] == ["journal.jsonl"]
    broken = False
    filled(world, 1)
    assert len(sequence(world.primary)) == 2
    assert (check(world).status, check(world).records) == ("verified", 21)


@pytest.mark.parametrize("left", ["linked", "prepared"])
def test_killed_in_the_middle(world: World, left: str) -> None:
    filled(world, 20)
    if left == "linked":
        os.link(world.primary, world.primary.with_name("journal-000009.jsonl"))
    else:
        world.primary.with_name("journal.jsonl.next").write_bytes(b"half a li")
    filled(world, 20)
    assert (check(world).status, check(world).records) == ("verified", 40)
    assert lines(world.primary) == lines(world.mirror)
    assert {file.stat().st_nlink for file in sequence(world.primary)} == {1}


def test_many_writers(world: World) -> None:
    def work() -> None:
        for number in range(20):
            said = {"op": ids.operation(), "kind": "drift", "who": os.getpid(), "n": number}
            world.journal().append(said)

    children = [forked(work) for _ in range(8)]
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 8
    report = check(world)
    assert (report.status, report.records) == ("verified", 160)
    kept = [record for record in map(seal.read, lines(world.primary)) if record]
    for child in children:
        assert [r["n"] for r in kept if r["who"] == child] == list(range(20))


def test_sudden_deaths(world: World) -> None:
    chosen = random.Random(11)
    acknowledged: set[str] = set()
    for _ in range(300 if TORTURE else 15):
        acknowledged |= set(killed_after(chosen.random() * 0.008, world, text="x" * 900))
    filled(world, 1)
    kept = [record for record in map(seal.read, lines(world.primary)) if record]
    assert acknowledged <= {record["hash"] for record in kept}
    assert len({record["hash"] for record in kept}) == len(kept)
    assert check(world).status in ("verified", "repaired")
    assert lines(world.primary) == lines(world.mirror)


def test_names_of_other_files_are_no_closed_files(world: World) -> None:
    filled(world, 1)
    for name in (
        "journal-1.jsonl",
        "journal-x00001.jsonl",
        "journal-000000.jsonl",
        "journal-²²²²²².jsonl",
    ):
        world.primary.with_name(name).write_bytes(b"x")
    assert places.closed(str(world.primary.parent)) == []
    assert places.next_closed(str(world.primary.parent)) == "journal-000001.jsonl"


def test_a_hard_link_is_broken_and_the_other_file_untouched(world: World) -> None:
    victim = world.home / "victim"
    victim.write_bytes(b"precious\n")
    world.primary.parent.mkdir()
    os.link(victim, world.primary)
    filled(world, 1)
    assert victim.read_bytes() == b"precious\n"
    assert victim.stat().st_nlink == 1
    assert len(lines(world.primary)) == 2  # with what was found set aside
    (kept,) = world.primary.parent.glob("journal.jsonl.torn-*")
    assert kept.read_bytes() == b"precious\n"


def test_what_renewal_promises_to_open_stores(world: World) -> None:
    filled(world, 3)
    waiting = store.open_store(world.journal().places[0])
    assert waiting.is_current()
    assert rotation.begin_another(waiting, b"")
    assert waiting.is_current()
    waiting.close()
    assert isinstance(world.journal(), Journal)
    with pytest.raises(JournalError):
        locking_out(world)


def locking_out(world: World) -> None:
    holders = [store.open_store(place) for place in world.journal().places]
    before, flock.PATIENCE = flock.PATIENCE, 0.05
    try:
        world.journal().append({"op": "x", "kind": "drift"})
    finally:
        flock.PATIENCE = before
        for holder in holders:
            holder.close()
