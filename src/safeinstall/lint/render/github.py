"""Findings as annotations of GitHub Actions."""

from __future__ import annotations

from safeinstall.lint.render.sarif import place
from safeinstall.output.github import annotation
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
        where = place(file.source, file.at, file.at).replace(end_line=0)
        yield annotation("error", where, one_line(file.fault))
    for told in file.told:
        yield _line(told, file.source)


def _line(told: Told, source: Source) -> str:
    finding = told.finding
    text = one_line(finding.message)
    if finding.fixes:
        text += f"\nInstead: {finding.fixes[0]}"
    command = _COMMANDS.get(finding.level, "notice")
    where = place(source, told.span.start, told.span.end)
    return annotation(command, where, text, f"{finding.rule} {finding.name}")
