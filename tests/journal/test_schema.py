"""Records whose seal is right, and whose content is anything."""

from __future__ import annotations

import contextlib
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeinstall import canonical, clock, model
from safeinstall.cli import history, status
from safeinstall.errors import UsageError
from safeinstall.journal import ids, operations, schema, seal, snapshot
from tests.journal.conftest import World, intent, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGE = model.Change("numpy", None, model.Package("numpy", "1.26.4", "pip"))

STRANGE: list[dict[str, Any]] = [
    *({"tool": "pip"}, {"actor": "me"}, {"changes": [1]}, {"findings": ["x"]}, {"argv": 1.5}),
    *({"verdict": [{}]}, {"environment": ["x"]}, {"schema": 2}, {"warnings": {"a": 1}}),
    *({"changes": [{"name": "x", "before": None}]}, {"changes": [{"name": "x", "after": "1"}]}),
    *({"time": 5}, {"kind": ["intent"]}, {"op": 7}, {"command": {"specs": [1]}}),
    *({"duration_s": 1e16}, {"actor": {"parents": 1}}, {"environment": {"prefix": []}}),
    *({"findings": [{"evidence": 3}]}, {"findings": [{"rule": {}}]}, {"origin": "x"}),
]


def grown(world: World) -> str:
    op = ids.operation()
    world.journal().append(intent(op, "pip", "install", "numpy", prefix=str(world.prefix)))
    world.journal().append(outcome(op, changes=[CHANGE], warnings=["look out"]))
    return op


def add(world: World, record: dict[str, Any]) -> None:
    """A line as nobody of ours would write it, and a seal that fits."""
    last = seal.read(world.lines()[-1])
    assert last
    link = {"chain": last["chain"], "seq": last["seq"] + 1, "prev": last["hash"]}
    body = json.dumps({**record, **link}, separators=(",", ":")).encode()
    data = body[:-1] + seal.closing(canonical.digest(body))
    for path in (world.primary, world.mirror):
        path.write_bytes(path.read_bytes() + data)


def read_all(world: World) -> str:
    """Everything that reads: what was said on stdout."""
    out, prefix, known = io.StringIO(), str(world.prefix), world.settings
    for form in history.FORMS:
        for prefixes in ([prefix], None):
            assert history.history_list(prefixes, known, {}, out, form=form, limit=None) == 0
    history.history_diff("baseline..", [prefix], known, {}, out)
    for as_json in (False, True):
        status.status(prefix, known, {}, out, as_json=as_json)
        for name in ("last", "last-1", "last-2"):
            show(name, prefix, known, out, as_json=as_json)
    return out.getvalue()


def show(name: str, prefix: str, known: Any, out: io.StringIO, *, as_json: bool) -> None:
    with contextlib.suppress(UsageError):  # there may be fewer
        history.history_show(name, [prefix], known, {}, out, as_json=as_json)


@pytest.mark.parametrize("kind", ["intent", "outcome", "blocked", "drift", "baseline", "origin"])
@pytest.mark.parametrize("wrong", STRANGE, ids=str)
def test_one_strange_record_hides_no_other(
    world: World, kind: str, wrong: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    first = grown(world)
    made = {**intent("op-strange", "pip", "install", "x"), "kind": kind, "changes": []}
    if kind == "outcome":
        del made["argv"]
    add(world, {"schema": 1, "time": clock.now(), **made, **wrong})
    last = grown(world)
    text = read_all(world)
    assert first in text
    assert last in text
    (field,) = wrong
    said = capsys.readouterr().err
    assert f"{field!r} is not as a record has it, passed over" in said
    assert str((seal.read(world.lines()[2]) or {})["hash"]) in said


def test_what_we_write_is_not_strange(world: World) -> None:
    grown(world)
    assert [schema.fault(seal.read(data) or {}) for data in world.lines()] == ["", ""]
    damages: list[Any] = []
    assert list(operations.operations([{"op": "x", "kind": "drift"}], damages=damages))
    assert damages == []


@pytest.mark.parametrize("prefix", ["a\0b", "\ud8ff"], ids=["NUL", "surrogate"])
def test_a_prefix_that_is_no_path_hides_nothing(world: World, prefix: str) -> None:
    first = grown(world)
    made = intent("op-strange", "pip", "install", "x")
    made["environment"] = {**made["environment"], "prefix": prefix}
    add(world, {"schema": 1, "time": clock.now(), **made})
    out = io.StringIO()
    history.history_list(None, world.settings, {}, out, limit=None, form="json")
    assert first in out.getvalue()


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
NAMES = st.sampled_from(("name", "before", "after", "version", "owner", "rule", "specs", "prefix"))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXT, inner, max_size=4),
    max_leaves=8,
)


def near(write: Callable[[], dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Records as we write them, with some fields exchanged for anything."""
    record = write()
    some = st.dictionaries(st.sampled_from(sorted(record)), JSON, max_size=2)
    return some.map(lambda changed: {**record, **changed})


RECORDS = (
    near(lambda: {**intent("op-1", "pip", "install", "x"), "schema": 1, "time": clock.now()})
    | near(lambda: {**outcome("op-1", changes=[CHANGE]), "schema": 1, "time": clock.now()})
    | near(lambda: {**intent("op-2", "pip"), **outcome("op-2"), "schema": 1})
    | near(lambda: {"op": "op-3", "kind": "drift", "changes": [], "time": clock.now()})
    | near(lambda: {"op": "op-4", "kind": "baseline", "changes": [], "environment": {}})
    | near(lambda: {"op": "op-5", "kind": "origin", "origin": {}, "environment": {}})
    | st.dictionaries(st.sampled_from(["op", "kind", "time", "tool", "argv"]) | st.text(), JSON)
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(RECORDS, max_size=3))
def test_no_record_makes_reading_fail(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    world = World(tmp_path_factory.mktemp("any"))
    snapshot.keep(world.journal(), -1, model.Inventory())
    op = grown(world)
    for record in records:
        add(world, record)
    assert op in read_all(world)
