"""What damage in a journal costs, and what becomes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import canonical
from safeinstall.journal import fitting, read, seal, tail, verify
from tests.journal.conftest import World, intent

if TYPE_CHECKING:
    from collections.abc import Callable

    Entry = Callable[..., dict[str, Any]]

MIB = 1 << 20
DAMAGES = {
    "two bytes": b"{\n",
    "garbage": os.urandom(4 * MIB),
    "newlines": b"\n" * (4 * MIB),
    "one line": b"{" + b"x" * (100 * MIB),
    "marks": b'"hash"\n' * 600_000,
    "a million changes": b'{"hash":[' + b'{"name":"a"},' * 1_000_000 + b"0]}\n",
}


@pytest.mark.parametrize("damaged", ["primary", "mirror", "both"])
@pytest.mark.parametrize("name", DAMAGES)
def test_damage_at_the_end_is_put_aside_at_once(
    world: World, entry: Entry, name: str, damaged: str
) -> None:
    for _ in range(5):
        world.journal().append(entry())
    for copy, path in (("primary", world.primary), ("mirror", world.mirror)):
        if damaged in (copy, "both"):
            with path.open("ab") as file:
                file.write(DAMAGES[name])
    begin = time.process_time()
    journal = world.journal()
    assert journal.last() is not None or damaged == "both"
    full = journal.append(entry())
    assert time.process_time() - begin < 1  # on a busy machine the clock says nothing
    assert journal.last() == full
    files = read.of_prefix(str(world.prefix), world.settings.state_dir)
    kinds = [record["kind"] for record in read.records(files, [])]
    assert kinds.count("drift") == 6  # nothing is lost
    assert "repair" in kinds
    assert verify.verify(str(world.prefix), files).status == "repaired"
    kept = [path for path in world.primary.parent.iterdir() if "torn-" in path.name]
    kept += list(world.primary.parent.glob("damaged-*"))
    assert kept or damaged == "mirror"


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_read_past_in_seconds(world: World, entry: Entry, name: str) -> None:
    for _ in range(5):
        world.journal().append(entry())
    good = world.primary.read_bytes()
    cut = good.rindex(b"\n", 0, -1) + 1
    world.primary.write_bytes(good[:cut] + DAMAGES[name].rstrip(b"\n") + b"\n" + good[cut:])
    damages: list[read.Damage] = []
    begin = time.process_time()
    found = list(read.records([str(world.primary)], damages))
    assert time.process_time() - begin < 5
    assert len(found) == 5
    assert 1 <= len(damages) <= 600_000
    assert damages[0].file == str(world.primary)
    report = verify.verify(str(world.prefix), [str(world.primary)])
    assert report.status == "altered"
    assert len(report.problems) <= 20


@pytest.mark.skipif(sys.platform != "linux", reason="/proc says how much memory it took")
def test_memory_is_bounded(world: World, entry: Entry) -> None:
    world.journal().append(entry())
    with world.primary.open("ab") as file:
        file.write(DAMAGES["a million changes"])
        file.write(DAMAGES["one line"])
    code = (
        "import sys; from safeinstall.journal import read, verify\n"
        "list(read.records(sys.argv[1:], [])); verify.verify('/x', sys.argv[1:])\n"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    command = [sys.executable, "-c", code, str(world.primary)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert int(done.stdout) < 150_000  # KiB


@given(st.lists(st.binary(max_size=30), max_size=60), st.integers(1, 40), st.booleans())
def test_the_lines_backwards_are_the_lines(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], block: int, marked: bool
) -> None:
    data = b"".join(part + (b"M\n" if at % 3 else b"\n") for at, part in enumerate(parts))
    path = tmp_path_factory.mktemp("lines") / "file"
    path.write_bytes(data)
    whole = _split(data)
    with path.open("rb") as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tail, "_FIRST_BLOCK", block)
        patch.setattr(tail, "_LARGEST_BLOCK", block)
        found = list(tail.backwards(file.fileno(), len(data), b"M" if marked else b""))
    offsets = [sum(map(len, whole[:at])) for at in range(len(whole))]
    expected = list(zip(offsets, whole, strict=True))[::-1]
    if not marked:
        assert found == expected
    assert [item for item in expected if b"M" in item[1]] == [i for i in found if b"M" in i[1]]
    assert set(found) <= set(expected)


def _split(data: bytes) -> list[bytes]:
    return [part + b"\n" for part in data.split(b"\n")[:-1]]


def test_a_line_that_is_too_long_is_no_record(world: World, entry: Entry) -> None:
    record = world.journal().append(entry())
    body = {**record, "seq": 1, "prev": record["hash"], "cwd": "x" * (seal.LONGEST + 1)}
    body.pop("hash")
    with world.primary.open("ab") as file:
        file.write(seal.seal(body)[0])
    damages: list[read.Damage] = []
    assert list(read.records([str(world.primary)], damages)) == [record]
    assert len(damages) == 1


def test_a_record_that_is_too_long_is_cut_and_says_so(world: World) -> None:
    words = ["pip", "install", *(f"package-{n}" for n in range(150_000))]
    full = world.journal().append(intent("op-1", *words))
    (data,) = world.lines()
    assert len(data) <= seal.LARGEST
    assert seal.read(data) == full
    assert full["argv"][:3] == words[:3]
    assert full["argv"][-1] == f"… {150_002 - len(full['argv']) + 1:,} more"


def test_what_is_cut_from_objects_is_counted() -> None:
    change = {"name": "six", "before": None, "after": {"version": "1", "owner": "pip"}}
    record = {"chain": "c", "seq": 1, "prev": "", "changes": [change] * 100_000, "cwd": "x" * 9**6}
    data, full = fitting.sealed(record)
    assert seal.read(data) == full
    assert len(full["changes"]) + full["cut"]["changes"] == 100_000
    assert full["cwd"].endswith(" characters more")
    assert json.loads(data)["hash"] == full["hash"]


@pytest.mark.parametrize(
    "data",
    [b"{", b'{"a', b"nul", b"[" * 100_000, b"9" * 10_000, b"\xff", b"", b'"\\ud8', b"{} {}", b"\0"],
)
def test_json_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        canonical.decode(data)
    assert canonical.decode_object(data) is None


def test_where_the_json_library_is_not_imported() -> None:
    """As in the guard: CPython's scanner wants an exception from a module that is not there."""
    code = (
        "import sys; sys.path.append(sys.argv[1]); from safeinstall import canonical\n"
        "found = [canonical.decode_object(item) for item in (b'{', b'{\"a', b'[1,', b'{}')]\n"
        "assert 'json.decoder' not in sys.modules; print(found)"
    )
    source = os.path.dirname(os.path.dirname(canonical.__file__))
    command = [sys.executable, "-I", "-S", "-c", code, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "[None, None, None, {}]\n", done.stderr


@pytest.mark.parametrize("field", [{"seq": 2**53}, {"seq": -1}, {"chain": "c" * 1000}])
def test_a_sealed_record_that_nothing_could_follow_on(
    world: World, entry: Entry, field: dict[str, Any]
) -> None:
    """Whoever may write the file can seal what he likes."""
    record = world.journal().append(entry())
    forged = {**record, "seq": 1, "prev": record["hash"], **field}
    forged.pop("hash")
    body = json.dumps(forged, sort_keys=True, separators=(",", ":")).encode()
    value = canonical.digest(body)
    with world.primary.open("ab") as file:
        file.write(body[:-1] + seal.closing(value))
    assert world.journal().append(entry())["seq"] > 0
