"""SI505 lossy-export: an environment is written down by a command that leaves out a part of it."""

from __future__ import annotations

from safeinstall.lint.asked import told
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Told

CODE = "SI505"
NAME = "lossy-export"

_EXPORTS = ("env export", "export")
_LISTS = ("--export", "--explicit")
_LOCK = "safeinstall export --format lock --output lock"


def look(asked: Asked) -> Iterator[Told]:
    """``block`` where the output is kept in a file; what is only printed is for people."""
    for moment in asked.moments:
        why = _why(moment)
        if why:
            verb = f"{moment.inner.tool} {moment.inner.verb}"
            yield told(CODE, "block", f"{verb} {why}", moment.step.span, fixes=(_LOCK,))


def _why(moment: Moment) -> str:
    command, step = moment.inner, moment.step
    if command.tool not in CONDA_LIKE:
        return ""
    kept = bool(step.saved) or bool(command.files) or "--file" in command.flags
    if command.verb in _EXPORTS and kept:
        if "--from-history" in command.flags:
            return "--from-history leaves out versions, and everything that pip has installed."
        return (
            "leaves out where pip's packages came from (a commit, an index, a directory), and "
            "writes down the prefix of this machine."
        )
    if command.verb == "list" and step.saved and command.flags.intersection(_LISTS):
        return "leaves out what pip has installed."
    return ""
