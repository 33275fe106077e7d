"""``history --svg``: the time line as one self-contained picture, with a light and a dark style.

It has no scripts and no fonts, and loads nothing; the text shown over a sign is its ``title``.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from safeinstall.output.shown import printable
from safeinstall.render import words
from safeinstall.render.graph import REMARKABLE, caption, local, remark, remarks, ticks
from safeinstall.render.look import Look
from safeinstall.report.timeline import KINDS, draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.report.timeline import Event, Timeline

_COLUMNS, _STEP = 84, 10
_LEFT, _WIDTH = 92, 960
_TOP, _LANE = 108, 64  # the top of the first lane, and the height of each lane
_ROW = 22
_RADIUS = 9.0  # of the largest sign
_IN_TITLE = 6  # operations named in a title

_COLOURS = {  # light, dark
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "soft": ("#59636e", "#9198a1"),
    "line": ("#d1d9e0", "#3d444d"),
    "conda": ("#2da44e", "#3fb950"),
    "pip": ("#0969da", "#4493f8"),
    "others": ("#8250df", "#ab7df8"),
    "blocked": ("#cf222e", "#f85149"),
    "drift": ("#bf8700", "#d29922"),
    "failed": ("#bc4c00", "#db6d28"),
    "interrupted": ("#6e7781", "#8b949e"),
    "running": ("#1b7c83", "#39c5cf"),
}

_LOOK = Look()


def drawn(title: str, found: Sequence[Event], handed_over: str | None = None) -> str:
    """The picture of the events (at least one; oldest first) as SVG."""
    line = draw(found, _COLUMNS, handed_over)
    told = remarks(found)
    bottom = _TOP + _LANE * len(line.lanes)
    height = bottom + 84 + _ROW * len(told) + (14 if told else 0)
    picture = _picture(title, caption(line, found), height)
    _lanes(picture, line, bottom)
    _ground(picture, line, bottom)
    for (lane, column), events in sorted(line.cells.items(), key=lambda item: item[0][1]):
        middle = _TOP + _LANE * (line.lanes.index(lane) + 0.5)
        (_stack if line.crowded else _signs)(picture, lane, column, middle, events, line)
    _legend(picture, line, bottom + 58)
    for number, event in enumerate(told):
        _remark(picture, event, bottom + 92 + _ROW * number)
    ET.indent(picture, " ")
    return ET.tostring(picture, encoding="unicode") + "\n"


def _picture(title: str, said: str, height: float) -> ET.Element:
    picture = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {_number(height)}",
            "width": str(_WIDTH),
            "height": _number(height),
            "role": "img",
        },
    )
    _add(picture, "title", text=f"{title}, {said}")
    _add(picture, "style", text=_style())
    _add(picture, "rect", "f-paper", width=_WIDTH, height=height, rx=8)
    _add(picture, "text", "f-ink name", x=28, y=40, text=title)
    _add(picture, "text", "f-soft small", x=28, y=62, text=said)
    return picture


def _style() -> str:
    """The style sheet, light and dark: ``f-NAME`` (fill), ``s-NAME`` (stroke) for each colour."""
    light, dark = (
        "".join(
            f".f-{name}{{fill:{c[n]}}}.s-{name}{{stroke:{c[n]}}}" for name, c in _COLOURS.items()
        )
        for n in (0, 1)
    )
    return (
        "text{font-family:ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;"
        "font-size:13px}.name{font-size:20px;font-weight:600}.small{font-size:12px}"
        ".strong{font-weight:600}.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"
        "'DejaVu Sans Mono',monospace;font-size:12px}.none{fill:none}"
        f"{light}@media (prefers-color-scheme:dark){{{dark}}}"
    )


def _lanes(picture: ET.Element, line: Timeline, bottom: float) -> None:
    right = _x(line.columns - 1) + _STEP
    for number, lane in enumerate(line.lanes):
        y = _TOP + _LANE * (number + 0.5)
        _add(picture, "text", f"f-{lane} strong", x=28, y=y + 4, text=lane)
        base = y if not line.crowded else y + _LANE / 2 - 8
        _path(picture, f"M{_LEFT} {_number(base)}H{_number(right)}", "s-line", 1.5)
    _path(picture, f"M{_LEFT} {_number(bottom)}H{_number(right)}", "s-line", 1)


def _ground(picture: ET.Element, line: Timeline, bottom: float) -> None:
    """Draw the background: idle time, dates, the moment when pip took over from conda."""
    free = 0.0
    for item in line.breaks:
        x = _x(item.column)
        _add(picture, "rect", "f-paper", x=x - 4, y=_TOP, width=8, height=bottom - _TOP + 4)
        for dx in (-4, 4):
            _path(picture, f"M{_number(x + dx)} {_TOP}V{bottom + 4}", "s-line", 1, dash="2 4")
        if x - 30 >= free:
            said = words.roughly(item.seconds)
            _add(picture, "text", "f-soft small", x=x, y=bottom + 36, anchor="middle", text=said)
            free = x + 40
    for column, label in ticks(line, 7):
        _path(picture, f"M{_number(_x(column))} {bottom}v5", "s-soft", 1)
        _add(
            picture,
            "text",
            "f-soft small",
            x=_x(column),
            y=bottom + 20,
            anchor="middle",
            text=label,
        )
    if line.handed_over:
        column, moment = line.handed_over
        x, side = _x(column) - _STEP / 2, "start" if column < _COLUMNS / 2 else "end"
        _path(picture, f"M{_number(x)} {_TOP - 14}V{bottom}", "s-pip", 1.5, dash="5 4")
        said = f"handed over to pip, {local(moment):%Y-%m-%d %H:%M}"
        dx = 6 if side == "start" else -6
        _add(picture, "text", "f-pip small", x=x + dx, y=_TOP - 6, anchor=side, text=said)


def _signs(
    picture: ET.Element,
    lane: str,
    column: int,
    middle: float,
    events: Sequence[Event],
    _: Timeline,
) -> None:
    """Draw one sign for each kind of event in a cell, above one another."""
    kinds = [kind for kind in reversed(KINDS) if any(e.kind == kind for e in events)]
    for number, kind in enumerate(kinds):
        same = [event for event in events if event.kind == kind]
        group = _add(picture, "g")
        _add(group, "title", text=_title(same))
        _sign(group, kind, lane, _x(column), middle - number * 15, same)


def _sign(
    group: ET.Element, kind: str, lane: str, x: float, y: float, events: Sequence[Event]
) -> None:
    r = min(4.5 + math.sqrt(sum(event.size for event in events)) * 0.8, _RADIUS)
    if kind == "blocked":
        d = f"M{_number(x - 5)} {_number(y - 5)}l10 10m0 -10l-10 10"
        _path(group, d, "s-blocked", 3.2, cap="round")
    elif kind == "drift":
        d = f"M{_number(x)} {_number(y - 7)}l7 7l-7 7l-7 -7z"
        _add(group, "path", "f-drift s-paper", d=d, stroke_width=1.5)
    elif kind in ("failed", "interrupted", "running"):
        dash = {} if kind == "failed" else {"stroke_dasharray": "3 2"}
        _add(group, "circle", f"f-paper s-{kind}", cx=x, cy=y, r=5, stroke_width=2.4, **dash)
    elif kind == "past":
        _add(group, "circle", f"f-paper s-{lane}", cx=x, cy=y, r=min(r, 6), stroke_width=1.6)
    else:
        _add(group, "circle", f"f-{lane} s-paper", cx=x, cy=y, r=r, stroke_width=1.5)
        if len(events) > 1:
            _add(
                group, "text", "f-paper strong", x=x, y=y + 3.5, anchor="middle",
                text=str(len(events)), font_size="10px",
            )  # fmt: skip


def _stack(
    picture: ET.Element,
    lane: str,
    column: int,
    middle: float,
    events: Sequence[Event],
    line: Timeline,
) -> None:
    """Draw a bar whose height shows the number of events, with the remarkable kinds on top."""
    most = max(map(len, line.cells.values()))
    group = _add(picture, "g")
    _add(group, "title", text=_title(events))
    y = middle + _LANE / 2 - 8
    for kind in reversed(KINDS):
        count = sum(event.kind == kind for event in events)
        if count:
            height = (_LANE - 18) * count / most
            y -= height
            colour = kind if kind in REMARKABLE else lane
            x = _x(column) - _STEP / 2 + 1
            _add(group, "rect", f"f-{colour}", x=x, y=y, width=_STEP - 2, height=height)


def _title(events: Sequence[Event]) -> str:
    """The title of a sign: a line for each event, newest first."""
    said = [_sentence(event) for event in reversed(events)]
    rest = len(said) - _IN_TITLE
    return "\n".join([*said[:_IN_TITLE], *([f"and {rest} more"] if rest > 0 else [])])


def _sentence(event: Event) -> str:
    when = f"{local(event.time):%Y-%m-%d %H:%M}"
    if event.operation is None:
        names = ", ".join(event.names[:_IN_TITLE])
        return f"{when}  before the journal: {names} ({words.counted(event.size, 'package')})"
    size = f", {words.counted(event.size, 'change')}" if event.size else ""
    return f"{when}  {remark(event, _LOOK)}  ({event.kind}{size})"


def _legend(picture: ET.Element, line: Timeline, y: float) -> None:
    kinds = {event.kind for events in line.cells.values() for event in events}
    shown = [kind for kind in reversed(KINDS) if kind in kinds]
    x = float(_LEFT)
    for kind, said in _legend_words(shown, crowded=line.crowded):
        group = _add(picture, "g")
        if line.crowded:
            _add(group, "rect", f"f-{kind}", x=x, y=y - 5, width=10, height=10)
        else:
            _sign(group, kind, "soft", x + 5, y, ())
        _add(group, "text", "f-soft small", x=x + 18, y=y + 4, text=said)
        x += 18 + 7 * len(said) + 22


def _legend_words(kinds: Sequence[str], *, crowded: bool) -> Iterator[tuple[str, str]]:
    for kind in kinds:
        if kind == "done" and not crowded:
            yield kind, "done, the larger the more packages"
        elif kind == "past" and not crowded:
            yield kind, "before the journal"
        elif kind in REMARKABLE:
            yield kind, kind


def _remark(picture: ET.Element, event: Event, y: float) -> None:
    group = _add(picture, "g")
    lane = event.lane
    _sign(group, event.kind, lane, 36, y - 4, (event,))
    when = f"{local(event.time):%Y-%m-%d %H:%M}"
    _add(group, "text", "f-soft small", x=56, y=y, text=when)
    said = words.clipped(remark(event, _LOOK), _LOOK, 104)
    _add(group, "text", "f-ink mono", x=172, y=y, text=said)


def _x(column: int) -> float:
    return _LEFT + _STEP * (column + 0.5)


def _path(
    parent: ET.Element, d: str, colour: str, width: float, *, dash: str = "", cap: str = ""
) -> None:
    more = {"stroke_dasharray": dash} if dash else {}
    more |= {"stroke_linecap": cap} if cap else {}
    _add(parent, "path", f"none {colour}", d=d, stroke_width=width, **more)


def _add(
    parent: ET.Element,
    tag: str,
    style: str = "",
    *,
    text: str = "",
    anchor: str = "",
    **attributes: float | str,
) -> ET.Element:
    """Add an element. Attribute names are written with ``_`` for ``-``; text is made printable."""
    known = {"class": style, "text-anchor": anchor}
    known |= {name.replace("_", "-"): _number(value) for name, value in attributes.items()}
    element = ET.SubElement(parent, tag, {name: said for name, said in known.items() if said})
    if text:
        element.text = "\n".join(map(printable, text.split("\n")))
    return element


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
