"""Find the policy files that hold here and merge them."""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.files import upward
from safeinstall.policy.merge import Layer, Policy, merge
from safeinstall.settings import PROJECT_POLICY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.settings import Settings


def load(settings: Settings, cwd: str) -> Policy:
    """The policy in force in ``cwd``. Raises :class:`PolicyError` for a file that is invalid."""
    return merge(
        Layer(kind, path, cache.parsed(path, _read, settings.cache_dir))
        for kind, path in files(settings, cwd)
    )


def files(settings: Settings, cwd: str) -> list[tuple[str, str]]:
    """The files that are there, as (kind, path), from the top: machine, user, project.

    A file named by ``SAFEINSTALL_POLICY`` must be there; it stands in for the user's.
    """
    found = []
    if os.path.lexists(settings.system_policy):
        found.append(("machine", settings.system_policy))
    if settings.policy_file or os.path.lexists(settings.user_policy):
        found.append(("user", os.path.join(cwd, settings.user_policy)))
    project = _nearest(cwd, PROJECT_POLICY)
    return [*found, ("project", project)] if project and _is_trusted(project, cwd) else found


def _read(path: str) -> dict[str, Any]:
    from safeinstall.policy import layer  # most machines have no policy file, and most commands
    # meet one that is remembered

    return layer.read(path)


def _nearest(directory: str, name: str) -> str | None:
    """The file of this name in ``directory``, or above it."""
    paths = (os.path.join(place, name) for place in upward(directory))
    return next(filter(os.path.lexists, paths), None)


def _is_trusted(path: str, cwd: str) -> bool:
    """Ours, root's, or of whoever owns the directory we work in; not anybody's in /tmp."""
    try:
        return os.lstat(path).st_uid in (os.getuid(), 0, os.stat(cwd).st_uid)
    except OSError:
        return True  # reading it will say what is wrong
