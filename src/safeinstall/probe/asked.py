"""What an environment was asked for: enough to make another one that can take its place.

conda keeps it in ``conda-meta/history``; pip and uv put a file ``REQUESTED`` beside the metadata of
what a user named.
"""

from __future__ import annotations

import os

from safeinstall.canonical import decode_object
from safeinstall.files import read_bytes
from safeinstall.model import CONDA_OWNERS, Asked
from safeinstall.probe import conda_history
from safeinstall.probe.channels import addresses as every
from safeinstall.specs import addresses, matchspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from safeinstall.model import Channels, Inventory, Package

_RECORD = 1 << 26  # bytes
_ALWAYS = ("python", "pip")  # whether anybody has asked for them or not


def read(prefix: str, inventory: Inventory, channels: Channels) -> Asked:
    """Of what was asked for, what is still there and still its tool's. ``channels`` are those in
    which conda looks by itself.
    """
    records = {_name(package): package for package in inventory.owned_by(*CONDA_OWNERS)}
    requests = conda_history.requests(conda_history.read(prefix)) if records else {}
    there = [name for name in dict.fromkeys((*_ALWAYS, *requests)) if name in records]
    known: dict[str, list[str]] = {}
    return Asked(
        {name: _brought(name, records, known) for name in there},
        _by_pip(inventory.not_owned_by(*CONDA_OWNERS)),
        _from_others({name: _record(records[name]) for name in there}, channels),
        {
            name: _depends(records[name])
            for name, spec in requests.items()
            if name in records and matchspec.parse(spec).version
        },
    )


def _name(package: Package) -> str:
    """The package's name as conda writes it."""
    return os.path.basename(package.location).rsplit("-", 2)[0] or package.name


def _brought(
    name: str, records: Mapping[str, Package], known: dict[str, list[str]]
) -> frozenset[str]:
    """The package, and all that it depends on."""
    found, new = {name}, [name]
    while new:
        at = new.pop()
        if at not in known:
            specs = _depends(records[at]) if at in records else ()
            known[at] = [spec.partition(" ")[0] for spec in specs]
        new += (other for other in known[at] if other not in found)
        found.update(known[at])
    return frozenset(found)


def _from_others(records: Mapping[str, Mapping[str, Any]], channels: Channels) -> dict[str, str]:
    """The channel of each package that comes from none of ``channels``."""
    own = {addresses.channel(address, channels.alias) for _, address in every(channels)}
    came = {
        name: addresses.channel(str(record["channel"]), channels.alias)
        for name, record in records.items()
        if record.get("channel")
    }
    return {name: channel for name, channel in came.items() if channel not in own}


def _record(package: Package) -> Mapping[str, Any]:
    return decode_object(read_bytes(package.location, _RECORD)) or {}


def _depends(package: Package) -> tuple[str, ...]:
    depends = _record(package).get("depends")
    return tuple(map(str, depends)) if isinstance(depends, list) else ()


def _by_pip(residents: tuple[Package, ...]) -> tuple[Package, ...]:
    """Those that a user has named; all of them where nobody has kept that, such as an old pip."""
    named = tuple(package for package in residents if package.requested)
    return named or residents
