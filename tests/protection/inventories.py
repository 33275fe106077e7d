"""Inventories made by hand."""

from __future__ import annotations

from safeinstall.model import CondaDistribution, Inventory, Package


def owning(**versions: str) -> Inventory:
    """conda owns these, and nobody anything else."""
    packages = {name: Package(name, version, "conda") for name, version in versions.items()}
    found = (CondaDistribution(n, p.version, p) for n, p in packages.items())
    return Inventory(packages=tuple(packages.values()), conda_distributions=tuple(found))
