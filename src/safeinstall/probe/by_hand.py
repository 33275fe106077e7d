"""What somebody has put into base by hand, beside conda and what its installer brought.

The installer's packages are those of ``conda-meta/initial-state.explicit.txt``, which constructor
writes since 3.9; before, those of conda's history up to the revision that brought conda.
"""

from __future__ import annotations

import os

from safeinstall import site_packages
from safeinstall.canonical import decode_object
from safeinstall.files import read_bytes, read_text
from safeinstall.model import CONDA_OWNERS, Resident
from safeinstall.probe import conda_history, core_metadata
from safeinstall.specs.conda_itself import CONDA_ITSELF
from safeinstall.specs.requirement import normalize
from safeinstall.specs.requirements import Needs
from safeinstall.state.lock import read_explicit
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from safeinstall.model import Environment, Inventory, Package
    from safeinstall.probe.conda_history import Revision

_LIMIT = 1 << 26  # bytes of a conda-meta record, or of a list of packages
_PYTHONS = frozenset(("python", "pip", "setuptools", "wheel"))  # of any environment
_MANAGERS = frozenset(("conda", "mamba", "micromamba"))
_INSTALLERS = ("constructor", "_conda", "initial-state.explicit.txt")  # in the words of a command


class ByHand(Value):
    """What was put into base by hand."""

    asked: Mapping[str, str] = {}  # what conda was asked for: a spec, by the package's name
    conda: tuple[str, ...] = ()  # those of ``asked`` on which nothing stands that belongs to base
    pip: tuple[Package, ...] = ()  # distributions of other installers; nothing of conda's needs one

    @property
    def removable(self) -> tuple[str, ...]:
        """The names of everything that base can do without."""
        return (*self.conda, *(package.name for package in self.pip))


def read(base: Environment, inventory: Inventory) -> ByHand:
    """Read from the files of the environment, which is base."""
    revisions = conda_history.read(base.prefix)
    asked = _asked(revisions, inventory)
    others = inventory.not_owned_by(*CONDA_OWNERS)
    if not asked and not others:
        return ByHand()
    depends = {name: _depends(at) for name, at in _records(inventory).items()}
    condas = _standing_on_conda(depends)
    belongs = _with_what_they_need({*_installed(base.prefix, revisions), *condas}, depends)
    own = condas | CONDA_ITSELF | _PYTHONS
    asked = {name: spec for name, spec in asked.items() if name in depends and name not in own}
    return ByHand(
        asked=asked,
        conda=tuple(sorted(asked.keys() - belongs)),
        pip=tuple(_of_nobody_else(base, inventory, belongs)) if others else (),
    )


def _asked(revisions: Sequence[Revision], inventory: Inventory) -> dict[str, str]:
    """What conda was asked for since it was installed; where nothing is known of that, what no
    package needs.
    """
    if not revisions:
        records = _records(inventory)
        needed = {name for at in records.values() for name in _depends(at)}
        return {name: name for name in records.keys() - needed}
    since = revisions[_installation(revisions) :]
    return conda_history.requests(r for r in since if not _is_by_installer(r))


def _installation(revisions: Sequence[Revision]) -> int:
    """The number of revisions up to the one that brought conda; 0 if none did."""
    brought = (n for n, r in enumerate(revisions, 1) if _MANAGERS & {p.name for p in r.added})
    return next(brought, 0)


def _is_by_installer(revision: Revision) -> bool:
    words = revision.command.split()[:4]
    return any(os.path.basename(word) in _INSTALLERS for word in words)


def _installed(prefix: str, revisions: Sequence[Revision]) -> set[str]:
    """The names of the packages that the installer brought."""
    place = os.path.join(prefix, "conda-meta", "initial-state.explicit.txt")
    try:
        listed = read_explicit(read_text(place, _LIMIT))
    except ValueError:
        listed = ()
    if listed:
        return {package.name for package in listed}
    return {p.name for r in revisions[: _installation(revisions)] for p in r.added}


def _records(inventory: Inventory) -> dict[str, str]:
    """conda's records, by the name of the package as conda writes it."""
    every = (*inventory.owned_by(*CONDA_OWNERS), *inventory.overwritten, *inventory.gone)
    return {os.path.basename(p.location).rsplit("-", 2)[0]: p.location for p in every}


def _depends(location: str) -> tuple[str, ...]:
    depends = (decode_object(read_bytes(location, _LIMIT)) or {}).get("depends")
    return tuple(str(t).partition(" ")[0] for t in depends) if isinstance(depends, list) else ()


def _standing_on_conda(depends: Mapping[str, Collection[str]]) -> set[str]:
    """conda, what it is made of, and what works on it: conda-build."""
    found = {name for name in depends if name in CONDA_ITSELF | _PYTHONS | _MANAGERS}
    return found | {name for name, needs in depends.items() if not _MANAGERS.isdisjoint(needs)}


def _with_what_they_need(names: Iterable[str], needs: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    new = set(names)
    while new:
        found |= new
        new = {needed for name in new for needed in needs.get(name, ())} - found
    return found


def _of_nobody_else(
    base: Environment, inventory: Inventory, belongs: Collection[str]
) -> list[Package]:
    """The distributions that conda does not own, and without which base is as whole as before.

    What lies over a package of conda's is not among them, nor what a distribution needs that
    belongs to base: pip's conda, or what conda's own has lost.
    """
    site_packages.enable()
    others = inventory.not_owned_by(*CONDA_OWNERS)
    fallen = {name for p in (*inventory.overwritten, *inventory.gone) for name in p.distributions}
    fallen |= {normalize(p.name) for p in (*inventory.overwritten, *inventory.gone)}
    condas = {d.name: d for d in inventory.conda_distributions}
    residents = [_resident(d.name, d.location) for d in condas.values()]
    residents += [_resident(p.name, p.location) for p in others if p.name not in condas]
    needs: dict[str, set[str]] = {}
    for by, name, _ in Needs(residents, base.python).unmet({}):
        needs.setdefault(by, set()).add(name)
    own = {d.name for d in condas.values() if d.package.name in belongs}
    own |= CONDA_ITSELF | _PYTHONS | fallen | condas.keys() & {p.name for p in others}
    own |= {by for by, names in needs.items() if not _MANAGERS.isdisjoint(names)}
    kept = _with_what_they_need(own, needs)
    return [package for package in others if package.name not in kept]


def _resident(name: str, location: str) -> Resident:
    metadata = core_metadata.read(location)
    return Resident(name, "0", "", requires=metadata.requires if metadata else None)
