"""``history verify`` for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safeinstall.journal import verify
from safeinstall.output.shown import one_line
from safeinstall.render import words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from safeinstall.journal.verify import Problem, Report
    from safeinstall.model import Json

SCHEMA = 1

_MEANING = {
    "empty": "no records",
    "verified": "every record is as it was written",
    "repaired": "every record is as it was written; earlier damage is on record",
    "torn": "the last write was cut short; the next guarded command sets it aside",
    "truncated": "records were cut off; the next guarded command restores them from the mirror",
    "missing": "a file is not there; the next guarded command makes it again",
    "unreadable": "not all of it can be read",
    "rewritten": "not what the mirror says was written",
    "altered": "records were changed, removed or inserted; what is sound is still read",
}


def as_text(reports: Iterable[Report], out: TextIO) -> None:
    """A line for each journal, and one for each problem."""
    for report in reports:
        out.write(f"{one_line(report.prefix)}: {report.status}, {_MEANING[report.status]}\n")
        if report.records:
            anchor = "compared with the mirror" if report.anchored else "not compared with a mirror"
            since = f"{report.records} records since {report.since}"
            out.write(f"  {one_line(f'{since}, {anchor}, head {report.head}')}\n")
        if report.copied_from:
            out.write(f"  {one_line(words.came_along(report.copied_from, report.replaced))}\n")
        for problem in report.problems:
            out.write(f"  {one_line(_said(problem))}\n")


def _said(problem: Problem) -> str:
    if problem.record is None:
        return f"{problem.file}: {problem.status}: {problem.message}"
    where = f"{problem.file}:{problem.line or problem.record + 1}"
    return f"{where}: {problem.status}: record {problem.record} {problem.message}"


def as_json(reports: Iterable[Report], out: TextIO) -> None:
    """``{"schema", "journals": […]}``."""
    document = {"schema": SCHEMA, "journals": [_journal(report) for report in reports]}
    out.write(json.dumps(document, indent=2) + "\n")


def _journal(report: Report) -> Json:
    return {
        "prefix": report.prefix,
        "status": report.status,
        "sound": report.status in verify.SOUND,
        "records": report.records,
        "since": report.since or None,
        "head": report.head or None,
        "anchored": report.anchored,
        "repairs": report.repairs,
        "copied_from": report.copied_from or None,
        "problems": [
            {
                "status": problem.status,
                "file": problem.file,
                "record": problem.record,
                "line": problem.line or None,
                "message": problem.message,
            }
            for problem in report.problems
        ],
    }
