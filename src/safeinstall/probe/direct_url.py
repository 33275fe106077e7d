"""Where a distribution came from: ``direct_url.json`` beside its metadata (PEP 610)."""

from __future__ import annotations

import os
from urllib.parse import quote

from safeinstall import site_packages
from safeinstall.files import read_text
from safeinstall.specs import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.direct_url import DirectUrl

_LIMIT = 1 << 16  # bytes


def read(location: str) -> DirectUrl | None:
    """The origin of the distribution with its metadata at ``location``; ``None`` if it came from an
    index. Raises ValueError if the file cannot be read as what it should be.
    """
    site_packages.enable()
    from packaging.direct_url import DirectUrl, DirInfo

    if location.endswith(".egg-link"):  # what "setup.py develop" has left: a path, and another
        first, _, rest = read_text(location, _LIMIT).partition("\n")
        path = os.path.normpath(os.path.join(first.strip(), rest.strip()))
        return DirectUrl(url=f"file://{quote(path)}", dir_info=DirInfo(editable=True))
    return origin.parse(read_text(os.path.join(location, "direct_url.json"), _LIMIT))
