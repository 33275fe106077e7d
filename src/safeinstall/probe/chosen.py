"""Which environment a safeinstall command is about: chosen by ``-n`` and ``-p``, as in conda."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safeinstall.errors import UsageError
from safeinstall.model import Target
from safeinstall.probe.place import active_prefix, conda_installation
from safeinstall.settings import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.settings import Settings


def prefix(
    name: str | None, path: str | None, settings: Settings, environ: Mapping[str, str]
) -> str:
    """The prefix given by ``-p`` or ``-n``, else the active one. Raises :class:`UsageError`."""
    if name is None and path is None:
        active = active_prefix(environ)
        if active is None:
            raise UsageError("no environment is active; name one with -n NAME or -p PREFIX")
        return active
    if name is not None and path is not None:
        raise UsageError("-n and -p name one environment each; give one of them")
    installation = conda_installation(Session(settings, environ, os.getcwd()))
    return installation.target_prefix(Target(name=name, prefix=path))
