"""Findings with the line that they are about, and a caret under it."""

from __future__ import annotations

from safeinstall import redaction
from safeinstall.output.shown import one_line, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.lint.nouns import Told
    from safeinstall.lint.run import Linted
    from safeinstall.lint.source import Source

_WORDS = {"block": "error", "warn": "warning"}
_STYLES = {"block": "1;31", "warn": "1;33", "dim": "2"}
_WIDEST = 160  # characters of a line that is shown
_READ = 2000  # characters of a line that are looked at
_MOST_EVIDENCE = 6


def text(linted: Linted, *, colour: bool) -> str:
    """All that is told of one file."""
    parts = [_told(told, linted.source, colour=colour) for told in linted.told]
    return "".join(parts)


def fault(linted: Linted) -> str:
    """Why a file could not be judged, in one line that begins with its place."""
    line, column = linted.source.position(linted.at)
    return f"{one_line(linted.source.path)}:{line}:{column}: error: {one_line(linted.fault)}"


def summary(files: Sequence[Linted], faults: int) -> str:
    """One line on all files."""
    count = sum(len(file.told) for file in files)
    told = f"{count} {'finding' if count == 1 else 'findings'}" if count else "nothing found"
    judged = len(files) - faults
    said = f"{told} in {judged} {'file' if judged == 1 else 'files'}"
    return said + (f", {faults} could not be judged" if faults else "")


def _told(told: Told, source: Source, *, colour: bool) -> str:
    finding = told.finding
    line, column = source.position(told.span.start)
    place = f"{one_line(source.path)}:{line}:{column}"
    word = _paint(_WORDS.get(finding.level, finding.level), finding.level, colour)
    lines = [f"{place}: {word} {finding.rule} {finding.name}"]
    lines += _excerpt(told, source, line, column, colour=colour)
    lines.append(f"  {one_line(finding.message)}")
    lines += [f"    {one_line(item)}" for item in finding.evidence[:_MOST_EVIDENCE]]
    lines += [f"  instead: {fix}" for fix in finding.fixes]
    return "\n".join(lines) + "\n\n"


def _excerpt(told: Told, source: Source, line: int, column: int, *, colour: bool) -> Iterator[str]:
    """The line, and carets under the part of it that the finding is about."""
    written = source.line(line)
    end_line, end_column = source.position(told.span.end)
    last = end_column if end_line == line else len(written) + 1
    before, inside = _clean(written[: column - 1]), _clean(written[column - 1 : last - 1])
    before = before if len(before) < _WIDEST // 2 else "…" + before[-_WIDEST // 4 :]
    shown = (before + inside + _clean(written[last - 1 :]))[:_WIDEST]
    width = max(1, min(len(inside), len(shown) - len(before)))
    number = str(line)
    yield f"  {number} | {shown}"
    carets = _paint("^" * width, told.finding.level, colour)
    yield f"  {' ' * len(number)} | {' ' * len(before)}{carets}"


def _clean(text: str) -> str:
    """A part of a line without secrets and without what would control the terminal."""
    return printable(redaction.argument(text[:_READ].replace("\t", " ")))


def _paint(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour and style in _STYLES else text
