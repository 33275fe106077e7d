"""``safeinstall check``: the verdict that ``run`` would reach, without running the command."""

from __future__ import annotations

import sys

from safeinstall.errors import Blocked
from safeinstall.guard import decide
from safeinstall.guard.assess import Assessed, assess, is_stopped
from safeinstall.guard.words import is_ours, understand
from safeinstall.probe import place as places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Command, Json
    from safeinstall.settings import Session

SCHEMA = 1


def check(words: Sequence[str], session: Session, *, as_json: bool) -> int:
    """Show the verdict. Returns 0 if the command would run, 77 if it would be blocked."""
    command, executable = understand(words, session)
    assessed = None
    if is_ours(command):
        place = places.find(command, executable, session)
        assessed = assess(place, session, dry_run=True)
    if as_json:
        import json

        from safeinstall import redaction

        report = _report(command, executable, assessed)
        json.dump(redaction.value(report), sys.stdout, indent=2)
        sys.stdout.write("\n")
    elif assessed is not None:
        decide.say(assessed.case, assessed.verdict)
    return Blocked.exit_code if assessed is not None and is_stopped(assessed) else 0


def _report(command: Command, executable: str, assessed: Assessed | None) -> Json:
    report: Json = {
        "schema": SCHEMA,
        "verdict": "allow",
        "command": _command(command),
        "environment": None,
        "executable": executable,
        "findings": [],
        "policy": [],
    }
    if assessed is None:
        return report
    from safeinstall.journal import record

    facts = assessed.case.facts
    environment = record.place(facts.environment)
    return report | {
        "verdict": assessed.verdict.decision,
        "command": _command(facts.command),
        "environment": {key: environment[key] for key in ("prefix", "name", "kind", "base")},
        "findings": [record.finding(finding) for finding in assessed.verdict.findings],
        "policy": [
            {key: layer[key] for key in ("path", "digest")}
            for layer in assessed.case.policy.describe()
        ],
    }


def _command(command: Command) -> Json:
    return {
        "tool": command.tool,
        "verb": command.verb,
        "specs": [spec.raw for spec in command.specs],
        "mutates": command.mutates,
        "understood": command.understood,
    }
