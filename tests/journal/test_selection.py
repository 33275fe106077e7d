"""Choosing from a history: filters, names, and what they cost to read."""

from __future__ import annotations

import datetime
import io
import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from safeinstall import clock, model
from safeinstall.cli import history
from safeinstall.cli.app import app
from safeinstall.completion.answer import Typed
from safeinstall.completion.source import Source
from safeinstall.completion.table import ROOT
from safeinstall.errors import UsageError
from safeinstall.journal import Journal, ids, operations, seal, select
from safeinstall.journal.select import Filter
from tests.journal.conftest import World, intent, outcome
from tests.journal.conftest import actor as some_actor

if TYPE_CHECKING:
    from collections.abc import Iterator

OP = "019ca3b5-ac00-7000-8000-00000000000a"  # begins with its time in milliseconds
FINDING = model.Finding("SI202", "pip-over-conda", "warn", "Look out.")


def operation(op: str, *words: str, **fields: Any) -> dict[str, Any]:
    (found,) = operations.operations(
        [outcome(op), {"seq": 0, "chain": "c", "time": "", **intent(op, *words, **fields)}]
    )
    return {**found, **{name: fields[name] for name in ("time", "seq") if name in fields}}


def chosen(**wanted: tuple[str, ...]) -> list[str]:
    told = [
        operation("person", "pip", "install", "numpy"),
        operation("agent", "conda", "install", "x", actor=some_actor(agent="cursor")),
        operation("ci", "uv", "pip", "install", "x", actor=some_actor(ci="gitlab-ci")),
        operation("rule", "pip", "install", "y", verdict=model.Verdict("warn", (FINDING,))),
    ]
    for number, item in enumerate(told):
        item["time"] = f"2026-11-0{number + 1}"
    return [item["op"] for item in Filter(**wanted).of(told[::-1])][::-1]  # type: ignore[arg-type]


def test_one_of_several_values_is_enough_and_all_filters_must_be_met() -> None:
    assert chosen(actor=("person",)) == ["person", "rule"]
    assert chosen(actor=("agent",)) == chosen(actor=("cursor",)) == ["agent"]
    assert chosen(actor=("ci",)) == chosen(actor=("gitlab-ci",)) == ["ci"]
    assert chosen(actor=("ci", "cursor")) == ["agent", "ci"]
    assert chosen(tool=("uv", "conda")) == ["agent", "ci"]
    assert chosen(rule=("SI202", "SI101")) == chosen(verdict=("warn",)) == ["rule"]
    assert chosen(rule=("SI202",), tool=("conda",)) == []
    assert chosen() == ["person", "agent", "ci", "rule"]


def test_a_clock_that_was_wrong_hides_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops = []
    for moment in ("2026-11-25T08:00", "2026-11-02T03:00", "2026-11-25T09:00"):
        clock = int(datetime.datetime.fromisoformat(f"{moment}+00:00").timestamp() * 1e9)
        monkeypatch.setattr(time, "time_ns", lambda clock=clock: clock)
        ops.append(grown(world))
    out = io.StringIO()
    since = Filter(since="2026-11-25T00:00:00.000Z")
    history.history_list([str(world.prefix)], world.settings, {}, out, form="json", chosen=since)
    assert [item["op"] for item in json.loads(out.getvalue())] == [ops[2], ops[0]]
    for op in ops:
        assert op in cli(world, "show", op)[1]
        assert op in cli(world, "show", op[:13])[1]


@pytest.mark.parametrize("name", [OP, OP[-12:]])
def test_what_names_one_operation_alone_is_looked_for_no_further(name: str) -> None:
    def stream() -> Iterator[dict[str, Any]]:
        yield operation("0", "pip")
        yield operation(OP, "pip")
        raise AssertionError

    assert select.find(stream(), name)["op"] == OP


def test_a_number_is_looked_for_no_further_than_it_can_be() -> None:
    def stream() -> Iterator[dict[str, Any]]:
        for seq in (8, 6, 3):
            yield operation(f"op-{seq}", "pip") | {"seq": seq}
        raise AssertionError

    assert select.find(stream(), "6")["op"] == "op-6"
    with pytest.raises(UsageError, match="no operation has the number 5"):
        select.find(stream(), "5")


def test_every_handle_finds_its_operation() -> None:
    told = [
        operation(ids.operation(), "pip") | {"chain": chain, "seq": seq}
        for chain, seq in (("b", 5), ("b", 5), ("a", 9), ("b", 0), ("a", 0))
    ]
    names = select.handles(told)
    assert [name for name in names.values() if select.is_number(name)] == ["0"]
    assert all(select.find(iter(told), names[item["op"]]) is item for item in told)
    assert select.handles([]) == {}


def test_every_handle_finds_its_operation_in_a_copied_environment(world: World) -> None:
    before = [grown(world) for _ in range(4)]
    copy = str(world.prefix.parent / "copy")
    subprocess.run(["cp", "-a", str(world.prefix), copy], check=True)
    op = ids.operation()
    for record in (intent(op, "pip", "install", "y", prefix=copy), outcome(op)):
        Journal.open(copy, world.settings).append(record)
    told = list(history.operations_of([copy], world.settings, []))
    assert [item["op"] for item in told] == [op, *before[::-1]]
    for found, name in select.handles(told).items():
        assert found in cli(world, "show", name, "-p", copy)[1]
    assert "no operation has the number 6" in str(refused(world, "show", "6", "-p", copy))


def test_a_number_that_a_fork_gave_twice_is_refused(world: World) -> None:
    """An older primary put back, and used by somebody whose mirror does not know better."""
    ours = [grown(world) for _ in range(2)]
    older = b"".join(world.lines()[:2])
    world.primary.write_bytes(older)
    world.mirror.rename(world.home / "kept")
    theirs = grown(world)
    (world.home / "kept").replace(world.mirror)
    grown(world)
    error = str(refused(world, "show", "2"))
    assert "2 operations have the number 2; name one by its ID" in error
    assert ours[1] in error
    assert theirs in error
    assert ours[0] in cli(world, "show", "0")[1]


def grown(world: World) -> str:
    op = ids.operation()
    world.journal().append(intent(op, "pip", "install", "x", prefix=str(world.prefix)))
    world.journal().append(outcome(op))
    return op


@pytest.mark.parametrize("name", ["12345678", "01", "0193", "", "a1", "٣", "9" * 5000, "1.0", "-1"])
def test_what_is_no_number(name: str) -> None:
    assert not select.is_number(name)


def test_numbers_are_shorter_than_what_is_printed_of_an_id() -> None:
    assert all(map(select.is_number, ("0", "7", "1234567")))


def test_the_first_operation_has_the_number_0(world: World) -> None:
    for _ in range(2):
        op = grown(world)
    assert "(number 0)" in cli(world, "show", "0")[1]
    assert cli(world, "diff", "0..last") == (0, "")
    offered = Source({"HOME": str(world.home)}, "/").values(
        "operation", "0", Typed(ROOT, prefix=str(world.prefix))
    )
    assert {"0", op} <= {name for name, _ in offered}
    assert "numbers count within one environment" in str(refused(world, "show", "0", "--all"))


def refused(world: World, *words: str) -> UsageError:
    done = CliRunner().invoke(
        app, ["history", "-p", str(world.prefix), *words], env={"HOME": str(world.home)}
    )
    assert isinstance(done.exception, UsageError)
    return done.exception


def cli(world: World, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        app, ["history", "-p", str(world.prefix), *words], env={"HOME": str(world.home)}
    )
    return done.exit_code, " ".join(done.output.replace("│", "").split())


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("--status", "broken"), "done, failed, blocked, interrupted, running, drift"),
        (("--verdict", "warn,no"), "allow, warn, block"),
        (("--tool", "poetry"), "conda, mamba, micromamba, pip, uv"),
        (("--rule", "SI999"), "SI101"),
        (("--since", "yesterdayish"), "yesterday, '2 hours ago', 2026-11-20T14:00"),
        (("--until", "2026-13-01"), "yesterday, '2 hours ago', 2026-11-20T14:00"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(
    world: World, words: tuple[str, ...], known: str
) -> None:
    status, said = cli(world, *words)
    assert status == 2
    assert known in said
    assert f"Invalid value for {words[0]}" in said


def test_figures_of_any_size_are_no_internal_error(world: World) -> None:
    op = grown(world)
    for time_ in ("0999-05-05", "0002-01-01"):
        status, said = cli(world, "--since", time_)
        assert (status, "pip install x" in said) == (0, True)
        assert cli(world, "--until", time_)[0] == 0
    assert cli(world, "--since", "0001-01-01")[0] == 2
    status, said = cli(world, "--limit", "9" * 20)
    assert (status, "is not in the range" in said) == (2, True)
    for digits in ("9" * 20, "9" * 5000):
        assert "the journal has fewer operations" in str(refused(world, "show", f"last-{digits}"))
    assert op in cli(world, "show", "last-00")[1]
    assert "names no operation" in str(refused(world, "show", "last-٣"))


def test_filters_from_the_command_line(world: World) -> None:
    for word in ("numpy", "scipy"):
        op = ids.operation()
        world.journal().append(intent(op, "pip", "install", word, prefix=str(world.prefix)))
        world.journal().append(outcome(op, exit_code=int(word == "scipy")))
    assert "pip install numpy" in cli(world)[1]
    status, said = cli(world, "--status", "FAILED,interrupted", "--since", "1h", "--rule", "")
    assert (status, "scipy" in said, "numpy" in said) == (0, True, False)
    assert cli(world, "--until", "yesterday")[0] == 0


def test_forms_exclude_one_another(world: World) -> None:
    for words in (("--json", "--csv"), ("--graph", "--json"), ("--svg", "x", "--jsonl")):
        done = CliRunner().invoke(app, ["history", *words])
        assert isinstance(done.exception, UsageError)


def fill(world: World, count: int) -> None:
    """A journal of so many records, written as the journal writes them."""
    world.primary.parent.mkdir()
    end: dict[str, Any] = {"chain": ids.chain(), "seq": -1, "hash": ""}
    begin = 1_790_000_000_000_000_000
    with world.primary.open("wb") as file:
        for number in range(count):
            op = f"op-{number // 2:08}"
            entry = outcome(op) if number % 2 else intent(op, "pip", "install", "x")
            moment = clock.instant(begin + number * 60_000_000_000)
            link = {"chain": end["chain"], "seq": number, "prev": end["hash"]}
            end = {**entry, "schema": seal.SCHEMA, "time": moment, **link}
            data, end["hash"] = seal.seal(end)
            file.write(data)
    world.mirror.parent.mkdir(parents=True)
    world.mirror.write_bytes(world.primary.read_bytes())


def bytes_read(world: World, monkeypatch: pytest.MonkeyPatch, **options: Any) -> int:
    read: list[int] = []

    def counting(name: str) -> Any:
        real = getattr(os, name)

        def call(*arguments: Any) -> bytes:
            data: bytes = real(*arguments)
            read.append(len(data))
            return data

        return call

    with monkeypatch.context() as patch:
        for name in ("pread", "read"):
            patch.setattr(os, name, counting(name))
        out = io.StringIO()
        history.history_list([str(world.prefix)], world.settings, {}, out, **options)
    return sum(read)


def test_the_last_50_cost_the_same_however_long_the_journal(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (1_000, 4_000):
        world = World(tmp_path_factory.mktemp("world"))
        fill(world, count)
        costs.append(
            [bytes_read(world, monkeypatch, limit=50, form=form) for form in history.FORMS]
        )
        assert os.path.getsize(world.primary) > 2 * max(costs[-1])
    assert costs[0] == pytest.approx(costs[1], rel=0.02)
