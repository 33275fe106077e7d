"""Files in an environment that no package owns: which are carried over, and which stay behind.

A kernel of Jupyter, a script for activation, a file that somebody has dropped into the environment:
these are carried. Left behind is what an interrupted or overwritten installation has scattered: in
site-packages, what lies in the directory of a package, and metadata of nobody.
"""

from __future__ import annotations

import os

from safeinstall.settings import ENVIRONMENT_DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_CONDA = ("pinned", "state", "frozen")  # files in conda-meta that are the user's
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
        (carried if good else left).append(path)
    return carried, left


def _unowned(prefix: str, owned: Collection[str]) -> Iterator[str]:
    for directory, names, files in os.walk(prefix):
        inside = os.path.relpath(directory, prefix)
        inside = "" if inside == "." else f"{inside}/"
        if not inside:
            names[:] = [n for n in names if n not in ("conda-meta", ENVIRONMENT_DIRECTORY)]
            yield from (f"conda-meta/{name}" for name in _CONDA)
        names[:] = [name for name in names if name != "__pycache__"]
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        for name in (*files, *links):
            path = f"{inside}{name}"
            if path not in owned and not name.endswith(".pyc"):
                yield path


def _is_good(top: str, tops: Collection[str]) -> bool:
    return not (top in tops or top.startswith("~") or top.endswith(_METADATA))


def _in(path: str, place: str) -> bool:
    return path.startswith(f"{place}/")


def _top(path: str, place: str) -> str:
    return path[len(place) + 1 :].partition("/")[0] if _in(path, place) else ""
