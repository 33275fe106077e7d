"""Every alteration is found; nothing sound is called altered."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeinstall.cli import history
from safeinstall.journal import Journal, read, seal, store
from safeinstall.journal.verify import Report, verify
from tests.journal.conftest import TORTURE, World, intent, outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Entry = Callable[..., dict[str, Any]]


def check(world: World) -> Report:
    prefix = str(world.prefix)
    return verify(prefix, read.of_prefix(prefix, world.settings.state_dir))


def filled(world: World, entry: Entry, count: int = 5) -> list[bytes]:
    for number in range(count):
        world.journal().append(entry(number=number))
    return world.lines()


def sealed(record: dict[str, Any]) -> bytes:
    return seal.seal({name: item for name, item in record.items() if name != "hash"})[0]


def rewritten(lines: list[bytes], number: int, **fields: Any) -> list[bytes]:
    """The lines after somebody changed one record and computed all hashes anew."""
    out: list[bytes] = []
    previous = ""
    for position, data in enumerate(lines):
        record = seal.read(data)
        assert record
        record |= fields if position == number else {}
        record["prev"] = previous
        out.append(sealed(record))
        previous = seal.seal_of(out[-1])
    return out


def test_nothing_there(world: World) -> None:
    assert check(world).status == "empty"


def test_sound(world: World, entry: Entry) -> None:
    filled(world, entry)
    report = check(world)
    assert (report.status, report.records, report.anchored) == ("verified", 5, True)
    assert report.head == world.journal().append(entry())["prev"]


def test_sound_without_a_mirror(world: World, entry: Entry) -> None:
    filled(world, entry)
    world.mirror.unlink()
    assert (check(world).status, check(world).anchored) == ("verified", False)


def test_sound_with_the_mirror_alone(world: World, entry: Entry) -> None:
    filled(world, entry)
    shutil.rmtree(world.prefix)
    assert (check(world).status, check(world).records) == ("verified", 5)


PLANTED: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "directory": lambda path: path.mkdir(),
    "fifo": os.mkfifo,
    "dangling": lambda path: path.symlink_to("nowhere"),
    "link": lambda path: path.symlink_to("/etc/passwd"),
}


def listed(world: World, prefixes: list[str] | None) -> list[int]:
    out = io.StringIO()
    assert history.history_list(prefixes, world.settings, {}, out, form="json") == 0
    return [item["seq"] for item in json.loads(out.getvalue())]


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("mirrored", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_a_primary_that_is_no_file_any_more(
    world: World,
    entry: Entry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    planted: str,
    mirrored: bool,
    closed: bool,
) -> None:
    monkeypatch.setattr(store, "LIMIT", 500 if closed else store.LIMIT)
    filled(world, entry)
    world.primary.unlink()
    PLANTED[planted](world.primary)
    if not mirrored:
        shutil.rmtree(world.mirror.parent)
    if planted == "nothing" and not (mirrored or closed):
        return  # nothing tells that there was anything
    code, text = run(world, [str(world.prefix)])
    status = "missing" if planted == "nothing" else "unreadable"
    assert (code, check(world).status) == (1, status)
    assert f"  {world.primary}: {status}: " in text
    assert bool(listed(world, [str(world.prefix)])) == (mirrored or closed)
    assert len(listed(world, [str(world.prefix)])) == 5 or not mirrored
    assert f"{world.primary}: cannot be read: " in capsys.readouterr().err


@pytest.mark.parametrize("planted", list(PLANTED)[1:])
@pytest.mark.parametrize("name", ["journal.jsonl", "journal-000001.jsonl"])
def test_what_is_planted_in_one_environment_stops_no_other(
    world: World,
    entry: Entry,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    planted: str,
    name: str,
) -> None:
    here = {"environment": {"prefix": str(world.prefix)}}
    world.journal().append(entry(**here))
    other = tmp_path / "other"
    (other / "conda-meta").mkdir(parents=True)
    journal = Journal.open(str(other), world.settings)
    journal.append(entry(environment={"prefix": str(other)}))
    path = other / ".safeinstall" / name
    path.unlink(missing_ok=True)
    PLANTED[planted](path)
    code, text = run(world, None)
    assert code == 1
    assert f"{world.prefix}: verified" in text
    assert f"{other}: unreadable" in text
    assert f"  {path}: unreadable: " in text
    assert listed(world, None) == [0, 0]
    assert f"{path}: cannot be read: " in capsys.readouterr().err
    assert list(journal.backwards())
    assert journal.append(entry())["seq"] == 1


@pytest.mark.parametrize("copy", ["primary", "mirror"])
def test_a_disk_that_gives_up_is_told_of(
    world: World,
    entry: Entry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    copy: str,
) -> None:
    filled(world, entry)
    path = world.primary if copy == "primary" else world.mirror
    broken = os.stat(path)
    real = os.pread

    def failing(fd: int, length: int, offset: int) -> bytes:
        if os.path.samestat(os.fstat(fd), broken):
            raise OSError(5, "Input/output error")
        return real(fd, length, offset)

    monkeypatch.setattr(os, "pread", failing)
    assert len(listed(world, [str(world.prefix)])) == 5
    assert f"{path}: cannot be read: Input/output error" in capsys.readouterr().err


def test_a_mirror_may_lag_behind(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.mirror.write_bytes(b"".join(lines[:2]))
    assert (check(world).status, check(world).anchored) == ("verified", True)


@pytest.mark.parametrize("number", range(5))
def test_an_edited_record(world: World, entry: Entry, number: int) -> None:
    lines = filled(world, entry)
    lines[number] = lines[number].replace(b'"kind":"drift"', b'"kind":"DRIFT"')
    world.primary.write_bytes(b"".join(lines))
    (problem,) = check(world).problems
    assert (problem.status, problem.file, problem.record) == ("altered", str(world.primary), number)


def edit_the_end(world: World, paths: list[Path], count: int) -> list[bytes]:
    """Change the last records of these copies; the lines as they are then."""
    lines = world.lines()
    edited = [data.replace(b'"kind":"drift"', b'"kind":"DRIFT"') for data in lines[-count:]]
    for path in paths:
        path.write_bytes(b"".join(lines[:-count] + edited))
    return edited


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("copies", ["both", "primary", "mirror", "alone"])
def test_edited_last_records_stay_found_after_the_next_one(
    world: World, entry: Entry, count: int, copies: str
) -> None:
    lines = filled(world, entry)
    both = [world.primary, world.mirror]
    paths = {"both": both, "primary": both[:1], "mirror": both[1:], "alone": both[:1]}[copies]
    if copies == "alone":
        world.mirror.unlink()
    edited = edit_the_end(world, paths, count)
    assert check(world).status == "altered"
    for number in range(2):
        world.journal().append(entry(number=10 + number))
        report = check(world)
        assert report.status == "altered"
        assert {problem.file for problem in report.problems} >= set(map(str, paths))
    for path in paths:
        assert set(edited) <= set(world.lines(path))
    files = read.of_prefix(str(world.prefix), world.settings.state_dir)
    kept = [record["number"] for record in read.records(files, []) if "number" in record]
    lost = count if copies in ("both", "alone") else 0
    assert kept[::-1] == [*range(len(lines) - lost), 10, 11]


def test_behind_an_edited_record_a_torn_one_is_set_aside(world: World, entry: Entry) -> None:
    filled(world, entry)
    (edited,) = edit_the_end(world, [world.primary, world.mirror], 1)
    for path in (world.primary, world.mirror):
        path.write_bytes(path.read_bytes() + edited[:40])
    world.journal().append(entry())
    assert check(world).status == "altered"
    assert check(world).repairs == 2
    assert world.lines()[4] == edited
    (kept,) = world.primary.parent.glob("journal.jsonl.torn-*")
    assert kept.read_bytes() == edited[:40]


def test_an_edited_last_record_of_a_closed_file_stays_found(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(world, entry)
    edit_the_end(world, [world.primary, world.mirror], 1)
    monkeypatch.setattr(store, "LIMIT", 500)
    for _ in range(3):
        world.journal().append(entry())
        assert check(world).status == "altered"


def test_an_edited_record_with_a_good_hash(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    record = seal.read(lines[2])
    assert record
    lines[2] = sealed({**record, "kind": "baseline"})
    world.primary.write_bytes(b"".join(lines))
    (problem,) = check(world).problems
    assert (problem.status, problem.record) == ("altered", 3)


@pytest.mark.parametrize("change", ["remove", "repeat", "swap", "behead", "insert"])
def test_records_that_do_not_follow_on_one_another(world: World, entry: Entry, change: str) -> None:
    a, b, c, d, e = filled(world, entry)
    foreign = sealed({"chain": "x", "seq": 2, "prev": seal.seal_of(b), "kind": "drift"})
    changed = {
        "remove": [a, b, d, e],
        "repeat": [a, b, b, c, d, e],
        "swap": [a, c, b, d, e],
        "behead": [b, c, d, e],
        "insert": [a, b, foreign, c, d, e],
    }[change]
    world.primary.write_bytes(b"".join(changed))
    assert check(world).status == "altered"


@pytest.mark.parametrize("left", range(5))
def test_a_tail_that_was_cut_off(world: World, entry: Entry, left: int) -> None:
    lines = filled(world, entry)
    world.primary.write_bytes(b"".join(lines[:left]))
    (problem,) = check(world).problems
    assert (problem.status, problem.record) == ("truncated", left - 1)
    assert f"followed by {5 - left} more" in problem.message


def test_everything_computed_anew(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.primary.write_bytes(b"".join(rewritten(lines, 3, kind="baseline")))
    (problem,) = check(world).problems
    assert (problem.status, problem.record) == ("rewritten", 3)


def test_cut_off_and_continued(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    saved = world.mirror.read_bytes()
    for path in (world.primary, world.mirror):
        path.write_bytes(b"".join(lines[:3]))
    world.journal().append(entry())
    world.mirror.write_bytes(saved)
    (problem,) = check(world).problems
    assert (problem.status, problem.record) == ("rewritten", 3)


def test_torn(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    for path in (world.primary, world.mirror):
        path.write_bytes(b"".join(lines)[:-10])
    assert check(world).status == "torn"
    world.journal().append(entry())
    report = check(world)
    assert (report.status, report.repairs, report.records) == ("repaired", 2, 7)


def test_zeros_after_a_power_failure(world: World, entry: Entry) -> None:
    lines = filled(world, entry)
    world.mirror.unlink()
    world.primary.write_bytes(b"".join(lines) + bytes(5000))
    assert check(world).status == "torn"


def test_any_other_file_is_found_out(world: World, entry: Entry) -> None:
    filled(world, entry)

    @settings(max_examples=50, deadline=None)
    @given(st.binary(min_size=1, max_size=300))
    def holds(data: bytes) -> None:
        world.primary.write_bytes(data)
        assert check(world).status in ("truncated", "altered", "torn")

    holds()


def flip_every(path: Path, found: Callable[[], str], step: int = 1) -> int:
    """Flip one bit of every byte (every ``step``-th), and ask each time."""
    data = path.read_bytes()
    chosen = random.Random(20)
    with open(path, "r+b", buffering=0) as file:
        for position in range(0, len(data), step):
            changed = data[position] ^ 1 << chosen.randrange(8)
            os.pwrite(file.fileno(), bytes([changed]), position)
            assert found() not in ("verified", "repaired", "empty"), position
            os.pwrite(file.fileno(), data[position : position + 1], position)
    assert found() == "verified"
    return len(data)


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_flipped_bit_is_found(world: World, mirrored: bool) -> None:
    for number in range(15):
        world.journal().append(intent(f"op-{number}", "pip", "install", "é\udc80"))
        world.journal().append(outcome(f"op-{number}"))
    if not mirrored:
        world.mirror.unlink()
    step = 1 if TORTURE else 37
    assert flip_every(world.primary, lambda: check(world).status, step) > 10_000


def test_every_flipped_bit_of_a_record_is_found(world: World, entry: Entry) -> None:
    data = filled(world, entry, 2)[1]
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            assert seal.read(bytes(changed)) is None


def run(world: World, prefixes: list[str] | None, **options: Any) -> tuple[int, str]:
    out = io.StringIO()
    return history.history_verify(prefixes, world.settings, out, **options), out.getvalue()


def test_the_command(world: World, entry: Entry) -> None:
    for _ in range(5):
        world.journal().append(entry(environment={"prefix": str(world.prefix)}))
    lines = world.lines()
    code, text = run(world, None)
    assert code == 0
    assert f"{world.prefix}: verified, every record is as it was written\n  5 records" in text
    first = seal.read(lines[0])
    assert first
    assert f"5 records since {first['time']}, compared with the mirror" in text
    world.primary.write_bytes(b"".join([*lines[:2], b"{}\n", *lines[3:]]))
    code, text = run(world, [str(world.prefix)])
    assert code == 1
    assert f"{world.primary}:3: altered: record 2 is not as it was written" in text
    code, text = run(world, [str(world.prefix)], as_json=True)
    (journal,) = json.loads(text)["journals"]
    assert (code, journal["status"], journal["sound"]) == (1, "altered", False)
    assert journal["problems"][0]["record"] == 2


def test_a_mirror_of_which_nothing_is_left(world: World, entry: Entry) -> None:
    world.journal(primary=False).append(entry())
    world.mirror.write_bytes(b"gone\ngone\n")
    code, text = run(world, None)
    assert code == 1
    assert text.startswith(f"{world.mirror.parent}: altered")


def test_the_command_without_any_journal(world: World) -> None:
    assert run(world, None, as_json=True) == (0, '{\n  "schema": 1,\n  "journals": []\n}\n')
    assert run(world, [str(world.prefix)]) == (0, f"{world.prefix}: empty, no records\n")
