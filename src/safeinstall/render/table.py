"""The list of operations: a table where there is room for it, else a few lines for each."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from safeinstall.journal.select import short
from safeinstall.render import words
from safeinstall.render.look import STYLES, console

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from rich.console import RenderableType
    from rich.text import Text

    from safeinstall.model import Json
    from safeinstall.render.look import Look

    Row = dict[str, Text]
    Widths = dict[str, int]

_WIDE = ("No.", "ID", "When", "Env", "Who", "Command", "Changed", "Verdict", "Status")
_STACKED = ("No.", "ID", "When", "Env", "Who", "What", "Outcome")
_HEAD = ("No.", "ID", "When", "Env", "Who", "Status", "Rules")
"""The columns of the two tables, and the parts of the first line where there is no table."""

_LEAST = {"Env": 8, "Who": 14, "Command": 34, "Changed": 34, "What": 26, "Verdict": 17}
"""Least widths of the columns that may be narrowed; the others are as wide as their content."""

_ROOMY = 110  # columns from which on "Who" is shown even if it is always the same
_CHUNK = 100  # operations that are laid out together; later ones keep the widths
_MOST_CHANGES = 5
_GAP = 2  # spaces between two columns
_MARK = "!"
_LEGEND = "! the tool warned; see: safeinstall history show"


def table(
    operations: Iterable[Json],
    look: Look,
    now: datetime.datetime,
    out: TextIO,
    *,
    several: bool = False,
) -> int:
    """Write the operations as they come, in their order; returns their number.

    With ``several``, they are of several environments: the environment and the ID are shown.
    """
    from rich.text import Text

    page = console(look, out)
    stream = iter(operations)
    shown: set[str] = set()
    widths: Widths = {}
    count, warned = 0, False
    while chunk := list(itertools.islice(stream, _CHUNK)):
        by_id = several or "ID" in shown or not _numbered(chunk)
        rows = [{**_name(item, by_id=by_id), **_row(item, look, now)} for item in chunk]
        telling = set(rows[0]) - _silent(chunk, rows, look, several=several)
        anew = not telling <= shown
        if anew:
            shown = shown & set(rows[0]) | telling
            widths = _widths(rows, shown, look)
        for item in _laid_out(rows, widths, shown, heading=anew):
            page.print(item)
        count += len(chunk)
        warned = warned or any(item["warnings"] for item in chunk)
    if warned:
        page.print(Text(f"{_LEGEND} {'ID' if 'ID' in shown else 'NUMBER'}", style="dim"))
    return count


def _numbered(chunk: Sequence[Json]) -> bool:
    """Are the numbers unique? Not if there are several chains, or a chain was forked."""
    one_chain = len({item["chain"] for item in chunk}) == 1
    return one_chain and len({item["seq"] for item in chunk}) == len(chunk)


def _name(item: Json, *, by_id: bool) -> Row:
    """The cell with the name for ``history show``: the number, or with ``by_id`` the ID's end."""
    from rich.text import Text

    if by_id:
        return {"ID": Text(short(item["op"]), style="cyan")}
    return {"No.": Text(str(item["seq"]), style="cyan", justify="right")}


def _row(item: Json, look: Look, now: datetime.datetime) -> Row:
    from rich.text import Text

    command = Text(words.shortened(item, look), style="" if item["argv"] else "dim")
    changes = words.changes(_asked_first(item), look, _MOST_CHANGES)
    verdict, status = _verdict(item), _status(item)
    # the status is "blocked" already, so the rules are enough
    rules = verdict[len("block ") :] if item["status"] == "blocked" else verdict
    return {
        "When": Text(words.age(item["time"], now)),
        "Env": Text(words.place(item)),
        "Who": Text(words.who(item["actor"] or {})),
        "Command": command,
        "Changed": Text("\n".join(changes)),
        "Verdict": verdict,
        "Status": status,
        "What": Text("\n").join([command, *(Text(f"  {line}") for line in changes)]),
        "Rules": rules,
        "Outcome": Text("\n").join(filter(None, [status, rules])),
    }


def _asked_first(item: Json) -> Json:
    """The operation with the changes of requested packages before those of other packages."""
    specs = (item["command"] or {}).get("specs") or []
    asked = {str(spec.get("name", "")).lower() for spec in specs}
    changes = sorted(item["changes"], key=lambda change: change["name"].lower() not in asked)
    return {**item, "changes": changes}


def _verdict(item: Json) -> Text:
    from rich.text import Text

    verdict = item["verdict"]
    if verdict in (None, "allow"):
        return Text()
    return Text(f"{verdict} {words.rules(item)}".rstrip(), style=STYLES.get(verdict, ""))


def _status(item: Json) -> Text:
    from rich.text import Text

    parts = [(item["status"], STYLES.get(item["status"], ""))]
    if item["warnings"]:
        parts.append((_MARK, "bold yellow"))
    if item["status"] in ("done", "failed"):
        parts.append((words.duration(item["duration_s"]), "dim"))
    return Text(" ").join(Text(text, style=style) for text, style in parts if text)


def _silent(chunk: Sequence[Json], rows: Sequence[Row], look: Look, *, several: bool) -> set[str]:
    """The titles of columns to leave out, because they are empty or the same in all rows."""
    silent = {
        "Env": not several and len({words.prefix(item) for item in chunk}) < 2,
        "Who": len({row["Who"].plain for row in rows}) < 2 and look.width < _ROOMY,
        "Verdict": not any(row["Verdict"] for row in rows),
    }
    return {title for title in silent if silent[title]}


def _widths(rows: Sequence[Row], shown: set[str], look: Look) -> Widths:
    """The columns of the widest table that fits, with their widths; empty if no table fits."""
    for titles in (_WIDE, _STACKED):
        widths = {
            title: max(len(title), *(_needed(row[title]) for row in rows))
            for title in titles
            if title in shown
        }
        if _squeezed(widths, look.width):
            return widths
    return {}


def _squeezed(widths: Widths, width: int) -> bool:
    """Narrow the widest possible column until all fit; False if they cannot fit."""
    while sum(widths.values()) + _GAP * (len(widths) - 1) > width:
        able = [title for title in widths if widths[title] > _LEAST.get(title, widths[title])]
        if not able:
            return False
        widths[max(able, key=lambda title: widths[title])] -= 1
    return True


def _needed(cell: Text) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, cell.plain.split("\n")))


def _laid_out(
    rows: Sequence[Row], widths: Widths, shown: set[str], *, heading: bool
) -> list[RenderableType]:
    if widths:
        return [_grid(rows, widths, heading=heading)]
    return [line for row in rows for line in _card(row, shown)]


def _grid(rows: Sequence[Row], widths: Widths, *, heading: bool) -> RenderableType:
    from rich.table import Table

    grid = Table(
        box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold", show_header=heading
    )
    for title, width in widths.items():
        grid.add_column(title, overflow="fold", width=width)
    for row in rows:
        grid.add_row(*(row[title] for title in widths))
    return grid


def _card(row: Row, shown: set[str]) -> list[RenderableType]:
    """The lines for one operation, where there is no room for a table."""
    from rich.padding import Padding
    from rich.text import Text

    head = [row[title].copy() for title in _HEAD if title in shown and row[title]]
    for text in head:
        text.justify = None
    rest = (row[title] for title in ("Command", "Changed") if row[title])
    return [Text("  ").join(head), *(Padding(text, (0, 0, 0, 2)) for text in rest)]
