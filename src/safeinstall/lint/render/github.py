"""Findings as annotations of GitHub Actions.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from safeinstall.output.shown import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.nouns import Told
    from safeinstall.lint.run import Linted
    from safeinstall.lint.source import Source

_COMMANDS = {"block": "error", "warn": "warning"}


def lines(file: Linted) -> Iterator[str]:
    """One line for each finding of a file, or for why it could not be judged."""
    if file.fault:
        line, column = file.source.position(file.at)
        place = f"file={_property(file.source.path)},line={line},col={column}"
        yield f"::error {place}::{_data(one_line(file.fault))}"
    for told in file.told:
        yield _line(told, file.source)


def _line(told: Told, source: Source) -> str:
    finding = told.finding
    line, column = source.position(told.span.start)
    end_line, end_column = source.position(max(told.span.start, told.span.end))
    place = f"file={_property(source.path)},line={line},col={column},endLine={end_line}"
    if end_line == line:  # GitHub takes an end column only then
        place += f",endColumn={end_column}"
    title = _property(f"{finding.rule} {finding.name}")
    text = one_line(finding.message)
    if finding.fixes:
        text += f"\nInstead: {finding.fixes[0]}"
    command = _COMMANDS.get(finding.level, "notice")
    return f"::{command} {place},title={title}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
