"""What else than site-packages is on ``sys.path``, and which packages that hides or adds.

Read without starting Python: PYTHONPATH and the user site come before site-packages, directories
that ``.pth`` files name come after it. Lines of ``.pth`` files that are code are not followed.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_text
from safeinstall.model import Elsewhere
from safeinstall.probe import shadows
from safeinstall.probe.inventory import distributions_in
from safeinstall.specs.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from safeinstall.model import Environment, Inventory, Package

_NO_PACKAGES = ("setup.py", "conftest.py", "noxfile.py", "tests", "test", "docs", "examples")


def elsewhere(
    environment: Environment,
    inventory: Inventory,
    environ: Mapping[str, str],
    home: str,
    options: tuple[str, ...] = (),
) -> tuple[Elsewhere, ...]:
    """The packages outside of the environment that hide its own, count as its own, or are hidden
    by its own. None for a system's Python: its user's directory is the usual place.

    ``options`` are those of the interpreter, of which ``-E``, ``-I`` and ``-s`` count.
    """
    if environment.kind not in ("conda", "venv") or not environment.site_packages:
        return ()
    own = {package.name: package for package in inventory.packages}
    for there in inventory.conda_distributions:
        own.setdefault(there.name, there.package)
    first = shadows.places(options, environment, environ, home)
    user = shadows.user_directory(environment, environ, home)
    return (*_before(environment, own, first, user), *_behind(environment, own))


def _before(
    environment: Environment, own: Mapping[str, Package], places: Iterable[str], user: str
) -> Iterator[Elsewhere]:
    """The distributions in directories before site-packages; of each name the first."""
    seen = set(map(os.path.realpath, environment.site_packages))
    names: set[str] = set()
    for place in places:
        if os.path.realpath(place) in seen or not os.path.isabs(place):
            continue
        seen.add(os.path.realpath(place))
        by = "user site" if place == user else "PYTHONPATH"
        for found in distributions_in(place):
            if found.name not in names:
                names.add(found.name)
                yield Elsewhere(found.name, found.version, place, by, own.get(found.name))


def _behind(environment: Environment, own: Mapping[str, Package]) -> Iterator[Elsewhere]:
    """The modules in the directories of ``.pth`` files that site-packages has as well."""
    for place in environment.site_packages:
        entries = names_in(place)
        for file in sorted(name for name in entries if name.endswith(".pth")):
            for directory in _lines(f"{place}/{file}", place):
                for name in sorted(_modules(directory) & set(entries)):
                    title = name.removesuffix(".py")
                    hides = own.get(normalize(title))
                    yield Elsewhere(title, "", directory, file, hides, hidden=True)


def _lines(file: str, site_packages: str) -> Iterator[str]:
    """The existing directories that a ``.pth`` file names, outside of site-packages."""
    for line in read_text(file, 1 << 16).splitlines():
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            directory = os.path.normpath(os.path.join(site_packages, line.rstrip()))
            if os.path.isdir(directory) and not f"{directory}/".startswith(f"{site_packages}/"):
                yield directory


def _modules(directory: str) -> set[str]:
    """The entries of a directory that can be imported as top-level modules."""
    names = (name for name in names_in(directory) if name not in _NO_PACKAGES)
    return {
        name
        for name in names
        if (name.endswith(".py") and not name.startswith("_"))
        or os.path.isfile(f"{directory}/{name}/__init__.py")
    }
