"""What ``policy check`` has to say of a file: errors, and entries without effect. Reads the files
that a file extends, as the loader does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.policy import Layer, load
from safeinstall.policy.layer import Fault, examine
from safeinstall.report.policy import effect
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import Json
    from safeinstall.policy import Lost
    from safeinstall.policy.places import Path
    from safeinstall.settings import Settings

SCHEMA = 1
ERROR, WARNING = "error", "warning"
FORMS = ("text", "json", "sarif", "github")
"""How ``policy check`` can write the remarks."""


class Remark(Value):
    """A fault, and how bad it is: the file cannot be used, or something in it has no effect."""

    fault: Fault
    level: str

    def __str__(self) -> str:
        """``FILE:LINE:COLUMN: reason``, as editors and terminals understand it."""
        fault = self.fault
        said = f"warning: {fault.reason}" if self.level == WARNING else fault.reason
        return str(fault.replace(reason=said))


def remarks(files: Sequence[tuple[str, str]], settings: Settings, today: str) -> list[Remark]:
    """All errors in files that count together, given as (kind, path), and in those that they
    extend; if there are none, the entries without effect. Fetches nothing.
    """
    seen: set[str] = set()
    faults = [fault for kind, path in files for fault in _faults(kind, path, (), seen)]
    if faults:
        return [Remark(fault, ERROR) for fault in faults]
    policy = load.merged(files, settings, fetching=False)
    return [Remark(_idle(lost), WARNING) for lost in effect.without_effect(policy, today)]


def ordered(found: Iterable[Remark]) -> list[Remark]:
    """Each remark once, by file and place."""

    def key(remark: Remark) -> tuple[str, int, int, str]:
        fault = remark.fault
        return fault.file, fault.line, fault.column, fault.reason

    return sorted(dict.fromkeys(found), key=key)


def document(found: Iterable[Remark]) -> Json:
    """The remarks as plain data."""
    return {
        "schema": SCHEMA,
        "remarks": [
            {
                "file": remark.fault.file,
                "line": remark.fault.line or None,
                "column": remark.fault.column or None,
                "level": remark.level,
                "reason": remark.fault.reason,
            }
            for remark in found
        ],
    }


def _faults(kind: str, path: str, above: tuple[str, ...], seen: set[str]) -> Iterator[Fault]:
    """Those of a file and of what it extends, each of them once."""
    seen.add(path)
    found, faults = examine(path)
    yield from faults
    if faults:
        return
    layer, above = Layer(kind, path, **found), (*above, path)
    for place, base in load.bases(layer):
        if not isinstance(base, str):
            continue
        file = load.beside(layer, base)
        if why := load.refusal(layer, base):
            yield _at(layer, place, why)
        elif file in above or len(above) > load.DEEPEST:
            yield _at(layer, place, load.TOO_DEEP)
        elif file not in seen:
            for fault in _faults(kind, file, above, seen):
                whole = not fault.line  # better told where the file is named
                yield _at(layer, place, f"extends {fault}") if whole else fault


def _at(layer: Layer, place: Path, reason: str) -> Fault:
    line, column = layer.places.get(place, (0, 0))
    return Fault(layer.path, reason, line, column)


def _idle(lost: Lost) -> Fault:
    line, column = lost.by.place or (0, 0)
    value = lost.value if isinstance(lost.value, str) else ", ".join(map(str, lost.value))
    return Fault(lost.by.file, f"{lost.key} {value!r} has no effect: {lost.why}", line, column)
