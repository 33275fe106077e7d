"""Results as SARIF 2.1.0, which code hosts show beside the lines of a file. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from safeinstall import __version__
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeinstall.model import Json

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Result(Value):
    """One statement about a place in a file."""

    rule: str
    level: str  # "error", "warning" or "note"
    message: str
    file: str  # relative to the working directory, or absolute
    line: int = 0  # from 1; 0: the whole file
    column: int = 0


def document(tool_rules: Mapping[str, str], results: Iterable[Result]) -> Json:
    """A log with one run. ``tool_rules``: what each rule is about, by its ID."""
    driver = {
        "name": "safeinstall",
        "version": __version__,
        "rules": [
            {"id": code, "shortDescription": {"text": text}} for code, text in tool_rules.items()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": list(map(_result, results)),
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(result: Result) -> Json:
    where: Json = {"artifactLocation": {"uri": _uri(result.file)}}
    if result.line:
        where["region"] = {"startLine": result.line, "startColumn": result.column}
    return {
        "ruleId": result.rule,
        "level": result.level,
        "message": {"text": result.message},
        "locations": [{"physicalLocation": where}],
    }


def _uri(path: str) -> str:
    """A URI, or where the path is relative a relative reference."""
    uri = quote(path, errors="surrogateescape")
    return f"file://{uri}" if path.startswith("/") else uri
