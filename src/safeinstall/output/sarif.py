"""Results as SARIF 2.1.0, which code hosts show beside the lines of a file. Pure.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from urllib.parse import quote

from safeinstall import __version__
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.model import Json

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Rule(Value):
    """What results are about."""

    id: str
    about: str  # in a sentence
    name: str = ""
    help: str = ""  # its page, in Markdown


class Place(Value):
    """A place in a file, in lines and columns from 1; line 0 is the whole file."""

    file: str  # relative to the working directory, or absolute
    line: int = 0
    column: int = 0
    end_line: int = 0  # 0: not known
    end_column: int = 0


class Result(Value):
    """One statement about a place. Without a ``rule``: why the file could not be judged."""

    rule: str
    level: str  # "error", "warning" or "note"
    message: str
    place: Place


def document(rules: Sequence[Rule], results: Iterable[Result]) -> Json:
    """A log with one run."""
    results = list(results)
    faults = [result for result in results if not result.rule]
    ids = [rule.id for rule in rules]
    driver = {"name": "safeinstall", "version": __version__, "rules": list(map(_rule, rules))}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not faults,
                "toolExecutionNotifications": list(map(_stated, faults)),
            }
        ],
        "results": [
            {"ruleId": result.rule, "ruleIndex": ids.index(result.rule), **_stated(result)}
            for result in results
            if result.rule
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Json:
    more = {"name": rule.name} if rule.name else {}
    page = {"help": {"text": rule.help}} if rule.help else {}
    return {"id": rule.id, "shortDescription": {"text": rule.about}, **more, **page}


def _stated(result: Result) -> Json:
    return {
        "level": result.level,
        "message": {"text": result.message},
        "locations": [{"physicalLocation": _location(result.place)}],
    }


def _location(place: Place) -> Json:
    where: Json = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line:
        end = {"endLine": place.end_line, "endColumn": place.end_column} if place.end_line else {}
        where["region"] = {"startLine": place.line, "startColumn": place.column, **end}
    return where


def _uri(path: str) -> str:
    """A URI, or where the path is relative a relative reference."""
    uri = quote(path.replace("\\", "/"), errors="surrogateescape")
    return f"file://{uri}" if path.startswith("/") else uri
