"""SI508 environment-file: ``pip:`` before conda's packages, or a package in both parts."""

from __future__ import annotations

from safeinstall.lint.asked import told
from safeinstall.output.shown import value
from safeinstall.specs.conda_names import conda_names
from safeinstall.specs.matchspec import parse as match_spec
from safeinstall.specs.requirement import parse as requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.nouns import Entry, Told

CODE = "SI508"
NAME = "environment-file"

_OF_PIP = "pip:"


def look(asked: Asked) -> Iterator[Told]:
    """``block`` for a package that both are asked for; ``warn`` for the order, and for pip's part
    without pip.
    """
    entries = [entry for entry in asked.stage.entries if entry.part != "channels"]
    head = next((n for n, entry in enumerate(entries) if entry.text == _OF_PIP), -1)
    by_conda = [e for e in entries if e.part == "conda" and e.text != _OF_PIP]
    names = {match_spec(entry.text).name: entry for entry in by_conda}
    if head >= 0:
        yield from _order(entries, head, names)
    for entry in entries:
        if entry.part == "pip" and (twin := _twin(entry, names)):
            line = asked.line(twin.span)
            yield told(
                CODE,
                "block",
                f"{value(entry.text)} is asked of pip, and of conda on line {line}: pip replaces "
                "what conda has installed.",
                entry.span,
                packages=(requirement(entry.text).name,),
            )


def _order(entries: list[Entry], head: int, names: dict[str, Entry]) -> Iterator[Told]:
    later = [entry for entry in entries[head:] if entry.part == "conda" and entry.text != _OF_PIP]
    if later:
        yield told(
            CODE,
            "warn",
            f"{value(later[0].text)} stands behind pip:, but conda installs it first. pip's part "
            "belongs at the end.",
            later[0].span,
        )
    if "pip" not in names:
        yield told(
            CODE,
            "warn",
            "The file has a part for pip, but does not ask for pip itself: conda adds some version "
            "of it, with a warning.",
            entries[head].span,
        )


def _twin(entry: Entry, names: dict[str, Entry]) -> Entry | None:
    asked = requirement(entry.text).name
    if not asked:
        return None
    return next((names[name] for name in (asked, *conda_names(asked)) if name in names), None)
