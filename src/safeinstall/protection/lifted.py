"""The variables by which a tool that the guard starts passes our own rails.

The guard holds pip by constraints of its own, which follow the policy and explain themselves; a
second refusal, by a file, would say less. An override reason covers the other rails, too. Rails of
anybody else stay: they are told from ours by what the files say.
"""

from __future__ import annotations

import os

from safeinstall import settings
from safeinstall.files import read_bytes
from safeinstall.probe import pip_config
from safeinstall.probe.environment import BY, managed_mark
from safeinstall.protection import condarc, constraints, rails
from safeinstall.protection.nouns import CONDARC_FILE
from safeinstall.settings import CONDA_OWNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Environment

_LIMIT = 1 << 20  # bytes


def variables(
    environment: Environment, environ: Mapping[str, str], *, free: bool
) -> dict[str, str]:
    """For pip and conda in this environment. ``free``: was a reason given for what they do?"""
    if environment.kind != "conda":
        return {}
    found = for_pip(environment.prefix, environ)
    if free:
        found |= for_conda(environ, environment.prefix)
        if environment.frozen_by_us:
            found["CONDA_PROTECT_FROZEN_ENVS"] = "false"
        mark = managed_mark(environment.prefix, "conda")
        if environment.externally_managed and _says(mark, BY.encode()):
            found["PIP_BREAK_SYSTEM_PACKAGES"] = "1"
    return found


def for_pip(prefix: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Past the constraint in the environment's pip.conf. pip follows the variable, and no file
    then: constraints of anybody else are named by it.
    """
    if environ.get("PIP_CONSTRAINT") or not os.path.exists(os.path.join(prefix, CONDA_OWNS)):
        return {}
    known = settings.read(environ)
    named = pip_config.constraints(pip_config.read(prefix, environ, known.home, known.cache_dir))
    ours = {path: place for path in named if (place := rails.place_of(path))}
    if not ours:
        return {}
    kept = [path for path in named if path not in ours]
    for place in ours.values():
        kept += constraints.included(read_bytes(place, _LIMIT) or b"")
    return {"PIP_CONSTRAINT": " ".join(kept) or os.devnull}


def for_conda(environ: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """Past ``path_conflict`` in the ``.condarc`` of the active environment, or of one of these."""
    active = environ.get("CONDA_PREFIX") or ""
    places = (os.path.join(p, CONDARC_FILE) for p in {active, *prefixes} if p)
    if "CONDA_PATH_CONFLICT" in environ or not any(_says(p, condarc.LINE) for p in places):
        return {}
    return {"CONDA_PATH_CONFLICT": "clobber"}  # conda's default


def _says(path: str, text: bytes) -> bool:
    return text in (read_bytes(path, _LIMIT) or b"")
