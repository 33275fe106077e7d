"""Where a package cache has its unpacked packages.

conda has them in the cache itself. mamba and micromamba, since 2.6, have them by channel, in a
directory named after the address: ``https/conda.anaconda.org/conda-forge/noarch``
(``package_cache_folder_relative_path`` in libmamba/src/core/package_cache.cpp); they still read
what is in the cache itself.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DEEPEST = 16  # directories between the cache and the packages of a channel
_SUBDIRS = ("noarch", "linux-", "osx-", "win-", "freebsd-", "emscripten-", "wasi-", "zos-")


def directories(caches: Iterable[str]) -> list[str]:
    """The caches, each after the directories of channels in it: a path belongs to the first of
    these that it begins with.
    """
    return [place for cache in caches for place in (*_of_channels(cache), cache)]


def _of_channels(cache: str) -> Iterator[str]:
    for name in names_in(cache):
        if name.count("-") < 2 and name != "cache":  # a package has two dashes at least
            yield from _subdirs(os.path.join(cache, name), _DEEPEST)


def _subdirs(directory: str, deepest: int) -> Iterator[str]:
    if not os.path.isdir(directory) or not deepest:
        return
    if os.path.basename(directory).startswith(_SUBDIRS):
        yield directory
        return
    for name in names_in(directory):
        yield from _subdirs(os.path.join(directory, name), deepest - 1)
