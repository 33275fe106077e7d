"""Annotations of GitHub Actions: lines that show a message beside a line of a file. Pure.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.output.sarif import Place


def annotation(command: str, place: Place, text: str, title: str = "") -> str:
    """The line for a message. ``command`` is ``error``, ``warning`` or ``notice``."""
    parts = [f"file={_property(place.file)}"]
    if place.line:
        parts += [f"line={place.line}", f"col={place.column}"]
    if place.end_line:
        parts.append(f"endLine={place.end_line}")
    if place.end_line == place.line and place.end_column:  # GitHub takes an end column only then
        parts.append(f"endColumn={place.end_column}")
    if title:
        parts.append(f"title={_property(title)}")
    return f"::{command} {','.join(parts)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
