"""From records to operations, and ``history`` for people and programs."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import model
from safeinstall.cli import history
from safeinstall.errors import UsageError
from safeinstall.journal import Journal, actor, ids, operations, read, record, select, store
from safeinstall.render import words
from tests.journal.conftest import World, intent, outcome
from tests.journal.conftest import actor as some_actor

if TYPE_CHECKING:
    from pathlib import Path

TIMES = ("since", "until")
FIELDS = [
    *("op", "seq", "time", "actor", "tool", "argv", "environment", "verdict", "findings"),
    *("override", "status", "exit_code", "signal", "duration_s", "changes", "warnings"),
]


def package(version: str, owner: str = "conda", name: str = "numpy") -> model.Package:
    return model.Package(name, version, owner)


def ran(journal: Journal, *words: str, **fields: Any) -> str:
    """An operation with its outcome."""
    op = ids.operation()
    journal.append(intent(op, *words, prefix=journal.prefix))
    journal.append(outcome(op, **fields))
    return op


def listed(world: World, **options: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    prefixes = options.pop("prefixes", [str(world.prefix)])
    assert history.history_list(prefixes, world.settings, {}, out, form="json", **options) == 0
    found: list[dict[str, Any]] = json.loads(out.getvalue())
    return found


def test_nothing_yet(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(world) == []
    out = io.StringIO()
    assert history.history_list([str(world.prefix)], world.settings, {}, out) == 0
    assert out.getvalue() == ""
    assert "nothing in the history" in capsys.readouterr().err
    assert history.history_list(None, world.settings, {}, out, form="jsonl") == 0
    assert out.getvalue() == ""


def test_an_operation_has_exactly_the_documented_fields(world: World) -> None:
    moved = model.Change("numpy", package("1.26.4"), package("2.2.6", "pip"))
    op = ran(world.journal(), "pip", "install", "numpy", changes=[moved], warnings=["look out"])
    (found,) = listed(world)
    assert list(found) == FIELDS
    assert (found["op"], found["status"], found["verdict"]) == (op, "done", "allow")
    assert (found["exit_code"], found["signal"], found["duration_s"]) == (0, None, 1.5)
    assert found["argv"] == ["pip", "install", "numpy"]
    assert found["warnings"] == ["look out"]
    assert found["changes"] == [
        {
            "name": "numpy",
            "before": {"version": "1.26.4", "owner": "conda"},
            "after": {"version": "2.2.6", "owner": "pip"},
        }
    ]


def test_every_status(world: World) -> None:
    journal = world.journal()
    block = model.Verdict("block", (model.Finding("SI101", "base-env", "block", "It is base."),))
    said = record.blocked(
        "op-blocked",
        actor=some_actor(),
        facts=model.Facts(
            command=model.Command(("conda", "install", "x"), tool="conda"),
            executable="/bin/conda",
            environment=model.Environment("/base", "conda", base=True),
            inventory=model.Inventory(),
        ),
        verdict=block,
        policy=[{"path": "/p", "digest": "0", "id": "", "version": ""}],
        environ={},
        cwd="/",
    )
    here = model.Environment(journal.prefix, "conda")
    change = model.Change("numpy", package("1"), None)
    journal.append(record.observed("baseline", actor={}, environment=here, changes=[]))
    ran(journal, "pip", "install", "a")
    ran(journal, "pip", "install", "b", exit_code=1)
    ran(journal, "pip", "install", "c", exit_code=None, signal=9)
    journal.append(said)
    journal.append(intent("op-dead", "pip", "install", "d"))
    journal.append(intent("op-live", "pip", "install", "e", actor=actor.current({})))
    journal.append(record.observed("drift", actor={}, environment=here, changes=[change]))
    statuses = [item["status"] for item in listed(world)]
    assert statuses == [
        "drift",
        "running",
        "interrupted",
        "blocked",
        "interrupted",
        "failed",
        "done",
    ]
    assert set(statuses) == set(operations.STATUSES)


def test_a_dead_process_of_this_machine_is_interrupted() -> None:
    here = actor.current({})
    assert operations.still_running(here)
    assert not operations.still_running({**here, "started": "0:0"})
    assert not operations.still_running({**here, "pid": None})


def test_another_machines_process_counts_as_running_for_a_day() -> None:
    now = datetime.datetime.now(datetime.UTC)
    there = {**some_actor(host="elsewhere"), "time": now.isoformat()}
    assert operations.still_running(there)
    there["time"] = (now - datetime.timedelta(days=2)).isoformat()
    assert not operations.still_running(there)


def test_an_outcome_whose_intent_is_damaged_is_still_shown(world: World) -> None:
    ran(world.journal(), "pip", "install", "a")
    ran(world.journal(), "pip", "install", "b", exit_code=3)
    for path in (world.primary, world.mirror):
        lines = world.lines(path)
        path.write_bytes(b"".join([*lines[:2], b"gone\n", lines[3]]))
    found = listed(world)
    assert [(item["status"], item["exit_code"]) for item in found] == [("done", 0), ("failed", 3)]


def test_a_damaged_line_hides_nothing_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for word in "abcdef":
        world.journal().append(intent(f"op-{word}", "pip", "install", word))
    lines = world.lines()
    lines[2] = b"\x00\xff\n"
    world.primary.write_bytes(b"".join(lines))
    world.mirror.unlink()
    assert [item["op"][-1] for item in listed(world)] == list("fedba")
    assert f"{world.primary}:3: not a whole record" in capsys.readouterr().err


def test_what_is_damaged_in_the_primary_is_read_from_the_mirror(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for word in "abc":
        ran(world.journal(), "pip", "install", word)
    before = listed(world)
    lines = world.lines()
    lines[2] = lines[2].replace(b'"user":"ada"', b'"user":"eve"')
    world.primary.write_bytes(b"".join(lines))
    assert listed(world) == before
    assert f"{world.primary}:3: not a whole record" in capsys.readouterr().err


@pytest.mark.parametrize("gone", [[1], [1, 2], [0], [0, 2]])
@pytest.mark.parametrize("copy", ["primary", "mirror"])
def test_a_closed_file_that_is_gone_is_read_from_the_other_copy(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    gone: list[int],
    copy: str,
) -> None:
    monkeypatch.setattr(store, "LIMIT", 3000)
    for number in range(20):
        ran(world.journal(), "pip", "install", f"p{number}")
    before = listed(world)
    assert len(before) == 20
    assert not capsys.readouterr().err
    directory = (world.primary if copy == "primary" else world.mirror).parent
    for file in [sorted(directory.glob("journal-0*.jsonl"))[number] for number in gone]:
        file.unlink()
    assert listed(world) == before
    said = capsys.readouterr().err
    assert (f"{world.primary}: records" in said) == (copy == "primary")
    assert listed(world, limit=1) == before[:1]
    assert not capsys.readouterr().err


def test_what_both_copies_have_lost_is_told_of(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for word in "abcd":
        world.journal().append(intent(f"op-{word}", "pip", "install", word))
    lines = world.lines()
    for path in (world.primary, world.mirror):
        path.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert [item["op"][-1] for item in listed(world)] == list("dca")
    assert f"{world.primary}: record 1 is missing" in capsys.readouterr().err


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "journal.jsonl"
    path.write_bytes(data)
    damages: list[read.Damage] = []
    assert list(read.records([str(path)], damages)) == []
    lines = data.split(b"\n")
    assert len(damages) == len(lines) - (lines[-1] == b"")
    assert [damage.number for damage in damages] == list(range(len(damages), 0, -1))


def test_limit_and_order(world: World) -> None:
    ops = [ran(world.journal(), "pip", "install", f"p{number}") for number in range(25)]
    assert [item["op"] for item in listed(world)] == ops[:4:-1]
    assert [item["op"] for item in listed(world, limit=3)] == ops[:-4:-1]
    assert len(listed(world, limit=None)) == 25


def test_interleaved_operations_keep_their_outcomes(world: World) -> None:
    journal = world.journal()
    journal.append(intent("op-1", "conda", "install", "a"))
    journal.append(intent("op-2", "pip", "install", "b"))
    journal.append(outcome("op-2"))
    journal.append(outcome("op-1", exit_code=1))
    found = [(item["op"], item["status"]) for item in listed(world)]
    assert found == [("op-2", "done"), ("op-1", "failed")]
    assert listed(world, limit=1)[0]["status"] == "done"


def test_filters(world: World) -> None:
    journal = world.journal()
    change = model.Change("Foo_bar", None, package("1", "pip", "foo-bar"))
    one = ran(journal, "pip", "install", "foo.bar", changes=[change])
    two = ran(journal, "conda", "install", "x", exit_code=1)

    def ops(**fields: str) -> list[str]:
        known: Any = {name: text if name in TIMES else (text,) for name, text in fields.items()}
        return [item["op"] for item in listed(world, chosen=select.Filter(**known))]

    assert ops(package="foo-bar") == ops(package="FOO_*") == ops(tool="pip") == [one]
    assert ops(status="failed") == ops(tool="conda") == [two]
    assert ops(verdict="allow", actor="ada") == [two, one]
    assert ops(actor="bob") == ops(package="foo") == ops(verdict="block") == []
    assert ops(since="2999-01-01") == ops(until="2001-01-01") == []
    assert ops(since="2001-01-01", until="2999") == [two, one]


def test_an_environment_that_is_gone_keeps_its_history(world: World) -> None:
    op = ran(world.journal(), "pip", "install", "a")
    world.prefix.rename(world.home / "elsewhere")
    assert [item["op"] for item in listed(world)] == [op]
    assert [item["op"] for item in listed(world, prefixes=None)] == [op]
    (known,) = read.known(world.settings.state_dir)
    assert (known.prefix, known.name) == (str(world.prefix), "nlp")


def test_all_environments_together(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    one = ran(world.journal(), "pip", "install", "a")
    two = ran(Journal.open(str(other), world.settings), "pip", "install", "b")
    three = ran(world.journal(primary=False), "pip", "install", "c")
    assert [item["op"] for item in listed(world, prefixes=None)] == [three, two, one]
    assert {item.prefix for item in read.known(world.settings.state_dir)} == {
        str(world.prefix),
        str(other),
    }


def test_the_mirror_may_be_ahead(world: World) -> None:
    one = ran(world.journal(), "pip", "install", "a")
    two = ran(world.journal(primary=False), "pip", "install", "b")
    assert [item["op"] for item in listed(world)] == [two, one]


def show(world: World, name: str, **options: Any) -> str:
    out = io.StringIO()
    history.history_show(name, [str(world.prefix)], world.settings, {}, out, **options)
    return out.getvalue()


def test_show(world: World) -> None:
    first = ran(world.journal(), "pip", "install", "a b")
    change = model.Change("numpy", package("1.26.4"), package("1.26.4", "pip"))
    last = ran(world.journal(), "conda", "install", "c", exit_code=2, changes=[change])
    assert last in show(world, "last")
    assert first in show(world, "last-1")
    assert first in show(world, first[:30].upper())
    assert last in show(world, "2")
    assert "pip install 'a b'" in show(world, first)
    assert "numpy 1.26.4 (conda) → 1.26.4 (pip)" in show(world, "last")
    assert "failed, exit code 2, 1.5s" in show(world, "last")
    full = json.loads(show(world, "last", as_json=True))
    assert list(full)[: len(FIELDS)] == FIELDS
    assert full["command"]["verb"] == "install"
    assert full["cwd"] == "/home/ann"


@pytest.mark.parametrize("name", ["last-2", "last-x", "ffffffff", "00", "019", "1", "77"])
def test_show_what_is_not_there(world: World, name: str) -> None:
    ran(world.journal(), "pip", "install", "a")
    with pytest.raises(UsageError, match=r"operation|fewer|short"):
        show(world, name)


def test_an_ambiguous_name_says_what_it_could_mean(world: World) -> None:
    ops = [ran(world.journal(), "pip", "install", "a") for _ in range(2)]
    with pytest.raises(UsageError, match=f"{ops[1]}, {ops[0]}"):
        show(world, ops[0][:8])


def test_diff(world: World) -> None:
    one, two, three = package("1"), package("2"), package("3")
    x = package("1", name="x")
    ran(world.journal(), "conda", "install", "x", changes=[model.Change("numpy", None, one)])
    ran(
        world.journal(),
        "pip",
        "install",
        "x",
        changes=[model.Change("numpy", one, two), model.Change("x", None, x)],
    )
    ran(
        world.journal(),
        "pip",
        "install",
        "y",
        changes=[model.Change("numpy", two, three), model.Change("x", x, None)],
    )

    def diff(names: str) -> str:
        out = io.StringIO()
        assert history.history_diff(names, [str(world.prefix)], world.settings, {}, out) == 0
        return out.getvalue()

    assert diff("last-2..last") == diff("last-2") == "numpy 1 → 3\n"
    assert diff("last-2..last-1") == "numpy 1 → 2\nx ∅ → 1\n"
    assert diff("last..last") == ""
    with pytest.raises(UsageError, match=r"write last-1\.\.last"):
        diff("last..last-1")


def test_the_id_in_the_table_names_the_operation_among_all(world: World) -> None:
    ops = [ran(world.journal(), "pip", "install", "a") for _ in range(30)]
    out = io.StringIO()
    history.history_list(None, world.settings, {}, out, limit=1)
    name = out.getvalue().splitlines()[1].split()[0]
    out = io.StringIO()
    history.history_show(name, None, world.settings, {}, out)
    assert ops[-1] in out.getvalue()
    assert ops[3] in show(world, select.short(ops[3]))
    assert ops[3] in show(world, ops[3][-8:].upper())


def table(world: World, environ: dict[str, str] | None = None) -> str:
    out = io.StringIO()
    history.history_list([str(world.prefix)], world.settings, environ or {}, out)
    return out.getvalue()


@pytest.mark.parametrize("length", [1, 9, 29, 200])
def test_the_table_fits_80_columns_and_has_the_newest_first(world: World, length: int) -> None:
    moved = [
        model.Change("p" * length, package("1.26.4"), package("2.2.6", "pip")) for _ in range(9)
    ]
    verdict = model.Verdict("block", (model.Finding("SI101", "base-env", "block", "It is."),))
    ran(world.journal(), "/envs/x/bin/pip", "install", "a" * length, changes=moved)
    world.journal().append(intent(ids.operation(), "conda", "install", "x" * length))
    world.journal().append(
        intent(ids.operation(), "x", prefix="/e/" + "e" * length, verdict=verdict)
    )
    lines = table(world).splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "and 5 more" in re.sub(r"\s+", " ", text)
    for word in ("Outcome", "interrupted", "block SI101", "1.5s"):
        assert word in text
    assert text.index("interrupted") < text.index("done")
    assert "/envs/x" not in text
    assert "\x1b" not in text


def test_colours_and_who_decides_on_them(world: World) -> None:
    ran(world.journal(), "pip", "install", "a")
    assert "\x1b[" in table(world, {"FORCE_COLOR": "1"})
    assert "\x1b[" not in table(world, {"FORCE_COLOR": "1", "NO_COLOR": "1"})


def test_what_was_typed_cannot_steer_the_terminal(world: World) -> None:
    ran(world.journal(), "pip", "install", "\x1b]0;evil\x07", "\udcff", "new\nline")
    text = table(world) + show(world, "last")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"\x1b" in text
    assert listed(world)[0]["argv"][3] == "\udcff"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_every_form_on_every_stream(world: World, encoding: str) -> None:
    ran(world.journal(), "pip", "install", "\udcff→😀")
    for form in history.FORMS:
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding=encoding)
        history.history_list([str(world.prefix)], world.settings, {}, out, form=form)
        out.flush()
        if form.startswith("json"):
            assert "\udcff→😀" in json.dumps(json.loads(raw.getvalue()), ensure_ascii=False)


def test_a_terminal_without_arrows(world: World) -> None:
    ran(world.journal(), "pip", "install", "x", changes=[model.Change("x", None, package("1"))])
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    history.history_show("last", [str(world.prefix)], world.settings, {}, out)
    history.history_list([str(world.prefix)], world.settings, {}, out)
    out.flush()
    assert b"x - -> 1" in raw.getvalue()


def test_csv_and_json_lines(world: World) -> None:
    change = model.Change("numpy", package("1"), package("2"))
    op = ran(world.journal(), "pip", "install", "a,b", changes=[change, change])
    out = io.StringIO()
    history.history_list([str(world.prefix)], world.settings, {}, out, form="csv")
    heading, row = csv.reader(io.StringIO(out.getvalue()))
    found = dict(zip(heading, row, strict=True))
    assert (found["op"], found["command"]) == (op, "pip install a,b")
    assert found["changes"] == "numpy 1 → 2; numpy 1 → 2"
    out = io.StringIO()
    history.history_list([str(world.prefix)], world.settings, {}, out, form="jsonl")
    assert [json.loads(line)["op"] for line in out.getvalue().splitlines()] == [op]


def test_a_table_for_spreadsheets_cannot_steer_a_terminal(tmp_path: Path) -> None:
    world = World(tmp_path)
    prefix = f"{world.prefix}\x1b]0;evil\x07"
    os.rename(world.prefix, prefix)
    world.prefix = type(tmp_path)(prefix)
    ran(world.journal(), "pip", "install", "a")
    out = io.StringIO()
    assert history.history_list([prefix], world.settings, {}, out, form="csv") == 0
    assert "\x1b" not in out.getvalue()
    assert r"\x1b]0;evil" in out.getvalue()
    heading, row = csv.reader(io.StringIO(out.getvalue()))
    assert len(heading) == len(row)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "now"),
        (-30, "now"),
        (5, "5s ago"),
        (150, "2min ago"),
        (7_300, "2h ago"),
        (3 * 86_400, "3d ago"),
        (30 * 86_400, "2026-10-23"),
        (-86_400, "2026-11-23"),
    ],
)
def test_ages(seconds: int, expected: str) -> None:
    now = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
    moment = now - datetime.timedelta(seconds=seconds)
    assert words.age(moment.isoformat(), now) == expected


def test_durations() -> None:
    said = [words.duration(seconds) for seconds in (None, 0.25, 9.96, 42.4, 61, 599, 3600)]
    assert said == ["", "0.2s", "10.0s", "42s", "1m01s", "9m59s", "60min"]


def test_a_pid_of_another_user_is_seen() -> None:
    assert operations.still_running({"host": os.uname().nodename, "pid": 1, "started": ""})
