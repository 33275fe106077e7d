"""Lines of at most the width of the output, for text with paths and values that may be copied."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from safeinstall.output.shown import one_line
from safeinstall.output.shown import value as quoted

if TYPE_CHECKING:
    from typing import Any

    from safeinstall.model import Json
    from safeinstall.render.look import Look

STEP = "  "


def line(text: str, look: Look, depth: int = 0) -> str:
    """The text, indented by so many steps, wrapped between words; a long path stays whole."""
    lead = STEP * depth
    return textwrap.fill(
        one_line(text),
        max(look.width, 40),
        initial_indent=lead,
        subsequent_indent=lead + STEP * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )


def value(found: Any) -> str:
    """A value of a policy in few words, as it could be written in the file."""
    if found is None:
        return "any"
    if isinstance(found, list | tuple):
        return "[" + ", ".join(value(item) for item in found) + "]"
    return '"' + str(found).replace("\\", "\\\\").replace('"', '\\"') + '"'


def place(environment: Json | None) -> str:
    """An environment by its name and prefix."""
    if environment is None:
        return "no environment"
    return f"{quoted(environment['name'])} ({quoted(environment['prefix'])})"


def actors(kinds: list[str]) -> str:
    """Who acts: ``", for an agent"``; ``""`` for a person."""
    return (
        ", for " + " and ".join({"agent": "an agent", "ci": "CI"}[kind] for kind in kinds)
        if (kinds)
        else ""
    )


def where(by: Json) -> str:
    """Where a value was written, with the layer."""
    return f"{by['layer']}, {by['where']}" if by["layer"] and by["file"] else str(by["where"])
