"""Findings as SARIF, which code scanning reads."""

from __future__ import annotations

from safeinstall.files import resources
from safeinstall.output import sarif
from safeinstall.output.sarif import Place, Result
from safeinstall.output.shown import one_line
from safeinstall.policy.rule_table import BY_CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.lint.nouns import Told
    from safeinstall.lint.run import Linted
    from safeinstall.lint.source import Source
    from safeinstall.model import Json

_LEVELS = {"block": "error", "warn": "warning"}


def report(files: Sequence[Linted]) -> Json:
    """One run over all files."""
    codes = sorted({told.finding.rule for file in files for told in file.told})
    results = [result for file in files for result in _results(file)]
    return sarif.document(list(map(_rule, codes)), results)


def place(source: Source, start: int, end: int) -> Place:
    """The place of a span of the source."""
    line, column = source.position(start)
    end_line, end_column = source.position(max(start, end))
    return Place(source.path, line, column, end_line, end_column)


def _rule(code: str) -> sarif.Rule:
    rule = BY_CODE[code]
    page = resources.text("docs/rules", f"{code}.md")
    return sarif.Rule(code, rule.fires, rule.name, page)


def _results(file: Linted) -> Iterator[Result]:
    if file.fault:
        yield Result("", "error", one_line(file.fault), place(file.source, file.at, file.at))
    for told in file.told:
        yield _result(told, file.source)


def _result(told: Told, source: Source) -> Result:
    finding = told.finding
    text = one_line(finding.message)
    if finding.fixes:
        text += f" Instead: {finding.fixes[0]}"
    level = _LEVELS.get(finding.level, "note")
    return Result(finding.rule, level, text, place(source, told.span.start, told.span.end))
