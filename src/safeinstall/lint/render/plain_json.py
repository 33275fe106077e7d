"""Findings as JSON. The object has a schema number, which changes with its fields."""

from __future__ import annotations

from safeinstall.output.shown import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.lint.nouns import Told
    from safeinstall.lint.run import Linted
    from safeinstall.lint.source import Source
    from safeinstall.model import Json

SCHEMA = 1


def report(files: Sequence[Linted]) -> Json:
    """One object for all files."""
    return {
        "schema": SCHEMA,
        "files": len(files),
        "findings": [finding(told, file.source) for file in files for told in file.told],
        "errors": [_fault(file) for file in files if file.fault],
    }


def finding(told: Told, source: Source) -> Json:
    """One finding with its place; lines and columns count from 1, the end is exclusive."""
    line, column = source.position(told.span.start)
    end_line, end_column = source.position(max(told.span.start, told.span.end))
    found = told.finding
    return {
        "file": source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "rule": found.rule,
        "name": found.name,
        "level": found.level,
        "message": one_line(found.message),
        "evidence": [one_line(item) for item in found.evidence],
        "fixes": list(found.fixes),
        "environment": told.environment,
        "fixable": bool(told.edits),
    }


def _fault(file: Linted) -> Json:
    line, column = file.source.position(file.at)
    return {"file": file.source.path, "line": line, "column": column, "message": file.fault}
