"""Finds known warnings in the noted output of a tool. Imported when the tool has ended."""

from __future__ import annotations

import os

from safeinstall import redaction
from safeinstall.rails.listener import CONDA_SAID, PIP_LOG
from safeinstall.specs.tool_warnings import TABLE, ToolWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.specs.tool_warnings import Warned

MOST_LINES = 20
LONGEST = 500  # characters

_READ = 1 << 16  # bytes of a line
_NOISE = b"Found link "  # skipped: a large index gives tens of thousands of these lines
_LEVELS = {"WARNING": "WARNING: ", "ERROR": "ERROR: "}
_Fields = tuple[tuple[str, str], ...]


def heard(directory: str) -> tuple[ToolWarning, ...]:
    """The warnings in the guest's notes that are in the table of warnings, each once."""
    files = [("pip", PIP_LOG), *(("conda", name) for name in CONDA_SAID)]
    found: dict[tuple[str, ...], ToolWarning] = {}
    for tool, name in files:
        for each in recognised(tool, _lines(os.path.join(directory, name))):
            found.setdefault(each.lines, each)
    return tuple(found.values())


def kept(found: Iterable[ToolWarning]) -> tuple[str, ...]:
    """The lines for the journal, limited to MOST_LINES lines of LONGEST characters."""
    lines = [_shortened(line) for each in found for line in each.lines]
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    return (*lines[:MOST_LINES], f"and {len(lines) - MOST_LINES} lines more")


def recognised(tool: str, lines: Iterable[str]) -> Iterator[ToolWarning]:
    """The warnings of ``tool`` among the lines of its output."""
    rows = [row for row in TABLE if row.tool == tool]
    current: ToolWarning | None = None
    before = ""
    for line in lines:
        longer = current and _continued(current, line)
        if longer:
            current = longer
        elif line.strip():
            if current:
                yield current
            current = _begun(rows, line, before)
        before = line
    if current:
        yield current


def _begun(rows: list[Warned], line: str, before: str) -> ToolWarning | None:
    if line.startswith("{"):  # conda's JSON output, in which these warnings have other texts
        return None
    for row in rows:
        if _has_level(row.level, line) and fit(row.text, line) is not None:
            if row.unless and row.unless in before:
                return None
            clean = _clean(line)
            return ToolWarning(row, (clean.lstrip(),), fit(row.text, clean) or ())
    return None


def _continued(current: ToolWarning, line: str) -> ToolWarning | None:
    for pattern in current.kind.more:
        if fit(pattern, line) is not None:
            clean = _clean(line)
            fields = current.fields + (fit(pattern, clean) or ())
            return current.replace(lines=(*current.lines, clean), fields=fields)
    return None


def fit(pattern: str, line: str) -> _Fields | None:
    """The values in the line for the ``{names}`` of the pattern; ``None`` where it does not fit."""
    first, *pieces = pattern.split("{")
    at = line.find(first) + len(first)
    if at < len(first):
        return None
    found = []
    for piece in pieces:
        name, _, literal = piece.partition("}")
        end = line.find(literal, at) if literal else len(line)
        if end < 0:
            return None
        if name:
            found.append((name, line[at:end].strip()))
        at = end + len(literal)
    return tuple(found)


def _has_level(level: str, line: str) -> bool:
    """Has the log line this level? pip's log names the level of warnings and errors only."""
    start = line.lstrip()
    if level == "INFO":
        return not start.startswith(tuple(_LEVELS.values()))
    return start.startswith(_LEVELS.get(level, ""))


def _clean(line: str) -> str:
    """The line without secrets and control characters. Must come before :func:`_shortened`, which
    could cut a secret in two.
    """
    shown = "".join(c if c.isprintable() else " " for c in line)
    return redaction.text(shown.rstrip())


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _lines(path: str) -> Iterator[str]:
    """The lines of a file, as far as it can be read; none where the file does not exist."""
    try:
        with open(path, "rb") as file:
            while line := file.readline(_READ):
                if _NOISE in line[:48]:
                    continue
                yield _without_time(line.decode("utf-8", "replace").rstrip("\r\n"))
    except OSError:
        return


def _without_time(line: str) -> str:
    """The line without the time, ``2026-11-22T19:52:04,603 ``, that ``--log`` puts before it."""
    stamped = line[4:5] == "-" and line[10:11] == "T" and line[23:24] == " " and line[:4].isdigit()
    return line[24:] if stamped else line
