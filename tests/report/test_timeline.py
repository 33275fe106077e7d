"""Operations on a time line: where each stands, and what stands beside it."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from safeinstall.probe.past_changes import Episode
from safeinstall.report import timeline
from safeinstall.report.timeline import Event
from tests.render.operations import blocked, change, drift, operation

DAY = 86_400.0


def event(moment: float, lane: str = "pip", kind: str = "done") -> Event:
    return Event(moment, lane, kind, 1)


def columns(line: timeline.Timeline) -> list[int]:
    """Of each event, in the order of time."""
    placed = [(e.time, column) for (_, column), events in line.cells.items() for e in events]
    return [column for _, column in sorted(placed)]


times = st.lists(st.floats(0, 4e9), min_size=1, max_size=60)


@given(times, st.integers(8, 200), st.sampled_from([1.0, 1e-6, 1e-9]))
def test_every_event_has_its_place_and_the_order_is_kept(
    moments: list[float], width: int, closer: float
) -> None:
    found = [event(moment * closer) for moment in sorted(moments)]
    line = timeline.draw(found, width)
    placed = columns(line)
    assert len(placed) == len(found)
    assert placed == sorted(placed)
    assert 0 <= placed[0] <= placed[-1] < width
    breaks = [item.column for item in line.breaks]
    assert not set(breaks) & set(placed)
    assert all(item.seconds >= 3600 for item in line.breaks)
    assert len(breaks) <= width // 12
    assert list(line.times) == sorted(set(placed))


def test_long_idle_times_become_breaks() -> None:
    week = [event(minute * 60.0) for minute in range(10)]
    later = [event(30 * DAY + minute * 60.0) for minute in range(10)]
    line = timeline.draw([*week, *later], 60)
    (gap,) = line.breaks
    assert round(gap.seconds / DAY) == 30
    assert len(set(columns(line))) == 20  # what is crowded in time is drawn apart


def test_what_comes_evenly_has_no_breaks() -> None:
    assert timeline.draw([event(day * DAY) for day in range(20)], 80).breaks == ()


def test_handing_over_is_marked_where_it_is_inside() -> None:
    found = [event(day * DAY) for day in range(20)]
    moment = "1970-01-10T12:00:00.000Z"
    line = timeline.draw(found, 80, moment)
    assert line.handed_over is not None
    column, when = line.handed_over
    assert columns(line)[9] <= column <= columns(line)[10]
    assert when == datetime.datetime.fromisoformat(moment).timestamp()
    assert timeline.draw(found, 80, "1999-01-01T00:00:00.000Z").handed_over is None
    assert timeline.draw(found, 80, "nonsense").handed_over is None


def lanes(
    *operations: dict[str, Any], past: tuple[Episode, ...] = ()
) -> list[tuple[str, str, int]]:
    return [(e.lane, e.kind, e.size) for e in timeline.events(operations, past)]


def test_lanes() -> None:
    assert lanes(operation("mamba", "install", "x")) == [("conda", "done", 0)]
    assert lanes(blocked("uv", "pip", "install", "x")) == [("pip", "blocked", 0)]
    assert lanes(operation("poetry", "add")) == [("others", "done", 0)]
    moved = [
        change("a", "1", None, was="conda", owner=""),
        change("b", None, "1"),
        change("c", None, "1"),
    ]
    moved[0]["after"] = None
    assert sorted(lanes(drift(*moved))) == [("conda", "drift", 1), ("pip", "drift", 2)]
    assert lanes(drift(change("d", None, "1", owner="poetry"))) == [("others", "drift", 1)]


def test_the_past_ends_where_the_journal_begins() -> None:
    past = tuple(Episode(f"2026-1{n}-01T00:00:00.000Z", "conda", ("a", "b")) for n in range(3))
    first = operation("pip", "install", "x", time="2026-11-15T00:00:00.000Z")
    assert lanes(first, past=past) == [
        ("conda", "past", 2),
        ("conda", "past", 2),
        ("pip", "done", 0),
    ]
    assert len(lanes(past=past)) == 3


def test_a_damaged_time_is_left_out() -> None:
    assert lanes(operation("pip", "install", "x", time="when?")) == []
