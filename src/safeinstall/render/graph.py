"""``history --graph``: the operations on a time line, a lane for each owner, in the terminal."""

from __future__ import annotations

import collections
import datetime
import math
from typing import TYPE_CHECKING

from safeinstall.output.shown import one_line
from safeinstall.render import words
from safeinstall.render.look import LANES, console
from safeinstall.report.timeline import KINDS, draw, worst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from rich.text import Text

    from safeinstall.render.look import Look
    from safeinstall.report.timeline import Event, Timeline

REMARKABLE = ("blocked", "drift", "failed", "interrupted", "running")

MOST_REMARKS = 8
_LABEL = 12  # columns before the lanes
_TOTAL = 7  # columns behind the bars
_STEPS = " ▁▂▃▄▅▆▇█"
_PLAIN_STEPS = " .:-=+*#@"
_SIGNS = {
    "blocked": ("✗", "x", "bold red"),
    "drift": ("◆", "%", "yellow"),
    "failed": ("○", "o", "red"),
    "interrupted": ("◐", "c", "yellow"),
    "running": ("▶", ">", "cyan"),
    "done": ("●", "*", ""),
    "past": ("◦", "'", "dim"),
}
"""For each kind: sign in Unicode, sign in ASCII, style. Without a colour, that of the lane."""

_MEANINGS = {
    "blocked": "blocked",
    "drift": "drift",
    "failed": "failed",
    "interrupted": "interrupted",
    "running": "running",
    "done": "done",
    "past": "before the journal",
}


def as_text(
    title: str, found: Sequence[Event], look: Look, out: TextIO, handed_over: str | None = None
) -> None:
    """Draw the events (at least one; oldest first)."""
    from rich.text import Text

    room = max(look.width - _LABEL, _LABEL)
    line = draw(found, room, handed_over)
    if line.crowded:
        line = draw(found, room - _TOTAL, handed_over)
    page = console(look, out)
    page.print(Text.assemble((one_line(title), "bold"), f"  {caption(line, found)}"))
    page.print()
    for row in _bars(line, look) if line.crowded else (_lane(n, line, look) for n in line.lanes):
        page.print(row, no_wrap=True)
    page.print(_axis(line), no_wrap=True)
    if line.handed_over:
        page.print(_handed_over(line, look), no_wrap=True, overflow="crop")
    page.print()
    for remark in remarks(found):
        page.print(_remark(remark, look), no_wrap=True, overflow="crop")
    page.print(_legend(found, line, look))


def caption(line: Timeline, found: Sequence[Event]) -> str:
    """``2026-11-01 to 2026-11-22, 48 operations``."""
    begin, end = (local(moment) for moment in (line.begin, line.end))
    days = f"{begin:%Y-%m-%d}" + (f" to {end:%Y-%m-%d}" if end.date() != begin.date() else "")
    ids = {_id(event) for event in found if event.operation}
    before = sum(event.kind == "past" for event in found)
    counts = [words.counted(len(ids), "operation")] if ids else []
    counts += [f"{before:,} before the journal"] if before else []
    return ", ".join([days, *counts])


def remarks(found: Sequence[Event]) -> list[Event]:
    """The newest remarkable events, which get a line of text; oldest first, each operation once."""
    chosen = {e.operation["op"]: e for e in found if e.kind in REMARKABLE and e.operation}
    return list(chosen.values())[-MOST_REMARKS:]


def remark(event: Event, look: Look) -> str:
    """The text for an event: its command and rules, or for drift the changes."""
    item = event.operation
    assert item is not None
    if event.kind != "drift":
        rules = f" {look.dot} {words.rules(item)}" if event.kind == "blocked" else ""
        return words.shortened(item, look, 80) + rules
    changed = words.changes(item, look)
    more = f" and {len(changed) - 2} more" if len(changed) > 2 else ""
    return ", ".join(changed[:2]) + more


def ticks(line: Timeline, room: int) -> Iterator[tuple[int, str]]:
    """The columns with a label, and the label (a date or a time): after each break, and in between
    as far as there is room. ``room`` is the width of a label.
    """
    after_break = {item.column + 1 for item in line.breaks}
    free, last, said = 0, "", ""
    for column, moment in line.times.items():
        if column >= free and (not last or column in after_break or column >= free + room):
            day = _day(local(moment), line)
            label = f"{local(moment):%H:%M}" if day == last else day
            if label != said:
                yield column, label
            free, last, said = column + room, day, label


def _day(moment: datetime.datetime, line: Timeline) -> str:
    years = local(line.begin).year != local(line.end).year
    return f"{moment:%Y-%m}" if years else f"{moment:%d %b}"


def local(moment: float) -> datetime.datetime:
    """Seconds since 1970 as a time in the machine's time zone."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).astimezone()


def _lane(lane: str, line: Timeline, look: Look) -> Text:
    from rich.text import Text

    text = Text(f"{lane:<{_LABEL}}", style=LANES[lane])
    idle = {item.column for item in line.breaks}
    for column in range(line.columns):
        events = line.cells.get((lane, column), ())
        if events:
            text.append(*_sign(events, lane, look))
        elif column in idle:
            text.append("┊" if look.signs else ":", "dim not bold")
        else:
            text.append("─" if look.signs else "-", "dim")
    return text


def _bars(line: Timeline, look: Look) -> Iterator[Text]:
    """Bars, for more events than there is room for signs: how many of each owner, and of each
    remarkable kind.
    """
    for lane in line.lanes:
        columns = [
            place[1] for place, events in line.cells.items() for _ in events if place[0] == lane
        ]
        yield _bar(lane, columns, line, look, LANES[lane])
    # A drift operation may have events in two lanes, and is counted once.
    each = {(_id(e), e.kind, column) for (_, column), es in line.cells.items() for e in es}
    for kind in REMARKABLE:
        if columns := [column for _, name, column in each if name == kind]:
            yield _bar(kind, columns, line, look, _SIGNS[kind][2])


def _id(event: Event) -> str:
    return str(event.operation["op"]) if event.operation else ""


def _bar(label: str, columns: Sequence[int], line: Timeline, look: Look, style: str) -> Text:
    from rich.text import Text

    counts = collections.Counter(columns)
    steps = _STEPS if look.signs else _PLAIN_STEPS
    most = max(counts.values(), default=1)
    idle = {item.column for item in line.breaks}
    text = Text(f"{label[: _LABEL - 1]:<{_LABEL}}", style=style)
    for column in range(line.columns):
        height = math.ceil(counts[column] * (len(steps) - 1) / most)
        text.append(("┊" if look.signs else ":") if column in idle else steps[height])
    return text.append(f"{len(columns):>{_TOTAL},}", "not bold")


def _sign(events: Sequence[Event], lane: str, look: Look) -> tuple[str, str]:
    """The sign and style for the events in a cell: the sign of the most remarkable kind, or for
    several unremarkable ones their number.
    """
    kind = worst(events)
    sign, plain, style = _SIGNS[kind]
    if kind not in REMARKABLE and len(events) > 1:
        return str(len(events)) if len(events) < 10 else "+", style or f"bold {LANES[lane]}"
    return sign if look.signs else plain, style or LANES[lane]


def _axis(line: Timeline) -> Text:
    from rich.text import Text

    row = [" "] * (line.columns + _LABEL)
    for column, label in ticks(line, 8):
        start = min(column + _LABEL, len(row) - len(label))
        row[start : start + len(label)] = label
    return Text("".join(row).rstrip(), style="dim")


def _handed_over(line: Timeline, look: Look) -> Text:
    from rich.text import Text

    assert line.handed_over is not None
    column, moment = line.handed_over
    sign = "▲" if look.signs else "^"
    said = f"handed over to pip, {local(moment):%Y-%m-%d %H:%M}"
    start = _LABEL + column
    if start + 2 + len(said) <= look.width:
        return Text(" " * start + f"{sign} {said}", style=LANES["pip"])
    return Text(f"{said} {sign}".rjust(start + 1), style=LANES["pip"])


def _remark(event: Event, look: Look) -> Text:
    from rich.text import Text

    sign, plain, style = _SIGNS[event.kind]
    when = f"{local(event.time):%Y-%m-%d %H:%M}"
    said = words.clipped(remark(event, look), look, max(look.width - 20, 10))
    return Text.assemble((sign if look.signs else plain, style), (f" {when}  ", "dim"), said)


def _legend(found: Sequence[Event], line: Timeline, look: Look) -> Text:
    from rich.text import Text

    seen = {event.kind for event in found}
    parts = []
    for kind in reversed(KINDS):
        if kind in seen and not line.crowded:
            sign, plain, style = _SIGNS[kind]
            parts.append(
                Text.assemble((sign if look.signs else plain, style), " ", _MEANINGS[kind])
            )
    if not line.crowded and any(len(events) > 1 for events in line.cells.values()):
        parts.append(Text("2-9, + several"))
    if line.crowded:
        parts.append(Text("each row has a scale of its own, and its total behind it"))
    if line.breaks:
        parts.append(Text(f"{'┊' if look.signs else ':'} idle"))
    legend = Text("   ").join(parts)
    legend.stylize("dim")
    return legend
