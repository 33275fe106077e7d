"""``policy explain`` as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.output.quoting import paste
from safeinstall.output.shown import values as quoted
from safeinstall.render.policy.lines import actors, line, place, where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from safeinstall.model import Json
    from safeinstall.render.look import Look

_OUTCOMES = {
    "off": "off, so nothing is said",
    "told before": "said before, so not repeated",
}


def as_text(explained: Json, look: Look, out: TextIO) -> None:
    """Write each rule that was asked, with what it has found and what the policy makes of it."""
    for depth, text in _lines(explained):
        out.write((line(text, look, depth) if text else "") + "\n")


def _lines(explained: Json) -> Iterator[tuple[int, str]]:
    command, environment = paste(explained["words"]), explained["environment"]
    if environment is None:
        yield 0, f"{command}: allow; it changes no environment, so no rule is asked"
        return
    who = actors(explained["actors"])
    yield 0, f"{command} in {place(environment)}{who}: {explained['verdict']}"
    for rule in explained["rules"]:
        yield 0, ""
        yield from _rule(rule)
    yield 0, ""
    yield 0, f"not asked: {', '.join(explained['not_asked'])}"
    if explained["verdict"] == "block":
        yield 0, _way_past(explained)
    yield 0, "files: " + (quoted(each["path"] for each in explained["files"]) or "none")


def _rule(rule: Json) -> Iterator[tuple[int, str]]:
    title = f"{rule['rule']} {rule['name']}"
    held = "; pip's resolver is held to it while it runs" if rule["enforced"] else ""
    if not rule["findings"]:
        yield 0, f"{title}: found nothing{held}"
        return
    outcomes = ", ".join(dict.fromkeys(each["outcome"] for each in rule["findings"]))
    yield 0, f"{title}: {outcomes}{held}"
    for finding in rule["findings"]:
        yield 1, f"{'harm' if finding['harm'] else 'milder'}: {finding['message']}"
        outcome = _OUTCOMES.get(finding["outcome"])
        yield 1, f"level {finding['level']}, by {where(finding['decided_by'])}"
        if outcome:
            yield 1, outcome
        yield from ((1, _exception(each)) for each in finding["exceptions"])


def _exception(match: Json) -> str:
    title = f"exception {quoted([match['id']])} of {quoted([match['owner']])}, {where(match['by'])}"
    if match["covers"]:
        return f"{title}: covers it: {match['reason']}"
    return f"{title}: does not cover it: {'; '.join(match['why_not'])}"


def _way_past(explained: Json) -> str:
    if not explained["overridable"]:
        return "past it: no reason helps"
    ticket = " and ".join(explained["tickets"])
    return "past it: by a reason" + (f" that names a ticket ({ticket})" if ticket else "")
