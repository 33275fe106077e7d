"""What was left behind when Python moved: distributions in the directory of a Python that is gone.

conda takes its own packages along, and knows of no others. Only a long look asks for them: the
directories of other Pythons are not read for a command.
"""

from __future__ import annotations

import os
import re

from safeinstall.files import names_in, read_bytes, same
from safeinstall.model import CONDA_OWNERS
from safeinstall.probe import inventory as inventories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Environment, Inventory, Package

_LIMIT = 1 << 26  # bytes of a conda-meta record
_PYTHON = re.compile(r"(?:python|pypy)(\d+)\.(\d+)t?")


def look(environment: Environment, inventory: Inventory) -> tuple[Package, ...]:
    """The distributions of no conda package that no Python of the environment finds any more, those
    of the newest Python first, by name. A Python whose program is still there finds its own.
    """
    if environment.kind != "conda":
        return ()
    places = (inventories.others_in(place) for place in _places(environment))
    found = [p for there in places for p in sorted(there, key=lambda p: p.name)]
    recorded = _recorded(found, environment.prefix, inventory)
    return tuple(package for package in found if package.location not in recorded)


def missing(stranded: tuple[Package, ...], inventory: Inventory) -> tuple[Package, ...]:
    """Those that have not come again meanwhile; one of each name, that of the newest Python."""
    there = {found.name for found in inventory.conda_distributions}
    there |= {package.name for package in inventory.not_owned_by(*CONDA_OWNERS)}
    once = {package.name: package for package in reversed(stranded)}
    return tuple(p for p in stranded if p.name not in there and once[p.name] is p)


def place_of(package: Package, prefix: str) -> str:
    """Its directory for packages, relative to the prefix: ``lib/python3.10/site-packages``."""
    return os.path.relpath(os.path.dirname(package.location), prefix)


def _places(environment: Environment) -> Iterator[str]:
    """The directories for packages of Pythons that are gone, the newest first."""
    prefix, seen = environment.prefix, set(map(os.path.realpath, environment.site_packages))
    pythons = [m for name in names_in(f"{prefix}/lib") if (m := _PYTHON.fullmatch(name))]
    for python in sorted(pythons, key=lambda m: (int(m[1]), int(m[2]), m[0]), reverse=True):
        place = f"{prefix}/lib/{python[0]}/site-packages"
        real = os.path.realpath(place)  # python3.1 may be a link to python3.10
        if real not in seen and not _runs(python[0], prefix):
            seen.add(real)
            yield place


def _runs(python: str, prefix: str) -> bool:
    """Is there a program of this name, beside the environment's own Python?"""
    program = f"{prefix}/bin/{python}"
    return os.path.exists(program) and not same(program, f"{prefix}/bin/python")


def _recorded(found: list[Package], prefix: str, inventory: Inventory) -> set[str]:
    """The places of those that a record of conda's lists: a tool may have left them there."""
    listed = {p.location: os.fsencode(f'"{os.path.relpath(p.location, prefix)}') for p in found}
    known = set[str]()
    for record in (*inventory.owned_by(*CONDA_OWNERS), *inventory.overwritten, *inventory.gone):
        if len(known) == len(listed):
            break
        text = read_bytes(record.location, _LIMIT) or b""
        known |= {place for place, start in listed.items() if _lists(text, start)}
    return known


def _lists(record: bytes, start: bytes) -> bool:
    return start + b"/" in record or start + b'"' in record
