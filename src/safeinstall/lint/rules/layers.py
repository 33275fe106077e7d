"""SI507 conda-in-layers: conda changes one environment in several layers of an image."""

from __future__ import annotations

from safeinstall.lint.asked import told
from safeinstall.model import CONDA_LIKE
from safeinstall.specs.conda_itself import CONDA_ITSELF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Told

CODE = "SI507"
NAME = "conda-in-layers"

_PUTTING = ("install", "update", "create", "env create", "env update", "remove")


def look(asked: Asked) -> Iterator[Told]:
    """``block`` at the second layer: each one is solved without knowing of the next, and keeps
    what the next one replaces.
    """
    if asked.stage.kind != "image" or not asked.stage.delivered:
        return
    by_environment: dict[str, list[Moment]] = {}
    for moment in asked.moments:
        if moment.environment is not None and _counts(moment):
            by_environment.setdefault(moment.environment, []).append(moment)
    for name, moments in by_environment.items():
        first = {moment.step.layer: moment for moment in reversed(moments)}
        if len(first) < 2:
            continue
        ordered = sorted(first.values(), key=lambda moment: moment.step.layer)
        lines = [str(asked.line(moment.step.span)) for moment in ordered]
        yield told(
            CODE,
            "block",
            f"conda changes {name} in {len(lines)} layers (lines {', '.join(lines)}): each is "
            "solved without the next, and keeps the files that the next one replaces.",
            ordered[1].step.span,
            environment=name,
        )


def _counts(moment: Moment) -> bool:
    """Does conda change packages here, other than itself?"""
    command = moment.inner
    if command.tool not in CONDA_LIKE or command.verb not in _PUTTING or not command.mutates:
        return False
    names = {spec.name for spec in command.specs}
    return not (names and names <= CONDA_ITSELF)
