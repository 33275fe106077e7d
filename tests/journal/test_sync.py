"""Primary and mirror stay one chain, whatever happens to either of them."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall import canonical, settings
from safeinstall.journal import Journal, read, seal
from safeinstall.journal.verify import verify
from tests.journal.conftest import World
from tests.journal.test_append import chain_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Entry = Callable[..., dict[str, Any]]


def filled(world: World, entry: Entry, count: int = 3) -> list[bytes]:
    for number in range(count):
        world.journal().append(entry(number=number))
    return world.lines()


def repairs(path: Path) -> list[dict[str, Any]]:
    return [record["repair"] for record in chain_of(path) if record["kind"] == "repair"]


def numbers(world: World) -> list[int]:
    """What the records say that a reader sees, oldest first."""
    files = read.of_prefix(str(world.prefix), world.settings.state_dir)
    found = [record for record in read.records(files, []) if "number" in record]
    return [record["number"] for record in reversed(found)]


def status(world: World) -> str:
    prefix = str(world.prefix)
    return verify(prefix, read.of_prefix(prefix, world.settings.state_dir)).status


def test_torn_at_every_offset_of_the_last_record(world: World, entry: Entry) -> None:
    *whole, last = filled(world, entry)
    sound = b"".join(whole)
    for cut in range(len(last)):
        for path in (world.primary, world.mirror):
            path.write_bytes(sound + last[:cut])
        assert world.journal().last() == seal.read(whole[-1])
        world.journal().append(entry(number=99))
        chain = chain_of(world.primary)
        assert world.primary.read_bytes() == world.mirror.read_bytes()
        assert world.primary.read_bytes().startswith(sound)
        assert chain[-1]["number"] == 99
        notes = repairs(world.primary)
        assert len(notes) == (2 if cut else 0)
        for note in notes:
            kept = os.path.join(os.path.dirname(note["file"]), note["kept"])
            with open(kept, "rb") as file:
                assert file.read() == last[:cut]
            assert (note["what"], note["bytes"]) == ("torn", cut)
            assert note["sha256"] == canonical.digest(last[:cut])


def test_a_torn_primary_takes_its_last_record_from_the_mirror(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.primary.write_bytes(b"".join(lines)[:-5])
    world.journal().append(entry(number=3))
    assert numbers(world) == [0, 1, 2, 3]
    assert [note["what"] for note in repairs(world.primary)] == ["torn", "restored"]
    assert status(world) == "repaired"


def test_a_torn_mirror_is_mended_from_the_primary(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.mirror.write_bytes(b"".join(lines)[:-5])
    world.journal().append(entry(number=3))
    assert world.mirror.read_bytes() == world.primary.read_bytes()
    assert [note["what"] for note in repairs(world.primary)] == ["torn"]


@pytest.mark.parametrize("garbage", [b"\n", b"\0" * 5000, b'{"seq":9}\n', b"x\ny\n", b"\xff"])
def test_garbage_at_the_end_is_set_aside(world: World, entry: Entry, garbage: bytes) -> None:
    filled(world, entry)
    with open(world.primary, "ab") as file:
        file.write(garbage)
    world.journal().append(entry(number=3))
    (kept,) = world.primary.parent.glob("journal.jsonl.torn-*")
    assert kept.read_bytes() == garbage
    assert kept.stat().st_mode == world.primary.stat().st_mode
    assert numbers(world) == [0, 1, 2, 3]


def test_an_altered_record_in_the_middle_stays_as_evidence(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    lines[1] = b'{"altered":1}\n'
    world.primary.write_bytes(b"".join(lines))
    world.journal().append(entry(number=3))
    assert world.lines()[1] == b'{"altered":1}\n'
    assert len(chain_of(world.mirror)) == 4
    assert status(world) == "altered"


def test_a_lost_mirror_is_made_again(world: World, entry: Entry) -> None:
    filled(world, entry)
    shutil.rmtree(world.mirror.parent)
    world.journal().append(entry(number=3))
    assert world.mirror.read_bytes() == world.primary.read_bytes()
    assert repairs(world.primary) == []


def test_a_lost_primary_is_made_again(world: World, entry: Entry) -> None:
    filled(world, entry)
    shutil.rmtree(world.primary.parent)
    world.journal().append(entry(number=3))
    assert numbers(world) == [0, 1, 2, 3]
    assert world.mirror.read_bytes() == world.primary.read_bytes()
    assert status(world) == "verified"


def test_a_mirror_behind_catches_up(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.mirror.write_bytes(lines[0])
    world.journal().append(entry(number=3))
    assert world.mirror.read_bytes() == world.primary.read_bytes()
    assert repairs(world.primary) == []


def test_a_primary_whose_tail_was_cut_off_gets_it_back(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.primary.write_bytes(lines[0])
    world.journal().append(entry(number=3))
    assert numbers(world) == [0, 1, 2, 3]
    (note,) = repairs(world.primary)
    assert (note["what"], note["kept"]) == ("restored", None)
    assert world.mirror.read_bytes() == world.primary.read_bytes()


def test_a_clock_that_goes_backwards_does_not_mix_up_two_copies(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(2_000_000_000, 1_000_000_000, -1000))
    monkeypatch.setattr(time, "time_ns", lambda: next(clock) * 1_000_000_000)
    lines = filled(world, entry, 6)
    world.mirror.write_bytes(b"".join(lines[:4]))
    world.primary.write_bytes(b"".join(lines))
    assert numbers(world) == [0, 1, 2, 3, 4, 5]
    world.primary.write_bytes(b"".join(lines[:2]) + lines[2][:-9])
    world.mirror.write_bytes(b"".join(lines))
    assert numbers(world) == [0, 1, 2, 3, 4, 5]


def test_a_primary_that_could_not_be_written_for_a_while(world: World, entry: Entry) -> None:
    world.journal().append(entry(number=0))
    world.journal(primary=False).append(entry(number=1))
    world.journal().append(entry(number=2))
    assert numbers(world) == [0, 1, 2]
    assert world.mirror.read_bytes() == world.primary.read_bytes()


def test_where_they_differ_the_primary_wins_and_nothing_is_lost(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.primary.write_bytes(lines[0])
    world.mirror.rename(world.mirror.with_suffix(".saved"))
    world.journal().append(entry(number=7))
    world.mirror.with_suffix(".saved").rename(world.mirror)
    world.journal().append(entry(number=8))
    (kept,) = world.mirror.parent.glob("diverged-*/journal.jsonl")
    assert kept.read_bytes() == b"".join(lines)
    assert world.mirror.read_bytes() == world.primary.read_bytes()
    assert [note["what"] for note in repairs(world.primary)] == ["diverged"]
    assert sorted(numbers(world)) == [0, 1, 2, 7, 8]


def test_two_users_share_an_environment(world: World, entry: Entry, tmp_path: Path) -> None:
    homes = [tmp_path / name for name in ("ada", "bob")]
    users = [settings.read({"HOME": str(home)}) for home in homes]
    for turn in range(6):
        journal = Journal.open(str(world.prefix), users[turn % 2])
        journal.append(entry(number=turn))
    assert [record["number"] for record in chain_of(world.primary)] == [0, 1, 2, 3, 4, 5]
    mirrors = [Path(Journal.open(str(world.prefix), user).places[-1].path) for user in users]
    assert [len(world.lines(path)) for path in mirrors] == [5, 6]
    for user in users:
        files = read.of_prefix(str(world.prefix), user.state_dir)
        assert verify(str(world.prefix), files).status == "verified"
        assert len(list(read.records(files, []))) == 6


def test_a_copied_environment_goes_on_by_itself(world: World, entry: Entry, tmp_path: Path) -> None:
    filled(world, entry)
    copy = tmp_path / "copy"
    shutil.copytree(world.prefix, copy)
    Journal.open(str(copy), world.settings).append(entry(number=10))
    world.journal().append(entry(number=11))
    for prefix, count in ((copy, 5), (world.prefix, 4)):
        files = read.of_prefix(str(prefix), world.settings.state_dir)
        assert verify(str(prefix), files).status == "verified"
        assert len(list(read.records(files, []))) == count
    everything = [file for item in read.known(world.settings.state_dir) for file in item.files]
    assert len(list(read.records(everything, []))) == 6


def test_an_error_while_mending_leaves_the_other_file(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = filled(world, entry)
    world.primary.write_bytes(b"".join(lines)[:-5])
    before = world.primary.read_bytes()

    def full(fd: int, size: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", full)
        journal = world.journal()
        journal.append(entry(number=3))
    assert "No space left" in journal.problem
    assert world.primary.read_bytes() == before
    assert numbers(world) == [0, 1, 2, 3]
    world.journal().append(entry(number=4))
    assert numbers(world) == [0, 1, 2, 3, 4]
    assert len(chain_of(world.primary)) == len(chain_of(world.mirror))
