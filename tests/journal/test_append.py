"""Appending: one chain, whatever happens to the files."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.errors import JournalError
from safeinstall.journal import Journal, flock, seal, store
from tests.journal.conftest import World, intent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Entry = Callable[..., dict[str, Any]]


def chain_of(path: Path) -> list[dict[str, Any]]:
    """The records of a file, after checking that they are one sound chain."""
    records = [seal.read(data) for data in path.read_bytes().splitlines(keepends=True)]
    previous = ""
    for number, record in enumerate(records):
        assert record is not None, f"record {number} is damaged"
        assert (record["seq"], record["prev"]) == (number, previous)
        previous = record["hash"]
    return [record for record in records if record]


def test_open_touches_nothing(world: World) -> None:
    world.journal()
    assert not (world.prefix / ".safeinstall").exists()
    assert not (world.home / ".local").exists()


def test_records_are_numbered_dated_chained_and_mirrored(world: World, entry: Entry) -> None:
    full = [world.journal().append(entry(note=f"n{number}")) for number in range(4)]
    assert chain_of(world.primary) == full
    assert {record["chain"] for record in full} == {full[0]["chain"]}
    assert {record["schema"] for record in full} == {1}
    assert world.mirror.read_bytes() == world.primary.read_bytes()


def test_an_empty_journal_has_no_last_record(world: World) -> None:
    assert world.journal().last() is None


def test_the_last_record(world: World, entry: Entry) -> None:
    journal = world.journal()
    for number in range(3):
        full = journal.append(entry(number=number, text="é\udc80"))
    assert journal.last() == full
    assert [record["number"] for record in journal.backwards()] == [2, 1, 0]


def test_secrets_do_not_reach_the_disk(world: World) -> None:
    words = ("pip", "install", "-i", "https://ada:hunter2@h.example/simple", "--token", "hunter2")
    full = world.journal().append(
        intent("op", *words, environ={"PIP_INDEX_URL": "https://hunter2@h", "UV_TOKEN": "hunter2"})
    )
    assert full["env"] == {"PIP_INDEX_URL": "https://***@h", "UV_TOKEN": "***"}
    assert b"hunter2" not in world.primary.read_bytes() + world.mirror.read_bytes()


def test_files_are_for_their_owner_only(world: World, entry: Entry) -> None:
    world.prefix.chmod(0o755)
    world.journal().append(entry())
    for path in (world.primary, world.mirror):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("prefix", "directory", "file"), [(0o775, 0o770, 0o660), (0o2755, 0o2750, 0o640)]
)
def test_a_shared_environment_shares_its_journal(
    world: World, entry: Entry, prefix: int, directory: int, file: int
) -> None:
    world.prefix.chmod(prefix)
    world.journal().append(entry())
    assert stat.S_IMODE(world.primary.parent.stat().st_mode) == directory
    assert stat.S_IMODE(world.primary.stat().st_mode) == file
    assert stat.S_IMODE(world.mirror.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_leaves_the_journal_to_the_environments_owner(world: World, entry: Entry) -> None:
    os.chown(world.prefix, 12345, 12345)
    world.journal().append(entry())
    assert (world.primary.stat().st_uid, world.primary.parent.stat().st_uid) == (12345, 12345)


def test_the_mirror_alone(world: World, entry: Entry) -> None:
    journal = world.journal(primary=False)
    full = journal.append(entry())
    assert not world.primary.exists()
    assert chain_of(world.mirror) == [full]
    assert journal.last() == full


def test_a_prefix_that_appears_receives_the_lines(world: World, entry: Entry) -> None:
    (world.prefix / "conda-meta").rmdir()
    world.prefix.rmdir()
    world.journal().append(entry())
    assert not world.prefix.exists()
    world.prefix.mkdir()
    world.journal().append(entry())
    assert len(chain_of(world.primary)) == 2
    assert world.primary.read_bytes() == world.mirror.read_bytes()


def test_a_prefix_that_has_gone_is_not_made_again(world: World, entry: Entry) -> None:
    world.journal().append(entry())
    world.prefix.rename(world.home / "gone")
    journal = world.journal()
    journal.append(entry())
    assert not world.prefix.exists()
    assert journal.problem == ""
    assert len(chain_of(world.mirror)) == 2


def test_the_mirror_follows_the_real_path(world: World, entry: Entry) -> None:
    world.journal().append(entry())
    link = world.home / "link"
    link.symlink_to(world.prefix)
    Journal.open(str(link), world.settings).append(entry())
    assert len(chain_of(world.mirror)) == 2


@pytest.mark.parametrize("where", ["file", "directory"])
def test_a_planted_symlink_is_not_followed(world: World, entry: Entry, where: str) -> None:
    victim = world.home / "victim"
    if where == "file":
        victim.write_bytes(b"precious")
        world.primary.parent.mkdir()
        world.primary.symlink_to(victim)
    else:
        victim.mkdir()
        world.primary.parent.symlink_to(victim)
    journal = world.journal()
    full = journal.append(entry())
    assert str(world.primary) in journal.problem
    assert victim.read_bytes() == b"precious" if where == "file" else not list(victim.iterdir())
    assert chain_of(world.mirror) == [full]


def test_a_planted_pipe_does_not_hang_us(world: World, entry: Entry) -> None:
    world.primary.parent.mkdir()
    os.mkfifo(world.primary)
    journal = world.journal()
    journal.append(entry())
    assert "not a regular file" in journal.problem


def test_nowhere_to_write_is_an_error_with_place_and_advice(world: World, entry: Entry) -> None:
    (world.home / ".local").write_text("a file")
    world.primary.parent.write_text("another")
    with pytest.raises(JournalError, match=r"\.safeinstall/journal\.jsonl: Not a dir.*remove"):
        world.journal().append(entry())


def test_a_prefix_that_cannot_be_written_leaves_the_mirror(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, "mkdir", world.primary.parent, errno.EROFS)
    journal = world.journal()
    full = journal.append(entry())
    assert journal.problem == ""
    assert chain_of(world.mirror) == [full]


def test_a_home_that_cannot_be_written_leaves_the_primary(world: World, entry: Entry) -> None:
    (world.home / ".local").write_text("a file")
    journal = world.journal()
    full = journal.append(entry())
    assert "Not a directory" in journal.problem
    assert chain_of(world.primary) == [full]


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, path: Path, number: int) -> None:
    real = getattr(os, name)

    def refusing(given: Any, *args: Any, **kwargs: Any) -> Any:
        if given == str(path):
            raise OSError(number, os.strerror(number), str(path))
        return real(given, *args, **kwargs)

    monkeypatch.setattr(os, name, refusing)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_a_failing_disk_leaves_no_trace(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    world.journal().append(entry())
    before = world.primary.read_bytes()
    real = os.write

    def failing(fd: int, data: bytes = b"") -> int:
        if call == "write":
            real(fd, data[:10])
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(*((store, "_sync") if call == "fdatasync" else (os, "write")), failing)
        with pytest.raises(JournalError, match=os.strerror(number)):
            world.journal().append(entry())
    assert world.primary.read_bytes() == world.mirror.read_bytes() == before
    world.journal().append(entry())
    assert len(chain_of(world.primary)) == 2


def test_a_limit_on_file_sizes_is_an_error_and_no_damage(world: World, entry: Entry) -> None:
    journal = world.journal()
    while world.journal().append(entry(text="x" * 300))["seq"] < 3:
        pass
    before = world.primary.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
    try:
        with pytest.raises(JournalError, match=r"too large.*ulimit"):
            journal.append(entry(text="x" * 300))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert world.primary.read_bytes() == before
    journal.append(entry())
    assert len(chain_of(world.primary)) == 5


def test_an_interrupt_in_the_middle_leaves_no_trace(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.journal().append(entry())

    def interrupted(fd: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "_sync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            world.journal().append(entry())
    world.journal().append(entry())
    assert len(chain_of(world.primary)) == 2


def test_a_clock_that_goes_backwards_does_not_disturb_the_order(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([2_000_000_000, 1_000_000_000, 1_500_000_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(times) * 1_000_000_000)
    for _ in range(3):
        world.journal().append({"op": "x", "kind": "drift"})
    assert [record["time"][:4] for record in chain_of(world.primary)] == ["2033", "2001", "2017"]


def test_a_journal_removed_while_we_wait_for_its_lock(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.journal().append(entry())
    real = flock.take
    removed: list[int] = []

    def slow(fd: int, directory: int) -> flock.Lock:
        if not removed:
            removed.append(fd)
            world.primary.unlink()
        return real(fd, directory)

    monkeypatch.setattr(flock, "take", slow)
    world.journal().append(entry())
    assert len(chain_of(world.primary)) == 2


def test_a_lock_that_is_never_given_back(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.journal().append(entry())
    monkeypatch.setattr(flock, "PATIENCE", 0.05)
    holders = [store.open_store(place) for place in world.journal().places]
    with pytest.raises(JournalError, match="locked by another process"):
        world.journal().append(entry())
    for holder in holders:
        holder.close()


def test_the_cost_does_not_depend_on_the_size(
    world: World, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.journal().append(entry())
    first = world.lines()[0]
    for path in (world.primary, world.mirror):
        path.write_bytes(b"x" * 3_000_000 + b"\n" + first)
    read: list[int] = []
    real = os.pread

    def counting(fd: int, length: int, offset: int) -> bytes:
        read.append(length)
        return real(fd, length, offset)

    monkeypatch.setattr(os, "pread", counting)
    world.journal().append(entry())
    assert sum(read) < 50_000


def test_a_record_larger_than_every_block(world: World, entry: Entry) -> None:
    journal = world.journal()
    journal.append(entry())
    large = journal.append(entry(text="x" * 2_000_000))
    assert journal.last() == large
    journal.append(entry())
    assert len(chain_of(world.primary)) == 3


def test_the_hot_path_is_light(tmp_path: Path) -> None:
    script = (
        "import sys; from safeinstall.journal import Journal, actor, ids, record; "
        "from safeinstall import settings; import os; home = sys.argv[1]; "
        "j = Journal.open(home, settings.read({'HOME': home})); actor.current(os.environ); "
        "record.variables(os.environ); "
        "[j.append({'op': ids.operation(), 'kind': 'drift'}) for _ in 'ab']; j.last(); "
        "print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = (
        "typer rich psutil packaging filelock importlib.metadata dataclasses typing re enum json"
    )
    heavy += " pathlib subprocess contextlib functools collections signal hashlib uuid datetime"
    assert not set(heavy.split()) & set(run.stdout.split())
