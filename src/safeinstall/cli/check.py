"""``safeinstall check``: what ``run`` would say, without running anything."""

from __future__ import annotations

import sys

from safeinstall import redaction, stderr
from safeinstall.errors import Blocked
from safeinstall.guard.assess import Considered, consider, is_ours, understand
from safeinstall.guard.override import given_beforehand
from safeinstall.journal import record
from safeinstall.probe import facts as probe
from safeinstall.render import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Command, Json
    from safeinstall.settings import Settings

SCHEMA = 1


def check(
    words: Sequence[str],
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
    *,
    as_json: bool,
) -> int:
    """0 if the command would be let through, 77 if it would be blocked."""
    command, executable = understand(words, configuration, environ, cwd)
    considered = None
    if is_ours(command):
        place = probe.find(command, executable, configuration, environ, cwd)
        considered = consider(place, configuration, cwd, by_dry_run=True)
    if as_json:
        import json

        report = _report(command, executable, considered)
        json.dump(redaction.value(report), sys.stdout, indent=2)
        sys.stdout.write("\n")
    elif considered is not None and considered.verdict.findings:
        colour = stderr.coloured(environ)
        stderr.say(plain.verdict(considered.verdict, command, colour=colour))
    verdict = considered.verdict if considered is not None else None
    if verdict is None or verdict.decision != "block":
        return 0
    # A reason that was given beforehand lets the command through, here as in "run".
    return 0 if verdict.overridable and given_beforehand(configuration) else Blocked.exit_code


def _report(command: Command, executable: str, considered: Considered | None) -> Json:
    report: Json = {
        "schema": SCHEMA,
        "verdict": "allow",
        "command": _command(command),
        "environment": None,
        "executable": executable,
        "findings": [],
        "policy": [],
    }
    if considered is None:
        return report
    facts = considered.facts
    place = record.place(facts.environment)
    return report | {
        "verdict": considered.verdict.decision,
        "command": _command(facts.command),
        "environment": {key: place[key] for key in ("prefix", "name", "kind", "base")},
        "findings": [record.finding(finding) for finding in considered.verdict.findings],
        "policy": [
            {key: layer[key] for key in ("path", "digest")}
            for layer in considered.policy.describe()
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
