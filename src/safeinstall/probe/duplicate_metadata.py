"""Distributions with several metadata directories in one site-packages, left by two installers.

Which of them Python and pip use depends on the order of the directory entries.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in
from safeinstall.specs.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Environment


def doubled(environment: Environment) -> dict[str, tuple[str, ...]]:
    """The metadata directories of each distribution that has several, by its normalized name."""
    found: dict[str, tuple[str, ...]] = {}
    for directory in environment.site_packages:
        here: dict[str, list[str]] = {}
        for entry in sorted(names_in(directory)):
            stem, suffix = os.path.splitext(entry)
            if suffix in (".dist-info", ".egg-info") and not entry.startswith("~"):
                here.setdefault(normalize(stem.partition("-")[0]), []).append(entry)
        found.update((name, tuple(them)) for name, them in here.items() if len(them) > 1)
    return found
