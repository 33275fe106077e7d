"""The directories that pip's ``--target``, ``--prefix`` and ``--root`` name, as real paths."""

from __future__ import annotations

import os

from safeinstall.files import upward
from safeinstall.probe.environment import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

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
    return foreign_among(filter(None, (target.directory, target.scheme_prefix)), environment)


def foreign_among(places: Iterable[str], environment: Environment) -> str:
    """The first other conda environment whose prefix or site-packages is among these places."""
    found = (prefix_of(place) for place in places)
    own = os.path.realpath(environment.prefix)
    return next((prefix for prefix in found if prefix and prefix != own), "")


def prefix_of(place: str) -> str:
    """The prefix of the conda environment that has its site-packages, or itself, at this place;
    ``""`` for none.
    """
    place = os.path.realpath(place)
    prefix = _prefix_above(place)
    if not prefix:
        return ""
    packages = map(os.path.realpath, describe(prefix).site_packages)
    return prefix if place == prefix or place in packages else ""


def _prefix_above(directory: str) -> str:
    places = (d for d in upward(directory) if os.path.isdir(os.path.join(d, "conda-meta")))
    return next(places, "")
