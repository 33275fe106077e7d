"""The directories that pip's ``--target``, ``--prefix`` and ``--root`` name, as real paths."""

from __future__ import annotations

import os

from safeinstall.files import upward
from safeinstall.probe.environment import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Environment, Target


def resolved(target: Target, environment: Environment, cwd: str) -> Target:
    """The target with absolute paths without symbolic links; the environment's prefix and
    site-packages keep their spelling in ``environment``.
    """
    own = (environment.prefix, *environment.site_packages)
    names = {os.path.realpath(place): place for place in own}

    def real(path: str | None) -> str | None:
        if path is None:
            return None
        found = os.path.realpath(os.path.join(cwd, path))
        return names.get(found, found)

    return target.replace(
        directory=real(target.directory),
        scheme_prefix=real(target.scheme_prefix),
        root=real(target.root),
    )


def foreign_prefix(target: Target, environment: Environment) -> str:
    """The prefix of another conda environment whose prefix or site-packages the resolved target
    names; ``""`` for none.
    """
    for place in filter(None, (target.directory, target.scheme_prefix)):
        prefix = _prefix_above(place)
        if not prefix or os.path.realpath(environment.prefix) == prefix:
            continue
        packages = map(os.path.realpath, describe(prefix).site_packages)
        if place == prefix or place in packages:
            return prefix
    return ""


def _prefix_above(directory: str) -> str:
    places = (d for d in upward(directory) if os.path.isdir(os.path.join(d, "conda-meta")))
    return next(places, "")
