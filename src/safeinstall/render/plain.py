"""The verdict on a command as plain text for a terminal."""

from __future__ import annotations

from safeinstall import redaction
from safeinstall.argv.typed import short_words
from safeinstall.output.quoting import without_note
from safeinstall.output.shown import is_command, one_line
from safeinstall.output.wording import few, first
from safeinstall.render import pasted
from safeinstall.render.pasted import SHELL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Command, Finding, Verdict
    from safeinstall.render.pasted import Where

_STYLES = {"block": "1;31", "warn": "1;33", "dim": "2", "bold": "1"}
_MOST_EVIDENCE = 40  # lines
_MOST_FACTS = 10  # lines of evidence for a coding agent
_COLUMNS = 80
_HANGING = "      "  # in front of what did not fit
_REASON = 'SAFEINSTALL_REASON="why"'
_OURS = ("instead:", "safeinstall:")  # how lines of the guard begin


def verdict(
    verdict: Verdict,
    command: Command,
    *,
    colour: bool,
    columns: int = 0,
    where: Where = SHELL,
) -> str:
    """The findings: each warning in one line, then blocks in full, and how to override them.

    ``where`` is where the commands will be pasted.
    """
    verdict = _shown_in(where, verdict)
    blocks = [finding for finding in verdict.findings if finding.level == "block"]
    warnings = [finding for finding in verdict.findings if finding.level != "block"]
    parts = [warning(finding, colour=colour) for finding in warnings]
    parts += [block(finding, colour=colour, columns=columns) for finding in blocks]
    if verdict.decision == "block":
        parts.append(_way_out(verdict, command, where))
        parts += [f"  Questions: {verdict.contact}"] * bool(verdict.contact)
    return "\n".join(parts)


def for_agent(verdict: Verdict, command: Command, where: Where = SHELL) -> str:
    """The same for a coding agent: each line says what it is, and nothing is wrapped."""
    verdict = _shown_in(where, verdict)
    blocks = [finding for finding in verdict.findings if finding.level == "block"]
    lines = [warning(item, colour=False) for item in verdict.findings if item not in blocks]
    lines += [line for finding in blocks for line in _for_agent(finding)]
    if blocks:
        lines.append(f"  override: {_override(verdict, command)}")
        lines += [f"  contact: {verdict.contact}"] * bool(verdict.contact)
    return "\n".join(lines)


def _for_agent(finding: Finding) -> Iterator[str]:
    yield f"safeinstall: blocked by {finding.rule} {finding.name}"
    yield f"  what: {one_line(finding.message)}"
    for item in first(finding.evidence, _MOST_FACTS):
        yield f"  fact: {one_line(item)}"
    for fix in filter(is_command, finding.fixes):
        line, note = without_note(fix)
        yield f"  instead: {line}"
        if note:
            yield f"  note: {note}"


def _override(verdict: Verdict, command: Command) -> str:
    if not verdict.overridable:
        return "none, the policy allows no override"
    ticket = f" that names a ticket ({_tickets(verdict)})" if verdict.tickets else ""
    return f"only where the user agrees, with the user's reason{ticket}: {_with_reason(command)}"


def going_on(
    verdict: Verdict,
    reason: str,
    *,
    colour: bool,
    asked: bool = False,
    where: Where = SHELL,
) -> str:
    """The warnings, and one line for all blocks: that it goes on, why, and what it costs.

    ``asked``: nothing runs, as it is only asked what would be. ``where``: as for :func:`verdict`.
    """
    verdict = _shown_in(where, verdict)
    blocks = [finding for finding in verdict.findings if finding.level == "block"]
    parts = [warning(item, colour=colour) for item in verdict.findings if item not in blocks]
    rules = ", ".join(f"{item.rule} {item.name}" for item in blocks)
    costs = " ".join(dict.fromkeys(map(_cost, blocks)))
    on = _paint(f"safeinstall: {'would go' if asked else 'going'} on past", "warn", colour)
    return "\n".join([*parts, f"{on} {rules}, as given: {one_line(reason)}. {costs}"])


def _shown_in(where: Where, verdict: Verdict) -> Verdict:
    return verdict.replace(findings=tuple(pasted.finding(f, where) for f in verdict.findings))


def _cost(finding: Finding) -> str:
    """The first sentence of the message, with the packages if there are few."""
    sentence = one_line(finding.message).partition(". ")[0].rstrip(".")
    named = [name for name in finding.packages if name not in sentence]
    return one_line(sentence + (f" ({', '.join(few(named, 3))})" if named else "")) + "."


def block(finding: Finding, *, colour: bool, columns: int = 0) -> str:
    """A blocking finding: its message, its evidence, and the commands to use instead.

    Without ``columns`` the message has 80, and the evidence a line for each item.
    """
    lines = [
        f"{_paint('safeinstall: blocked', 'block', colour)} by {finding.rule} {finding.name}",
        *_paragraph(finding, columns or _COLUMNS),
        *(
            line
            for item in first(finding.evidence, _MOST_EVIDENCE)
            for line in _folded(f"    {one_line(item)}", columns)
        ),
    ]
    fixes = list(filter(is_command, finding.fixes))
    if fixes:
        lines.append("  instead:")
        lines += [line for fix in fixes for line in to_paste(fix, colour=colour)]
    return "\n".join(lines)


def to_paste(fix: str, *, colour: bool) -> Iterator[str]:
    """A command to paste, never wrapped, and below it the note that goes with it."""
    line, note = without_note(fix)
    yield f"    {_paint(line, 'bold', colour)}"
    if note:
        yield f"      ({note})"


def warning(finding: Finding, *, colour: bool) -> str:
    """A warning in one line."""
    return (
        f"{_paint('safeinstall: warning', 'warn', colour)} {finding.rule} {finding.name}: "
        f"{one_line(finding.message)}{_led_to(finding)}"
    )


def _led_to(finding: Finding) -> str:
    """The warning's command, unchanged, behind the words that lead to it and its note."""
    offered = (finding.afterwards,) if finding.afterwards else finding.fixes
    fixes = list(filter(is_command, offered))
    if not (finding.lead and fixes and finding.fixes):
        return ""
    line, note = without_note(fixes[0])
    return f" {finding.lead}{f' ({note})' if note else ''}: {line}"


def _way_out(verdict: Verdict, command: Command, where: Where) -> str:
    codes = ", ".join(finding.rule for finding in verdict.findings if finding.level == "block")
    if not verdict.overridable:
        return f"  The policy allows no override of {codes}."
    line, reason = _with_reason(command, where), _reason(where)
    what = "a reason that the history keeps"
    if verdict.tickets:
        what = f"a reason that names a ticket ({_tickets(verdict)})"
    if line != reason:
        return f"  or all the same, with {what}:\n    {line}"
    place = "in place of ! or %" if where.cell else "as you typed it"
    return (
        f"  or all the same, with {what}: put this in front of\n  the command {place}:\n    {line}"
    )


def _tickets(verdict: Verdict) -> str:
    return " and ".join(map(one_line, verdict.tickets))


def _reason(where: Where) -> str:
    return pasted.MARK + _REASON if where.cell else _REASON


def _with_reason(command: Command, where: Where = SHELL) -> str:
    """The command with a reason in front; the reason alone where the command cannot be shown."""
    words = short_words(command)
    whole = f"{_reason(where)} {pasted.command(list(words), where)}"
    return whole if is_command(whole) and redaction.words(words) == words else _reason(where)


def _paragraph(finding: Finding, columns: int) -> list[str]:
    """The message, wrapped into lines. If it has unprintable characters, it stays on one line: a
    name with line ends in it could be meant to forge lines of the guard.
    """
    message = one_line(finding.message)
    return _wrapped(message, columns) if finding.message.isprintable() else [f"  {message}"]


def _folded(line: str, columns: int) -> Iterator[str]:
    """The line, cut between words where it is longer than ``columns``, if these are known."""
    while columns and len(line) > columns:
        at = line.rfind(" ", len(_HANGING) + 1, columns + 1)
        if at < 0:
            break
        yield line[:at].rstrip()
        line = _HANGING + line[at:].lstrip()
    yield line


def _wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of ``columns``. No line begins like a line of the guard, or in quotes."""
    lines, current = [], " "
    for word in _words(text):
        full = len(current) + 1 + len(word) > columns
        if full and current.strip() and not word.lower().startswith(_OURS):
            lines.append(current)
            current = " "
        current += " " + word
    return [*lines, current]


def _words(text: str) -> Iterator[str]:
    """The words between blanks; a text in quotes, as :func:`shown.value` writes it, is one word."""
    quoted: list[str] = []
    for word in text.split():
        quoted.append(word)
        first, end = quoted[0][0], word.rstrip(".,;:)")
        closed = end.endswith(first) and not end.endswith(f"\\{first}") and quoted != [first]
        if first not in "'\"" or closed:
            yield " ".join(quoted)
            quoted = []
    if quoted:
        yield " ".join(quoted)


def _paint(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour else text
