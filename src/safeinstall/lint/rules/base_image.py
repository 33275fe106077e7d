"""SI506 unpinned: an image, or a package, that is another one tomorrow."""

from __future__ import annotations

from safeinstall.lint import images
from safeinstall.lint.asked import told
from safeinstall.output.shown import value
from safeinstall.output.wording import few
from safeinstall.specs.conda_itself import CONDA_ITSELF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Told
    from safeinstall.model import Spec

CODE = "SI506"
NAME = "unpinned"

_TOOLS = CONDA_ITSELF | {"pip", "setuptools", "wheel", "uv", "virtualenv", "build", "conda-lock"}


def look(asked: Asked) -> Iterator[Told]:
    """``block`` for an image without a release, ``warn`` for packages without a version."""
    stage = asked.stage
    why = images.unpinned(stage.base) if stage.base else ""
    if why and asked.changes_packages():
        yield told(
            CODE,
            "block",
            f"The image {value(stage.base)} {why}: the next build may start from another one.",
            stage.base_span,
            evidence=("name a release by a tag, or the image itself by its digest (sha256)",),
        )
    for moment in asked.moments:
        if found := _without_version(moment):
            names = [spec.name for spec in found]
            listed = ", ".join(few(names, 5))
            verb = "has" if len(names) == 1 else "have"
            yield told(
                CODE,
                "warn",
                f"{listed} {verb} no version: the next run may bring another one.",
                moment.step.span,
                packages=names,
                environment=moment.environment or "",
            )


def _without_version(moment: Moment) -> list[Spec]:
    command = moment.inner
    if not command.mutates or command.verb not in ("install", "create", "pip install"):
        return []
    constrained = {"--constraint", "--no-deps"} & command.flags
    return [
        spec
        for spec in (*command.conda_specs, *command.pip_specs)
        if spec.kind == "name"
        and not (spec.version or spec.origin or constrained or spec.editable)
        and "$" not in spec.raw
        and spec.name not in _TOOLS
    ]
