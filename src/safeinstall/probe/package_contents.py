"""Which Python distributions are in the conda packages that conda is asked for.

Read from the record of the installed package, and from the unpacked packages in the package cache.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_bytes
from safeinstall.model import CONDA_OWNERS
from safeinstall.probe import conda_metadata
from safeinstall.probe.inventory import name_of
from safeinstall.specs import lookalikes
from safeinstall.specs.translation import conda_admits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from safeinstall.model import Inventory

_LIMIT = 1 << 26  # bytes of a list of files


def of_requested(
    asked: Mapping[str, str], inventory: Inventory, packages_dirs: Sequence[str]
) -> dict[str, frozenset[str]]:
    """By the name of each package whose files are known: the distributions in it, also those that
    have its modules, if it has no metadata. ``asked``: the versions that conda is asked for.
    """
    found: dict[str, set[str]] = {}
    for name, version, distributions in (*_installed(inventory), *_unpacked(asked, packages_dirs)):
        if name in asked and conda_admits(version, asked[name]) is not False:
            found.setdefault(name, set()).update(distributions)
    return {name: frozenset(distributions) for name, distributions in found.items()}


def _installed(inventory: Inventory) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    bare: dict[str, list[str]] = {}
    for module in inventory.conda_modules:
        bare.setdefault(module.package.name, []).extend(lookalikes.names_with(module.name))
    for package in inventory.owned_by(*CONDA_OWNERS):
        names = (*package.distributions, *bare.get(package.name, ()))
        yield package.name, package.version, names


def _unpacked(
    asked: Mapping[str, str], packages_dirs: Sequence[str]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for directory in packages_dirs:
        for entry in names_in(directory):
            name, _, rest = entry.rpartition("-")[0].rpartition("-")
            if name in asked and os.path.isdir(f"{directory}/{entry}/info"):
                yield name, rest, _distributions(f"{directory}/{entry}/info")


def _distributions(info: str) -> tuple[str, ...]:
    paths = read_bytes(f"{info}/paths.json", _LIMIT)
    if paths is None:
        lines = (read_bytes(f"{info}/files", _LIMIT) or b"").splitlines()
        paths = b"".join(b'"%s"' % line for line in lines)
    names, modules = conda_metadata.listed_in(paths, len(paths))
    found = [name_of(name) for name in names]
    return (*found, *(n for module in modules for n in lookalikes.names_with(module)))
