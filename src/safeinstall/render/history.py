"""``history`` for people and programs: a table, one operation in full, JSON, CSV."""

from __future__ import annotations

import csv
import datetime
import io
import json
import shlex
from typing import TYPE_CHECKING

from safeinstall.journal.operations import DETAILS, FIELDS
from safeinstall.journal.select import shortest_names
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from rich.console import Console

    from safeinstall.model import Json

_STYLES = {
    "done": "green",
    "failed": "red",
    "blocked": "bold red",
    "interrupted": "yellow",
    "running": "cyan",
    "drift": "yellow",
    "warn": "yellow",
    "block": "red",
}
_OUTSIDE = "(not by a guarded command)"
_FLEXIBLE = ("Env", "Command", "Changed")
_NARROWEST = 8  # columns
_MOST_CHANGES = 6
_AGES = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (14 * 86_400, 86_400, "d"))
_CSV = ("op", "time", "user", "environment", "tool", "command", "changes", "verdict", "status")


class Look(Value):
    """How text is to look."""

    width: int = 80
    colour: bool = False
    arrow: str = "→"
    nothing: str = "∅"
    more: str = "…"


def table(operations: Sequence[Json], look: Look, now: datetime.datetime, out: TextIO) -> None:
    """The operations, at least one, newest last, so that it stands above the prompt."""
    from rich.table import Table
    from rich.text import Text

    names = shortest_names(list(operations))
    rows = [_row(item, names[item["op"]], look, now) for item in reversed(operations)]
    several = len({_prefix(item) for item in operations}) > 1
    warned = any(row["Verdict"] for row in rows)
    hidden = {"Env" if not several else "", "Verdict" if not warned else ""}
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for title, width in _widths([title for title in rows[0] if title not in hidden], rows, look):
        grid.add_column(title, overflow="fold", width=width)
    for row in rows:
        cells = (row[str(column.header)] for column in grid.columns)
        grid.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in cells))
    _console(look, out).print(grid)


def _widths(titles: list[str], rows: list[dict[str, str]], look: Look) -> list[tuple[str, int]]:
    """What each column needs; where that is too much, the widest flexible one gives way."""
    from rich.cells import cell_len

    widths = {
        title: max(cell_len(line) for row in rows for line in (title, *row[title].splitlines()))
        for title in titles
    }
    flexible = [title for title in titles if title in _FLEXIBLE]
    while sum(widths.values()) + len(titles) - 1 > look.width:
        widest = max(flexible, key=lambda title: widths[title])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return list(widths.items())


def _row(item: Json, name: str, look: Look, now: datetime.datetime) -> dict[str, str]:
    return {
        "ID": name,
        "When": age(item["time"], now),
        "Env": _place(item),
        "Command": _shortened(item, look) or _OUTSIDE,
        "Changed": "\n".join(changes(item, look, _MOST_CHANGES)),
        "Verdict": item["verdict"] if item["verdict"] not in (None, "allow") else "",
        "Status": item["status"],
        "Took": duration(item["duration_s"]),
    }


def _shortened(item: Json, look: Look) -> str:
    """The command; of a long word the end, which tells most, of many words the first."""
    words = _command(item).split(" ")
    short = [look.more + word[-28:] if len(word) > 30 else word for word in words]
    text = " ".join(short)
    return text if len(text) <= 120 else text[:118] + look.more


def details(operation: Json, look: Look, out: TextIO) -> None:
    """One operation in full."""
    for label, text in _lines(operation, look):
        out.write(f"{label:<12} {text}".rstrip() + "\n")


def as_json(operations: Iterable[Json], out: TextIO) -> None:
    """An array of objects with the documented fields, one a line."""
    # With an indent json.dumps leaves its C encoder, which makes long histories ten times slower.
    objects = ",\n".join(json.dumps(_pick(item, FIELDS)) for item in operations)
    out.write(f"[\n{objects}\n]\n" if objects else "[]\n")


def as_jsonl(operations: Iterable[Json], out: TextIO) -> None:
    """One object a line."""
    for item in operations:
        _write_json(_pick(item, FIELDS), out, indent=None)


def as_json_in_full(operation: Json, out: TextIO) -> None:
    """One object with every field."""
    _write_json(_pick(operation, FIELDS + DETAILS), out, indent=2)


def report_json(report: Json, out: TextIO) -> None:
    """Any other report."""
    _write_json(report, out, indent=2)


def as_csv(operations: Iterable[Json], out: TextIO) -> None:
    """A table for spreadsheets, with a heading."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow((*_CSV, "exit_code", "duration_s"))
    for item in operations:
        tool, actor = item["tool"] or {}, item["actor"] or {}
        row = [item["op"], item["time"], actor.get("user"), _prefix(item), tool.get("name")]
        row += [_command(item), "; ".join(changes(item, Look()))]
        row += [item["verdict"], item["status"], item["exit_code"], item["duration_s"]]
        writer.writerow("" if cell is None else cell for cell in row)
    out.write(lines.getvalue())


def changes(operation: Json, look: Look, most: int | None = None) -> list[str]:
    """``numpy 1.26.4 → 2.2.6`` a line."""
    shown = [change(item, look) for item in operation["changes"]]
    if most is None or len(shown) <= most:
        return shown
    return [*shown[: most - 1], f"and {len(shown) - most + 1} more"]


def change(item: Json, look: Look) -> str:
    """One package's change; owners are named where they differ."""
    before, after = item["before"], item["after"]
    moved = before and after and before.get("owner") != after.get("owner")
    sides = [_side(side, look, owner=bool(moved)) for side in (before, after)]
    return printable(f"{item['name']} {sides[0]} {look.arrow} {sides[1]}")


def age(instant: str | None, now: datetime.datetime) -> str:
    """How long ago, for people; the date where that says more."""
    try:
        moment = datetime.datetime.fromisoformat(instant or "").astimezone(now.tzinfo)
    except ValueError:
        return "?"
    seconds = (now - moment).total_seconds()
    if -60 < seconds < 1:
        return "now"
    for limit, unit, name in _AGES:
        if 0 < seconds < limit:
            return f"{int(seconds // unit)}{name} ago"
    return moment.strftime("%Y-%m-%d")


def duration(seconds: float | None) -> str:
    """Seconds for people."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min" if minutes >= 10 else f"{minutes}m{rest:02d}s"


def printable(text: str) -> str:
    """What a terminal can show harmlessly: control characters and lone bytes are spelt out."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _lines(item: Json, look: Look) -> Iterable[tuple[str, str]]:
    yield "operation", f"{item['op']}  (number {item['seq']})"
    yield "time", str(item["time"])
    yield "actor", printable(_actor(item["actor"] or {}))
    yield "environment", printable(_prefix(item))
    yield "command", _command(item, short=False)
    yield "tool", printable(str((item["tool"] or {}).get("path") or ""))
    yield "directory", printable(str(item["cwd"] or ""))
    yield "verdict", str(item["verdict"] or "")
    yield from _findings(item["findings"])
    if item["override"]:
        yield "override", printable(str(item["override"]))
    yield "status", _status(item)
    for label, texts in (("changes", changes(item, look)), ("warnings", item["warnings"])):
        for number, text in enumerate(texts):
            yield label if number == 0 else "", printable(str(text))


def _findings(findings: list[Json]) -> Iterable[tuple[str, str]]:
    for item in findings:
        text = f"{item.get('rule')} {item.get('name')} ({item.get('level')}): {item.get('message')}"
        yield "finding", printable(text)
        for line in item.get("evidence") or []:
            yield "", printable(f"  {line}")


def _status(item: Json) -> str:
    ending = ""
    if item["signal"]:
        ending = f", signal {item['signal']}"
    elif item["exit_code"]:
        ending = f", exit code {item['exit_code']}"
    took = duration(item["duration_s"]) if item["status"] in ("done", "failed") else ""
    return f"{item['status']}{ending}{', ' * bool(took)}{took}"


def _actor(actor: Json) -> str:
    said = f"{actor.get('user')}@{actor.get('host')}"
    extras = [actor[name] for name in ("terminal", "agent", "ci") if actor.get(name)]
    parents = actor.get("parents") or []
    below = [f"below {' < '.join(map(str, parents))}"] if parents else []
    return ", ".join([said, *map(str, extras), *below])


def _command(item: Json, *, short: bool = True) -> str:
    words = [str(word) for word in item["argv"]]
    if short and words:
        words[0] = words[0].rpartition("/")[2] or words[0]
    return printable(shlex.join(words)) if words else ""


def _prefix(item: Json) -> str:
    return str((item["environment"] or {}).get("prefix") or "")


def _place(item: Json) -> str:
    return printable(str((item["environment"] or {}).get("name") or _prefix(item)))


def _side(side: Json | None, look: Look, *, owner: bool) -> str:
    if side is None:
        return look.nothing
    return f"{side.get('version')} ({side.get('owner')})" if owner else str(side.get("version"))


def _console(look: Look, out: TextIO) -> Console:
    from rich.console import Console

    return Console(
        file=out,
        width=look.width,
        color_system="standard" if look.colour else None,
        force_terminal=look.colour,
        no_color=not look.colour,
        highlight=False,
        legacy_windows=False,
    )


def _pick(item: Json, names: tuple[str, ...]) -> Json:
    return {name: item[name] for name in names}


def _write_json(value: object, out: TextIO, *, indent: int | None) -> None:
    # In ASCII: legal whatever the stream's encoding, and lone surrogates survive.
    out.write(json.dumps(value, indent=indent) + "\n")
