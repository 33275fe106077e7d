"""Findings as SARIF 2.1.0, which code scanning reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from urllib.parse import quote

from safeinstall import __version__
from safeinstall.files import resources
from safeinstall.output.shown import one_line
from safeinstall.policy.rule_table import BY_CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.lint.nouns import Told
    from safeinstall.lint.run import Linted
    from safeinstall.lint.source import Source
    from safeinstall.model import Json
    from safeinstall.policy.rule_table import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"block": "error", "warn": "warning"}


def report(files: Sequence[Linted]) -> Json:
    """One run over all files."""
    codes = sorted({told.finding.rule for file in files for told in file.told})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "safeinstall",
                        "version": __version__,
                        "rules": [_rule(BY_CODE[code]) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not any(file.fault for file in files),
                        "toolExecutionNotifications": [_fault(f) for f in files if f.fault],
                    }
                ],
                "results": [
                    _result(told, file.source, codes) for file in files for told in file.told
                ],
            }
        ],
    }


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.fires},
        "help": {"text": resources.text("docs/rules", f"{rule.code}.md")},
    }


def _result(told: Told, source: Source, codes: Sequence[str]) -> Json:
    finding = told.finding
    text = one_line(finding.message)
    if finding.fixes:
        text += f" Instead: {finding.fixes[0]}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": codes.index(finding.rule),
        "level": _LEVELS.get(finding.level, "note"),
        "message": {"text": text},
        "locations": [_location(source, told.span.start, told.span.end)],
    }


def _fault(file: Linted) -> Json:
    return {
        "level": "error",
        "message": {"text": one_line(file.fault)},
        "locations": [_location(file.source, file.at, file.at)],
    }


def _location(source: Source, start: int, end: int) -> Json:
    line, column = source.position(start)
    end_line, end_column = source.position(max(start, end))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(source.path.replace("\\", "/"))},
            "region": {
                "startLine": line,
                "startColumn": column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        }
    }
