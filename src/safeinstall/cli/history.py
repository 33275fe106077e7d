"""``safeinstall history``: list, show, diff, verify."""

from __future__ import annotations

import datetime
import itertools
import os
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.errors import UsageError
from safeinstall.journal import operations, read, schema, select, verify
from safeinstall.journal.net import net_changes
from safeinstall.journal.rewritten import Brought
from safeinstall.journal.select import Filter
from safeinstall.output import stderr
from safeinstall.output.quoting import leading_to
from safeinstall.output.shown import one_line
from safeinstall.render import history as render
from safeinstall.render import verification, words
from safeinstall.render.look import look
from safeinstall.render.pager import paged
from safeinstall.render.table import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TextIO

    from safeinstall.model import Json
    from safeinstall.settings import Settings

FORMS = ("table", "json", "jsonl", "csv")


def history_list(
    prefixes: list[str] | None,
    settings: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    limit: int | None = 20,
    form: str = "table",
    chosen: Filter | None = None,
    pager: bool = True,
) -> int:
    """Print the newest operations of some environments, newest first. ``prefixes=None``: of all
    environments, including removed ones.

    ``limit=None`` prints all operations while they are read. Returns 0, also if there are none.
    """
    damages: list[read.Damage] = []
    chosen = chosen or Filter()
    every = chosen == Filter()
    beginnings: list[Json] = []
    found = chosen.of(operations_of(prefixes, settings, damages, beginnings))
    shown = itertools.islice(found, limit)
    style = look(environ, out)
    if form == "table":
        with paged(style, environ, out, wanted=pager) as stream:
            now = datetime.datetime.now().astimezone()
            several = prefixes is None or len(prefixes) > 1
            some = table(_gone_marked(shown), style, now, stream, several=several)
            if not some and not damages:
                selector = environments.selector(prefixes, environ)
                say(_none(selector, begun=bool(beginnings)) if every else "nothing matches")
            gone = (path for path in prefixes or () if not os.path.isdir(path))
            came = _brought(prefixes or (), settings)
            for line in (*words.beginnings(beginnings), *came, *(f"{path}: gone" for path in gone)):
                stream.write(f"{one_line(line)}\n")
    else:
        {"json": render.as_json, "jsonl": render.as_jsonl, "csv": render.as_csv}[form](shown, out)
    report(damages, environments.selector(prefixes, environ))
    return 0


def history_show(
    name: str,
    prefixes: list[str] | None,
    settings: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    as_json: bool = False,
    pager: bool = True,
) -> int:
    """Print one operation. ``name``: ``last``, ``last-1``, a number, or a part of an ID.

    Raises UsageError where there is no such operation, or more than one.
    """
    if select.is_number(name) and (prefixes is None or len(prefixes) > 1):
        raise UsageError("numbers count within one environment; name the operation by its ID")
    damages: list[read.Damage] = []
    selector = environments.selector(prefixes, environ)
    operation = select.find(operations_of(prefixes, settings, damages), name, selector)
    if as_json:
        render.as_json_in_full(operation, out)
    else:
        style = look(environ, out)
        with paged(style, environ, out, wanted=pager) as stream:
            render.details(operation, style, stream)
    report(damages, selector)
    return 0


def history_diff(
    names: str,
    prefixes: list[str] | None,
    settings: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    as_json: bool = False,
    pager: bool = True,
) -> int:
    """Print the net changes after operation A up to and including B, for ``A..B``. ``A`` stands for
    ``A..last``; ``baseline`` for the state when the journal began.

    Raises UsageError where one of the operations does not exist.
    """
    damages: list[read.Damage] = []
    first, _, last = names.partition("..")
    found = operations_of(prefixes, settings, damages)
    selector = environments.selector(prefixes, environ)
    net = net_changes(select.span(found, first, last or "last", selector))
    if as_json:
        render.report_json({"schema": 1, "changes": net}, out)
    else:
        style = look(environ, out)
        with paged(style, environ, out, wanted=pager) as stream:
            for item in net:
                stream.write(f"{words.change(item, style)}\n")
    report(damages, selector)
    return 0


def history_verify(
    prefixes: list[str] | None,
    settings: Settings,
    out: TextIO,
    *,
    as_json: bool = False,
) -> int:
    """Check the journals of some environments (None: of all).

    Returns 0 if every record is as it was written, or damage was repaired and recorded; else 1.
    """
    state_dir = settings.state_dir
    if prefixes is None:
        journals = [(item.prefix, item.files) for item in read.known(state_dir)]
    else:
        journals = [(prefix, read.of_prefix(prefix, state_dir)) for prefix in prefixes]
    reports = [verify.verify(prefix, files) for prefix, files in journals]
    (verification.as_json if as_json else verification.as_text)(reports, out)
    return int(any(report.status not in verify.SOUND for report in reports))


def operations_of(
    prefixes: list[str] | None,
    settings: Settings,
    damages: list[read.Damage],
    beginnings: list[Json] | None = None,
) -> Iterator[Json]:
    """The operations of some environments (None: of all), newest first.

    Baseline and origin records that are read on the way are added to ``beginnings``.
    """
    state_dir = settings.state_dir
    if prefixes is None:
        files = [file for item in read.known(state_dir) for file in item.files]
    else:
        files = [file for prefix in prefixes for file in read.of_prefix(prefix, state_dir)]
    found = read.records(files, damages)
    noted = found if beginnings is None else _noting(found, beginnings)
    return operations.operations(noted, damages=damages)


def _none(selector: Sequence[str], *, begun: bool) -> str:
    if not begun:
        return "nothing in the history yet"
    before = ["safeinstall", "history", "--graph", *selector]
    return leading_to("nothing since the journal began", "what was before", before)


def _brought(prefixes: Iterable[str], settings: Settings) -> Iterator[str]:
    """A line for each environment that has a journal from elsewhere, and has written none yet."""
    for prefix in prefixes:
        first = next(iter(read.of_prefix(prefix, settings.state_dir)), "")
        if isinstance(first, Brought):
            yield f"{prefix}: {words.came_along(first.home or 'elsewhere', bool(first.undo))}"


def _noting(records: Iterable[Json], beginnings: list[Json]) -> Iterator[Json]:
    for record in records:
        if record.get("kind") in ("baseline", "origin") and not schema.fault(record):
            beginnings.append(record)
        yield record


def _gone_marked(shown: Iterable[Json]) -> Iterator[Json]:
    """The operations, with "(gone)" before the name of an environment that does not exist."""
    there: dict[str, bool] = {}
    for item in shown:
        prefix = words.prefix(item)
        if there.setdefault(prefix, os.path.isdir(prefix)):
            yield item
        else:
            name = f"(gone) {words.place(item)}"
            yield {**item, "environment": {**(item["environment"] or {}), "name": name}}


def report(damages: Iterable[read.Damage], selector: Sequence[str]) -> None:
    """Report on stderr which records could not be read. ``selector`` are the options that name the
    environments.
    """
    said = [str(damage) for damage in damages]
    for line in said[:5]:
        say(line)
    if said:
        verify_them = ["safeinstall", "history", "verify", *selector]
        say(leading_to(f"{len(said)} damaged in all", "look closer with", verify_them))


def say(text: str) -> None:
    """Write a line to stderr."""
    stderr.note(text)
