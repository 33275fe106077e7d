"""Tables of situations with the answers of a real tool, made by the scripts in ``tools/``."""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TOOLS = str(Path(__file__).parents[2] / "tools")


def script(name: str) -> Any:
    """The script as a module."""
    if TOOLS not in sys.path:
        sys.path.append(TOOLS)
    return importlib.import_module(name)


def stored(module: Any) -> Any:
    """Its table: the tool's version, and the situations with their answers."""
    return json.loads(gzip.decompress(Path(module.TABLE).read_bytes()))


def wrong(
    rows: list[dict[str, Any]], directory: Path, ours: Callable[[str, dict[str, Any]], object]
) -> list[dict[str, Any]]:
    """The situations in which our answer is another one, with it. What the tool refuses is left to
    the tool.
    """
    found = []
    for number, row in enumerate(rows):
        if not row["answer"][0].startswith("e"):  # "error", or "error: why"; all others are paths
            answer = ours(str(directory / str(number)), row)
            if answer != row["answer"]:
                found.append({**row, "ours": answer})
    return found


def asked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The situations without their answers."""
    return [{k: v for k, v in row.items() if k != "answer"} for row in rows]
