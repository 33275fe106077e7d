"""SI509 without-a-word: a safeguard is switched off, and no comment says why."""

from __future__ import annotations

from safeinstall.lint.asked import told
from safeinstall.settings import SWITCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Told

CODE = "SI509"
NAME = "without-a-word"

_FLAGS = {
    "--ignore-installed": "writes over what is installed, without removing it",
    "--break-system-packages": "lets pip change what the system's package manager owns",
    "--override-frozen": "lets conda change an environment that is frozen",
}
_OFF = ("off", "0", "no", "false")
_DIRECTIVE = "safeinstall:"


def look(asked: Asked) -> Iterator[Told]:
    """``block``, unless a comment stands beside it, or above it."""
    switched_off = False
    for moment in asked.moments:
        off = moment.step.session.variables.get(SWITCH, "").strip().lower() in _OFF
        for said, why in _said(moment, off and not switched_off):
            if not _is_explained(asked, moment):
                yield told(
                    CODE,
                    "block",
                    f"{said} {why}, and no comment says what for.",
                    moment.step.span,
                    evidence=("write the reason into a comment, on this line or above it",),
                    environment=moment.environment or "",
                )
        switched_off = switched_off or (off and bool(moment.command.tool))


def _said(moment: Moment, off: bool) -> Iterator[tuple[str, str]]:
    command = moment.inner
    if not command.tool or not (command.mutates or command.verb):
        return
    for flag, why in _FLAGS.items():
        if flag in command.flags and command.mutates:
            yield flag, why
    if off:
        yield f"{SWITCH}=off", "switches the guard off"


def _is_explained(asked: Asked, moment: Moment) -> bool:
    """Is there a comment on a line of the command, or right above it or its instruction?"""
    source, comments = asked.document.source, asked.document.comments
    first = source.position(moment.step.span.start)[0]
    last = source.position(moment.step.span.end)[0]
    layer = source.position(moment.step.layer_span.start)[0] - 1
    lines = [*range(first - 1, last + 1), layer]
    texts = [comments[line].lstrip("#").strip() for line in lines if line in comments]
    return any(text and not text.startswith((_DIRECTIVE, "!")) for text in texts)
