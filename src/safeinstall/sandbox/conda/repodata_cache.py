"""The channels' lists of packages, kept beside the unpacked packages as conda keeps them.

Only for the channels that all worlds share, as the place is shared, too: the channel of one test
would stay there for ever.
"""

from __future__ import annotations

import json
import os

from safeinstall.canonical import digest
from safeinstall.files import write
from safeinstall.sandbox.platforms import subdir


def keep(channels: list[str], packages_dir: str) -> None:
    """Copy what has changed since; the names are of no importance, the addresses beside them are
    (``conda.gateways.repodata``).
    """
    shared, where = f"file://{os.path.dirname(packages_dir)}/", os.path.join(packages_dir, "cache")
    os.makedirs(where, exist_ok=True)
    for url in (f"{c}/{name}" for c in channels if c.startswith(shared) for name in _subdirs()):
        source = os.path.join(url.removeprefix("file://"), "repodata.json")
        place = os.path.join(where, digest(url.encode())[:8])
        if os.path.isfile(source) and not _is_newer(f"{place}.json", source):
            with open(source, "rb") as file:
                write(f"{place}.json", file.read())
            write(f"{place}.info.json", json.dumps({"url": url}).encode())


def _subdirs() -> tuple[str, str]:
    return subdir(), "noarch"


def _is_newer(path: str, source: str) -> bool:
    return os.path.isfile(path) and os.stat(path).st_mtime_ns >= os.stat(source).st_mtime_ns
