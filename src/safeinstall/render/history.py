"""``history`` for people and programs: one operation in full, JSON, CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from safeinstall.journal.operations import DETAILS, FIELDS
from safeinstall.output.shown import is_command, one_line, printable
from safeinstall.render import words
from safeinstall.render.look import STYLES, Look, console

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from rich.text import Text

    from safeinstall.model import Json

_FORMULA = ("=", "+", "-", "@")
_CSV = ("op", "time", "user", "environment", "tool", "command", "changes", "verdict", "status")
_CSV_LAST = ("exit_code", "duration_s", "override")


def details(operation: Json, look: Look, out: TextIO) -> None:
    """One operation in full. Lines are not wrapped, so that they can be copied."""
    from rich.text import Text

    page = console(look, out)
    for label, text in _lines(operation, look):
        page.print(Text.assemble((f"{label:<12} ", "dim"), text), soft_wrap=True)


def as_json(operations: Iterable[Json], out: TextIO) -> None:
    """An array of objects with the documented fields, one a line."""
    # With an indent json.dumps leaves its C encoder, which makes long histories ten times slower.
    begin = "[\n"
    for item in operations:
        out.write(begin + json.dumps(_pick(item, FIELDS)))
        begin = ",\n"
    out.write("[]\n" if begin == "[\n" else "\n]\n")


def as_jsonl(operations: Iterable[Json], out: TextIO) -> None:
    """One object a line."""
    for item in operations:
        _write_json(_pick(item, FIELDS), out, indent=None)


def as_json_in_full(operation: Json, out: TextIO) -> None:
    """One object with every field."""
    _write_json(_pick(operation, FIELDS + DETAILS), out, indent=2)


def report_json(report: Json, out: TextIO) -> None:
    """A report as indented JSON."""
    _write_json(report, out, indent=2)


def as_csv(operations: Iterable[Json], out: TextIO) -> None:
    """A table for spreadsheets, with a heading."""
    _csv_row((*_CSV, *_CSV_LAST), out)
    for item in operations:
        tool, actor = item["tool"] or {}, item["actor"] or {}
        row = [item["op"], item["time"], actor.get("user"), words.prefix(item), tool.get("name")]
        row += [words.command(item), "; ".join(words.changes(item, Look()))]
        row += [item["verdict"], item["status"], *(item[name] for name in _CSV_LAST)]
        _csv_row(("" if cell is None else cell for cell in row), out)


def _csv_row(cells: Iterable[object], out: TextIO) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(map(_cell, cells))
    out.write(line.getvalue())


def _cell(item: object) -> object:
    """The value of a cell; a text that a spreadsheet would take for a formula gets a quote."""
    if not isinstance(item, str):
        return item
    return f"'{printable(item)}" if item.startswith(_FORMULA) else printable(item)


def _lines(item: Json, look: Look) -> Iterator[tuple[str, str | Text]]:
    yield "operation", printable(f"{item['op']}  (number {item['seq']})")
    yield "time", printable(_time(item))
    yield "actor", one_line(_actor(item["actor"] or {}))
    yield "environment", printable(words.prefix(item))
    yield "command", words.command(item, short=False) or words.OUTSIDE
    yield "tool", printable(str((item["tool"] or {}).get("path") or ""))
    yield "directory", printable(str(item["cwd"] or ""))
    yield "verdict", _styled(str(item["verdict"] or ""), str(item["verdict"]))
    yield from _findings(item["findings"])
    if item["override"]:
        yield "override", one_line(str(item["override"]))
    yield "status", _styled(_status(item), item["status"])
    for label, texts in (("changes", words.changes(item, look)), ("warnings", item["warnings"])):
        for number, text in enumerate(texts):
            yield label if number == 0 else "", one_line(str(text))
    for field, count in (item["cut"] or {}).items():
        yield "left out", one_line(f"{count} more in {field}")


def _styled(text: str, name: str) -> Text:
    from rich.text import Text

    return Text(text, style=STYLES.get(name, ""))


def _time(item: Json) -> str:
    """The time as the journal has it, and in the local time zone."""
    moment = words.moment(item["time"])
    return f"{item['time']}  ({moment:%a %Y-%m-%d %H:%M:%S %Z})" if moment else str(item["time"])


def _findings(findings: list[Json]) -> Iterator[tuple[str, str | Text]]:
    for item in findings:
        text = f"{item.get('rule')} {item.get('name')} ({item.get('level')}): {item.get('message')}"
        yield "finding", one_line(text)
        for text in item.get("evidence") or []:
            yield "", one_line(f"  {text}")
        if item.get("decided_by"):
            yield "decided by", one_line(str(item["decided_by"]))
        for fix in filter(is_command, map(str, item.get("fixes") or [])):
            yield "offered", fix


def _status(item: Json) -> str:
    ending = ""
    if item["signal"]:
        ending = f", signal {item['signal']}"
    elif item["exit_code"]:
        ending = f", exit code {item['exit_code']}"
    took = words.duration(item["duration_s"]) if item["status"] in ("done", "failed") else ""
    return f"{item['status']}{ending}{', ' * bool(took)}{took}"


def _actor(actor: Json) -> str:
    said = f"{actor.get('user')}@{actor.get('host')}"
    extras = [actor[name] for name in ("terminal", "agent", "ci") if actor.get(name)]
    parents = actor.get("parents") or []
    below = [f"below {' < '.join(map(str, parents))}"] if parents else []
    return ", ".join([said, *map(str, extras), *below])


def _pick(item: Json, names: tuple[str, ...]) -> Json:
    return {name: item[name] for name in names}


def _write_json(value: object, out: TextIO, *, indent: int | None) -> None:
    # In ASCII, which any encoding of the stream can write, and which keeps lone surrogates.
    out.write(json.dumps(value, indent=indent) + "\n")
