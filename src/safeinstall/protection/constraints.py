"""The constraints file: what conda owns, in the versions that pip sees. Pure.

pip refuses a requirement that another version would have to meet, and takes what is there where
that does. Without the guard only names are compared; a reinstallation of the same version, an
uninstallation, and a wheel of another name with the same files pass.
"""

from __future__ import annotations

from safeinstall.specs import pin
from safeinstall.specs.versions import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Inventory

_HEAD = """\
# What conda owns in this environment. pip.conf names this file, so that pip replaces none of it.
# Written by safeinstall, and anew after each guarded command; it goes with: safeinstall unprotect
"""

BUILDERS = frozenset(
    (
        *("cmake", "cython", "flit-core", "hatch-vcs", "hatchling", "maturin", "meson"),
        *("meson-python", "ninja", "packaging", "pathspec", "pbr", "pdm-backend", "poetry-core"),
        *("pybind11", "pyproject-metadata", "scikit-build", "scikit-build-core", "setuptools"),
        *("setuptools-rust", "setuptools-scm", "versioneer", "wheel"),
    )
)
"""What builds wheels. Before 26.2, pip applies the constraints of a pip.conf to the environments of
builds as well, and a source distribution that needs newer ones could not be built.
"""

_APART = (26, 2)  # pip's release


def text(inventory: Inventory, others: Iterable[str]) -> bytes:
    """The file. ``others`` are the constraints files that pip would read if this one were not:
    it reads those of one pip.conf only.
    """
    lines = [*(f"-c {path}" for path in others), *_pins(inventory)]
    return (_HEAD + "".join(f"{line}\n" for line in lines)).encode()


def _pins(inventory: Inventory) -> Iterator[str]:
    free = frozenset() if _builds_apart(inventory) else BUILDERS
    for there in sorted(inventory.conda_distributions, key=lambda there: there.name):
        line = "" if there.name in free else pin.line(there.name, there.version)
        if line:
            yield line


def _builds_apart(inventory: Inventory) -> bool:
    pip = next((p.version for p in inventory.packages if p.name == "pip"), "")
    return (numbers(pip) or ()) >= _APART


def included(content: bytes) -> list[str]:
    """The ``others`` in the file."""
    lines = content.decode(errors="replace").splitlines()
    return [line.removeprefix("-c ") for line in lines if line.startswith("-c ")]
