"""``safeinstall policy schema``: the format of a policy file as JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safeinstall.policy.keys import DOCUMENT

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.model import Json


def document() -> Json:
    """The schema, made from the table that checks the files. TOML's dates are strings in it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A policy of safeinstall",
        **DOCUMENT.schema(),
    }


def schema(out: TextIO) -> int:
    """Print the schema. Returns 0."""
    json.dump(document(), out, indent=2)
    out.write("\n")
    return 0
