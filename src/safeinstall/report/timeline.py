"""Operations on a time line, by owner: the column for each event. Pure.

Time is not to scale: a long idle time becomes a break of one column, and events that follow each
other closely are drawn further apart. The order is always kept.
"""

from __future__ import annotations

import bisect
import datetime
import itertools
from typing import TYPE_CHECKING

from safeinstall.model import CONDA_LIKE, CONDA_OWNERS, PIP_LIKE
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Json
    from safeinstall.probe.past_changes import Episode

LANES = ("conda", "pip", "others")

KINDS = ("blocked", "drift", "failed", "interrupted", "running", "done", "past")
"""The kinds of events, the most remarkable first; ``past`` is from before the journal began."""

_COLUMNS_A_BREAK = 12  # at most one break for so many columns
_IDLE_SHARE = 0.15  # a gap with this share of the remaining time is a break
_LEAST_IDLE = 3600.0  # seconds; a shorter gap is no break


class Event(Value):
    """An operation, or a part of one, in the lane of its tool or owner."""

    time: float  # seconds since 1970
    lane: str
    kind: str
    size: int  # packages changed
    operation: Json | None = None  # None for an event from before the journal
    names: tuple[str, ...] = ()  # of the packages


class Break(Value):
    """An idle time, drawn as one column."""

    column: int
    seconds: float


class Timeline(Value):
    """The events in their columns, and what the columns stand for."""

    columns: int
    cells: Mapping[tuple[str, int], tuple[Event, ...]]  # by lane and column, oldest first
    breaks: tuple[Break, ...]
    begin: float
    end: float
    handed_over: tuple[int, float] | None = None  # column and time

    @property
    def crowded(self) -> bool:
        """Are there more events than columns?"""
        return sum(map(len, self.cells.values())) > self.columns

    @property
    def times(self) -> dict[int, float]:
        """The columns with events, in order, each with the time of its first event."""
        found: dict[int, float] = {}
        for (_, column), events in self.cells.items():
            found[column] = min(events[0].time, found.get(column, events[0].time))
        return dict(sorted(found.items()))

    @property
    def lanes(self) -> list[str]:
        """The lanes to draw; ``others`` only if it has events."""
        used = {lane for lane, _ in self.cells}
        return [lane for lane in LANES if lane != "others" or lane in used]


def worst(events: Iterable[Event]) -> str:
    """The most remarkable kind among the events."""
    return min((event.kind for event in events), key=KINDS.index)


def events(operations: Iterable[Json], past: Iterable[Episode]) -> list[Event]:
    """The events of the operations and of the episodes before them, oldest first."""
    found = sorted((e for item in operations for e in _of_operation(item)), key=_time)
    begin = found[0].time if found else float("inf")
    before = (_of_episode(episode) for episode in past)
    return sorted([*(e for e in before if e.time < begin), *found], key=_time)


def draw(found: Sequence[Event], columns: int, handed_over: str | None = None) -> Timeline:
    """The events (at least one; oldest first) on a time line of ``columns``."""
    scale = _Scale([event.time for event in found], columns)
    cells: dict[tuple[str, int], tuple[Event, ...]] = {}
    for event in found:
        place = (event.lane, scale.column(event.time))
        cells[place] = (*cells.get(place, ()), event)
    moment = seconds(handed_over)
    inside = moment is not None and found[0].time <= moment <= found[-1].time
    return Timeline(
        columns=columns,
        cells=cells,
        breaks=tuple(scale.breaks()),
        begin=found[0].time,
        end=found[-1].time,
        handed_over=(scale.column(moment), moment) if inside and moment else None,
    )


def seconds(instant: str | None) -> float | None:
    """A time of the journal in seconds since 1970; ``None`` for an invalid text."""
    try:
        return datetime.datetime.fromisoformat(instant or "").timestamp()
    except (ValueError, OverflowError):
        return None


def _of_operation(item: Json) -> Iterator[Event]:
    moment = seconds(item["time"])
    if moment is None:
        return
    names = [str(change["name"]) for change in item["changes"]]
    if item["status"] != "drift":
        lane = _lane_of_tool((item["tool"] or {}).get("name"))
        yield Event(moment, lane, item["status"], len(names), item, tuple(names))
        return
    by_lane: dict[str, list[str]] = {}
    for change in item["changes"]:
        side = change["after"] or change["before"] or {}
        by_lane.setdefault(_lane_of_owner(str(side.get("owner"))), []).append(str(change["name"]))
    for lane, changed in by_lane.items():
        yield Event(moment, lane, "drift", len(changed), item, tuple(changed))


def _of_episode(episode: Episode) -> Event:
    lane, names = _lane_of_owner(episode.owner), episode.names
    return Event(seconds(episode.time) or 0.0, lane, "past", len(names), names=names)


def _lane_of_tool(tool: object) -> str:
    return "conda" if tool in CONDA_LIKE else "pip" if tool in PIP_LIKE else "others"


def _lane_of_owner(owner: str) -> str:
    return "conda" if owner in CONDA_OWNERS else _lane_of_tool(owner)


def _time(event: Event) -> float:
    return event.time


class _Scale:
    """Maps times to columns."""

    def __init__(self, times: Sequence[float], columns: int) -> None:
        self.parts = _parts(sorted(times), max(columns // _COLUMNS_A_BREAK, 0))
        self.widths = _widths(self.parts, columns - (len(self.parts) - 1))
        self.starts = [0, *itertools.accumulate(width + 1 for width in self.widths)][:-1]
        self.begins = [part[0] for part in self.parts]

    def column(self, moment: float) -> int:
        """The column for a time: half by time, half by order, so that close events are spread."""
        number = max(bisect.bisect_right(self.begins, moment) - 1, 0)
        part, room = self.parts[number], self.widths[number] - 1
        duration = part[-1] - part[0]
        if not duration:
            return self.starts[number]
        by_time = min((moment - part[0]) / duration, 1.0)
        by_order = min(bisect.bisect_left(part, moment) / (len(part) - 1), 1.0)
        return self.starts[number] + round(room * (by_time + by_order) / 2)

    def breaks(self) -> Iterator[Break]:
        for number, (before, after) in enumerate(itertools.pairwise(self.parts), 1):
            yield Break(self.starts[number] - 1, after[0] - before[-1])


def _parts(times: Sequence[float], most: int) -> list[list[float]]:
    """The times, cut at long gaps: the longest gaps first, as long as a gap takes at least
    ``_IDLE_SHARE`` of the remaining time.
    """
    gaps = [(later - earlier, n) for n, (earlier, later) in enumerate(itertools.pairwise(times), 1)]
    left, cuts = times[-1] - times[0], []
    for gap, number in sorted(gaps, reverse=True)[:most]:
        if gap < max(_IDLE_SHARE * left, _LEAST_IDLE):
            break
        cuts.append(number)
        left -= gap
    edges = [0, *sorted(cuts), len(times)]
    return [list(times[begin:end]) for begin, end in itertools.pairwise(edges)]


def _widths(parts: Sequence[Sequence[float]], columns: int) -> list[int]:
    """The number of columns for each part: at least one, the rest by duration and events."""
    durations, counts = [part[-1] - part[0] for part in parts], [len(part) - 1 for part in parts]
    shares = [_share(durations, n) + _share(counts, n) for n in range(len(parts))]
    whole, rest = sum(shares), max(columns - len(parts), 0)
    if not whole:
        return [1] * len(parts)
    edges = [round(rest * edge / whole) for edge in itertools.accumulate(shares, initial=0.0)]
    return [1 + end - begin for begin, end in itertools.pairwise(edges)]


def _share(values: Sequence[float], number: int) -> float:
    whole = sum(values)
    return values[number] / whole if whole else 0.0
