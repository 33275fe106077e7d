"""``safeinstall history``: list, show, diff, verify."""

from __future__ import annotations

import datetime
import io
import os
import shutil
import sys
from typing import TYPE_CHECKING

from safeinstall.journal import operations, read, select, verify
from safeinstall.render import history as render
from safeinstall.render import verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

    from safeinstall.journal.select import Filter
    from safeinstall.model import Json
    from safeinstall.settings import Settings

FORMS = ("table", "json", "jsonl", "csv")


def history_list(
    prefixes: list[str] | None,
    configuration: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    limit: int | None = 20,
    form: str = "table",
    chosen: Filter | None = None,
) -> int:
    """Print the newest operations of some environments; of all, also those gone, for None.

    ``limit=None`` prints everything. As JSON, JSON lines and CSV the newest comes first, in the
    table last. Answers 0, also where there is nothing to show.
    """
    damages: list[read.Damage] = []
    found = _operations(prefixes, configuration, damages)
    wanted = (item for item in found if chosen is None or chosen(item))
    shown = _first(wanted, limit)
    style = look(environ, out)
    if form == "table":
        _table(shown, style, out)
    else:
        {"json": render.as_json, "jsonl": render.as_jsonl, "csv": render.as_csv}[form](shown, out)
    _report(damages)
    return 0


def history_show(
    name: str,
    prefixes: list[str] | None,
    configuration: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    as_json: bool = False,
) -> int:
    """Print the operation called ``last``, ``last-1`` or by the beginning of its ID.

    Raises UsageError where there is none, or more than one.
    """
    damages: list[read.Damage] = []
    operation = select.find(_operations(prefixes, configuration, damages), name)
    if as_json:
        render.as_json_in_full(operation, out)
    else:
        render.details(operation, look(environ, out), out)
    _report(damages)
    return 0


def history_diff(
    names: str,
    prefixes: list[str] | None,
    configuration: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    as_json: bool = False,
) -> int:
    """Print what changed after operation A up to and with B, for ``A..B``; ``A`` is ``A..last``.

    Raises UsageError where one of them is not there.
    """
    damages: list[read.Damage] = []
    first, _, last = names.partition("..")
    found = _operations(prefixes, configuration, damages)
    net = operations.net_changes(select.span(found, first, last or "last"))
    if as_json:
        render.report_json({"schema": 1, "changes": net}, out)
    else:
        style = look(environ, out)
        out.writelines(f"{render.change(item, style)}\n" for item in net)
    _report(damages)
    return 0


def history_verify(
    prefixes: list[str] | None,
    configuration: Settings,
    out: TextIO,
    *,
    as_json: bool = False,
) -> int:
    """Check the journals of some environments, or of all for None.

    0 if every record is as it was written (or damage was repaired and is on record), else 1.
    """
    state_dir = configuration.state_dir
    if prefixes is None:
        journals = [(item.prefix, item.files) for item in read.known(state_dir)]
    else:
        journals = [(prefix, read.of_prefix(prefix, state_dir)) for prefix in prefixes]
    reports = [verify.verify(prefix, files) for prefix, files in journals]
    (verification.as_json if as_json else verification.as_text)(reports, out)
    return int(any(report.status not in verify.SOUND for report in reports))


def look(environ: Mapping[str, str], out: TextIO) -> render.Look:
    """What ``out`` can show: 80 columns where it is no terminal; NO_COLOR beats FORCE_COLOR.

    What its encoding lacks is escaped from now on.
    """
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")
    terminal = out.isatty()
    colour = bool(environ.get("FORCE_COLOR")) or (terminal and environ.get("TERM") != "dumb")
    plain = render.Look(
        width=shutil.get_terminal_size().columns if terminal else 80,
        colour=colour and not environ.get("NO_COLOR"),
    )
    try:
        (plain.arrow + plain.nothing + plain.more).encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        return plain.replace(arrow="->", nothing="-", more="..")
    return plain


def _operations(
    prefixes: list[str] | None, configuration: Settings, damages: list[read.Damage]
) -> Iterator[Json]:
    state_dir = configuration.state_dir
    if prefixes is None:
        files = [file for item in read.known(state_dir) for file in item.files]
    else:
        files = [file for prefix in prefixes for file in read.of_prefix(prefix, state_dir)]
    return operations.operations(read.records(files, damages))


def _first(items: Iterator[Json], limit: int | None) -> list[Json]:
    if limit is None:
        return list(items)
    return [item for _, item in zip(range(limit), items, strict=False)]


def _table(shown: list[Json], style: render.Look, out: TextIO) -> None:
    if shown:
        now = datetime.datetime.now(datetime.UTC)
        render.table(shown, style, now.astimezone(), out)
    else:
        _say("nothing in the history yet")


def _report(damages: Iterable[read.Damage]) -> None:
    said = [str(damage) for damage in damages]
    for line in said[:5]:
        _say(line)
    if said:
        _say(f"{len(said)} damaged in all; look closer with: safeinstall history verify")


def _say(text: str) -> None:
    sys.stderr.write(f"safeinstall: {render.printable(text)}{os.linesep}")
