"""Find the policy files that apply in a directory and merge them."""

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
    """The policy that applies in ``cwd``. Raises :class:`PolicyError` for an invalid file."""
    return merge(
        Layer(kind, path, cache.parsed(path, _read, settings.cache_dir))
        for kind, path in files(settings, cwd)
    )


def files(settings: Settings, cwd: str) -> list[tuple[str, str]]:
    """The policy files that exist, as (kind, path), in the order machine, user, project.

    ``SAFEINSTALL_POLICY`` names a file that replaces the user's file, and that must exist.
    """
    found = []
    if os.path.lexists(settings.system_policy):
        found.append(("machine", settings.system_policy))
    if settings.policy_file or os.path.lexists(settings.user_policy):
        found.append(("user", os.path.join(cwd, settings.user_policy)))
    project = _nearest(cwd, PROJECT_POLICY)
    return [*found, ("project", project)] if project and _is_trusted(project, cwd) else found


def _read(path: str) -> dict[str, Any]:
    from safeinstall.policy import layer  # imported late: most machines have no policy file, and
    # the cache has the content of an unchanged one

    return layer.read(path)


def _nearest(directory: str, name: str) -> str | None:
    """The file of this name in ``directory``, or in the nearest directory above it."""
    paths = (os.path.join(place, name) for place in upward(directory))
    return next(filter(os.path.lexists, paths), None)


def _is_trusted(path: str, cwd: str) -> bool:
    """Does the file belong to the user, to root, or to the owner of ``cwd``? In /tmp, a file could
    belong to anybody.
    """
    try:
        return os.lstat(path).st_uid in (os.getuid(), 0, os.stat(cwd).st_uid)
    except OSError:
        return True  # reading the file will report the error
