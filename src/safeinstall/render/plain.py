"""What the guard says of a command, as plain text for a terminal."""

from __future__ import annotations

from safeinstall.quoting import paste
from safeinstall.rules.commands import short_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command, Finding, Verdict

_STYLES = {"block": "1;31", "warn": "1;33", "dim": "2", "bold": "1"}


def verdict(verdict: Verdict, command: Command, *, colour: bool, columns: int = 80) -> str:
    """The findings: a warning in one line, then what blocks in full, and the way past it."""
    blocks = [finding for finding in verdict.findings if finding.level == "block"]
    warnings = [finding for finding in verdict.findings if finding.level != "block"]
    parts = [warning(finding, colour=colour) for finding in warnings]
    parts += [block(finding, colour=colour, columns=columns) for finding in blocks]
    if verdict.decision == "block":
        parts.append(_way_out(verdict, command))
    return "\n".join(parts)


def block(finding: Finding, *, colour: bool, columns: int = 80) -> str:
    """What would have happened, the evidence, and what to do instead."""
    lines = [
        f"{_paint('safeinstall: blocked', 'block', colour)} by {finding.rule} {finding.name}",
        *_wrapped(finding.message, columns),
        *(f"    {line}" for line in finding.evidence),
    ]
    if finding.fixes:
        lines.append("  instead:")
        lines += [f"    {_paint(fix, 'bold', colour)}" for fix in finding.fixes]
    return "\n".join(lines)


def warning(finding: Finding, *, colour: bool) -> str:
    """One line."""
    return (
        f"{_paint('safeinstall: warning', 'warn', colour)} {finding.rule} {finding.name}: "
        f"{finding.message}"
    )


def _way_out(verdict: Verdict, command: Command) -> str:
    codes = ", ".join(finding.rule for finding in verdict.findings if finding.level == "block")
    if not verdict.overridable:
        return f"  The policy allows no override of {codes}."
    line = f'SAFEINSTALL_REASON="why" {paste(short_words(command))}'
    return f"  or all the same, with a reason that the history keeps:\n    {line}"


def _wrapped(text: str, columns: int) -> list[str]:
    lines, line = [], " "
    for word in text.split():
        if len(line) + 1 + len(word) > columns and line.strip():
            lines.append(line)
            line = " "
        line += " " + word
    return [*lines, line]


def _paint(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour else text
