"""Packages in environments that are symbolic links into a package cache, which ``clean`` empties.

conda takes a package for unused if no file of it has a second hard link (``find_pkgs`` in
``conda.cli.main_clean``), which a symbolic link does not make. mamba 2 and micromamba keep what is
recorded in the root prefix and in its ``envs`` (libmamba/src/api/clean.cpp).
``--force-pkgs-dirs`` takes everything.
"""

from __future__ import annotations

import os
import re

from safeinstall.files import names_in, read_bytes
from safeinstall.probe import unreadable
from safeinstall.probe.tool import interpreter_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from safeinstall.model import Command
    from safeinstall.probe.conda import Installation

_FILES = re.compile(rb'"files"\s*:\s*\[([^\]]*)\]')
_PATH = re.compile(rb'"((?:[^"\\]|\\.)+)"')


def at_stake(
    command: Command, executable: str, installation: Installation
) -> dict[str, tuple[str, ...]]:
    """By the prefix of each environment: its packages (name-version-build) that the command would
    take away. Environments are those that conda has listed, and those in its directories.
    """
    known = installation.replace(target=command.target)
    return unreadable.attempt(
        "the links into the package cache",
        known.root_prefix,
        lambda: _at_stake(command, executable, known),
        {},
    )


def linking(installation: Installation) -> dict[str, Mapping[str, str]]:
    """By the prefix of each environment with links into the cache: its packages, with their
    directories there.
    """
    caches = tuple(installation.unpacked_dirs())
    every = (*caches, *(path for path in map(os.path.realpath, caches) if path not in caches))
    found = {prefix: _linked(prefix, every) for prefix in installation.prefixes()}
    return {prefix: links for prefix, links in found.items() if links}


def _at_stake(command: Command, executable: str, known: Installation) -> dict[str, tuple[str, ...]]:
    writable = [path for path in known.unpacked_dirs() if os.access(path, os.W_OK)]
    caches = tuple(dict.fromkeys((*writable, *map(os.path.realpath, writable))))
    found = {prefix: _linked(prefix, caches) for prefix in known.prefixes()} if caches else {}
    if "--force-pkgs-dirs" in command.flags:
        return {prefix: tuple(sorted(links)) for prefix, links in found.items() if links}
    by_conda = command.tool == "conda" or (  # mamba 1 left it to conda
        interpreter_of(executable, known.environ, known.cwd) is not None
    )
    kept = frozenset[str]() if by_conda else _recorded(known.root_prefix)

    def is_taken(name: str, directory: str) -> bool:
        return name not in kept and not (by_conda and _is_hard_linked(directory))

    taken = {
        prefix: tuple(sorted(name for name, path in links.items() if is_taken(name, path)))
        for prefix, links in found.items()
    }
    return {prefix: names for prefix, names in taken.items() if names}


def _linked(prefix: str, caches: Sequence[str]) -> Mapping[str, str]:
    """The packages of the environment with a link into a cache, and their directories there."""
    found = {}
    for record in _records(prefix):
        directory = _source(prefix, record, caches)
        if directory:
            found[os.path.basename(directory)] = directory
    return found


def _source(prefix: str, record: str, caches: Sequence[str]) -> str:
    """The directory in a cache that files of the package lead to; ``""`` if none does."""
    listed = _FILES.search(read_bytes(os.path.join(prefix, "conda-meta", record)) or b"")
    for path in _PATH.findall(listed[1]) if listed else ():
        try:
            target = os.readlink(os.path.join(prefix, os.fsdecode(path)))
        except (OSError, ValueError):  # no link
            continue
        for cache in caches:
            if target.startswith(cache + "/"):
                directory = os.path.join(cache, target[len(cache) + 1 :].partition("/")[0])
                return directory if os.path.isdir(directory) else ""
    return ""


def _records(prefix: str) -> list[str]:
    names = names_in(os.path.join(prefix, "conda-meta"))
    return [name for name in names if name.endswith(".json")]


def _recorded(root: str) -> frozenset[str]:
    envs = os.path.join(root, "envs")
    prefixes = (root, *(os.path.join(envs, name) for name in names_in(envs)))
    return frozenset(
        record.removesuffix(".json") for prefix in prefixes for record in _records(prefix)
    )


def _is_hard_linked(directory: str) -> bool:
    return any(os.lstat(path).st_nlink > 1 for path in _files(directory))


def _files(directory: str) -> Iterator[str]:
    for place, _, names in os.walk(directory):
        yield from (os.path.join(place, name) for name in names)
