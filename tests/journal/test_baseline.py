"""A baseline holds every package, in records of a bounded size, all of them or none."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import pytest

from safeinstall import clock, model
from safeinstall.guard import background
from safeinstall.journal import baseline
from safeinstall.probe import processes
from safeinstall.settings import Session
from tests.journal.conftest import World, actor, facts, intent, outcome
from tests.journal.test_append import chain_of


def packages(count: int) -> tuple[model.Package, ...]:
    return tuple(
        model.Package(f"package-{n:04d}", f"1.{n}", "conda", build="py311_0", source="conda-forge")
        for n in range(count)
    )


def environment(prefix: str = "/envs/nlp") -> model.Environment:
    return model.Environment(prefix=prefix, kind="conda", name="nlp", python="3.11")


def test_a_thousand_packages_are_all_there_and_no_line_is_long(world: World) -> None:
    held = model.Inventory(packages=packages(1000))
    past = [{"time": clock.now(), "owner": "conda", "names": ["x"] * 700} for _ in range(9)]
    entries = baseline.entries(actor(), environment(), held, past)
    world.journal().extend(entries)
    lines = world.lines()
    assert max(map(len, lines)) < 64_000
    kept = chain_of(world.primary)
    assert {record["op"] for record in kept} == {entries[0]["op"]}
    assert [(r["part"], r["parts"]) for r in kept] == [(n, 5) for n in range(1, 6)]
    assert [c["name"] for r in kept for c in r["changes"]] == [p.name for p in held.packages]
    assert [item for r in kept for item in r.get("past", [])] == past
    assert kept[0]["changes"][0] == {
        "name": "package-0000",
        "before": None,
        "after": {
            "version": "1.0",
            "owner": "conda",
            "build": "py311_0",
            "source": "conda-forge",
        },
    }


def test_all_parts_or_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    real = os.write

    def counting(fd: int, data: bytes) -> int:
        writes.append(len(data))
        return real(fd, data)

    monkeypatch.setattr(os, "write", counting)
    held = model.Inventory(packages=packages(600))
    world.journal().extend(baseline.entries(actor(), environment(), held))
    assert len(writes) == 2  # one for each copy


def test_what_was_overwritten_is_told(world: World) -> None:
    held = model.Inventory(packages=packages(1), overwritten=packages(1))
    (entry,) = baseline.entries(actor(), environment(), held)
    assert entry["overwritten"][0]["before"]["version"] == "1.0"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], True),
        (["intent"], True),  # interrupted
        (["blocked", "intent"], True),
        (["intent", "outcome"], False),
        (["intent", "outcome", "blocked", "intent"], False),
        (["drift"], False),
        (["intent", "baseline", "repair"], False),
    ],
)
def test_needed_until_a_record_tells_of_a_state(
    world: World, kinds: list[str], expected: bool
) -> None:
    for kind in kinds:
        entry: dict[str, Any] = {"op": "x", "kind": kind}
        if kind in ("intent", "blocked"):
            entry = intent("x")
        if kind == "outcome":
            entry = outcome("x")
        world.journal().append({**entry, "kind": "outcome" if kind == "blocked" else kind})
    assert baseline.needed(world.journal(), model.Inventory(packages=packages(1))) is expected
    assert not baseline.needed(world.journal(), model.Inventory())


def test_a_past_that_takes_too_long_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = facts(prefix=str(world.prefix)).replace(inventory=model.Inventory(packages=packages(3)))
    monkeypatch.setattr(background.Background, "_work", lambda _: None)  # never comes to an end
    busy = background.Background(met, Session(world.settings, {}, "/"))
    assert busy.beginning() == []  # the tool was never started
    busy = background.Background(met, Session(world.settings, {}, "/"))
    busy.start()
    (entry,) = busy.beginning()
    assert ([c["name"] for c in entry["changes"]], entry["past"]) == (
        ["package-0000", "package-0001", "package-0002"],
        [],
    )


def test_a_bug_does_not_speak_up_between_the_lines_of_the_tool(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []

    def broken(*_: object) -> None:
        said.append("broken")
        raise RuntimeError("a bug")

    monkeypatch.setattr(processes, "running", broken)
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    busy = background.Background(facts(prefix=str(world.prefix)), Session(world.settings, {}, "/"))
    busy.start()
    assert busy.running() == ()
    time.sleep(0.1)  # the thread may still be about to end
    assert said == ["broken"]
