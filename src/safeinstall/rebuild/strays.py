"""Files in an environment that no package owns: which are carried over, and which stay behind.

A kernel of Jupyter, a script for activation, a file that somebody has dropped into the environment:
these are carried. Left behind is what an interrupted or overwritten installation has scattered: in
site-packages, what lies in the directory of a package, and metadata of nobody.
"""

from __future__ import annotations

import os
import stat

from safeinstall.settings import ENVIRONMENT_DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_METADATA = (".dist-info", ".egg-info")


def strays(
    prefix: str, owned: Collection[str], site_packages: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The files to carry, and those to leave behind; relative to the prefix.

    ``owned`` are the files of all packages, ``site_packages`` the directories of this Python,
    relative to the prefix.
    """
    carried: list[str] = []
    left: list[str] = []
    tops = {_top(path, place) for place in site_packages for path in owned if _in(path, place)}
    for path in _unowned(prefix, owned):
        place = next((place for place in site_packages if _in(path, place)), None)
        good = place is None or _is_good(_top(path, place), tops)
        good = good and _can_be_copied(os.path.join(prefix, path))
        (carried if good else left).append(path)
    return carried, left


def _unowned(prefix: str, owned: Collection[str]) -> Iterator[str]:
    """Files, links, and empty directories; without byte code of Python's own directories."""
    for directory, names, files in os.walk(prefix):
        inside = os.path.relpath(directory, prefix)
        inside = "" if inside == "." else f"{inside}/"
        if not inside:
            names[:] = [name for name in names if name != ENVIRONMENT_DIRECTORY]
        if inside and not (names or files):
            yield inside.rstrip("/")
        byte_code = inside.startswith("lib/python")
        if byte_code:
            names[:] = [name for name in names if name != "__pycache__"]
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        for name in (*files, *links):
            path = f"{inside}{name}"
            if path in owned or (byte_code and name.endswith(".pyc")) or _is_condas(path):
                continue
            yield path


def _is_condas(path: str) -> bool:
    """Is it conda's history, or one of its records, or when conda has created it?"""
    directory, name = os.path.split(path)
    if directory != "conda-meta":
        return False
    return name in ("history", "created_at") or name.endswith(".json")


def _can_be_copied(path: str) -> bool:
    """Is it a file, a directory or a link, and no pipe, socket or device?"""
    mode = os.lstat(path).st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)


def _is_good(top: str, tops: Collection[str]) -> bool:
    return not (top in tops or top.startswith("~") or top.endswith(_METADATA))


def _in(path: str, place: str) -> bool:
    return path.startswith(f"{place}/")


def _top(path: str, place: str) -> str:
    return path[len(place) + 1 :].partition("/")[0] if _in(path, place) else ""
