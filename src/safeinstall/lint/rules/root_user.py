"""SI502 root-user: the image runs as root."""

from __future__ import annotations

from safeinstall.lint.asked import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.nouns import Told

CODE = "SI502"
NAME = "root-user"

_ROOT = ("root", "0")


def look(asked: Asked) -> Iterator[Told]:
    """``block`` if the last user is root. Where it is not known, nothing is told."""
    stage = asked.stage
    if stage.kind != "image" or not asked.is_leaf or not asked.changes_packages():
        return
    user = stage.user or stage.image.user
    if user in _ROOT:
        how = "USER sets it" if stage.user else "the base image's user is root, and no USER follows"
        yield told(
            CODE,
            "block",
            f"What the image runs, runs as root ({how}).",
            stage.user_span,
            fixes=("RUN useradd --create-home --uid 10001 app", "USER 10001"),
        )
