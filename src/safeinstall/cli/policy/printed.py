"""Reports for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safeinstall import redaction

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.model import Json


def as_json(report: Json, out: TextIO) -> int:
    """Write the report without secrets. Returns 0."""
    json.dump(redaction.value(report), out, indent=2)
    out.write("\n")
    return 0
