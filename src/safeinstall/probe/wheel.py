"""The files that installing a wheel writes (PEP 427): what RECORD lists, and its scripts."""

from __future__ import annotations

import os
import zipfile

from safeinstall.probe import distribution
from safeinstall.specs.requirement import normalize
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Wheel(Value):
    """The distribution in a wheel."""

    name: str  # PEP 503 normalized
    # relative to the prefix, with their SHA-256 in hexadecimal; "" where it is not known
    contents: Mapping[str, str]

    @property
    def places(self) -> frozenset[bytes]:
        """The directories of the files, and the modules that would hide or be hidden by one of
        them, as they begin a path in JSON.
        """
        paths = (*self.contents, *(other for path in self.contents for other in same_module(path)))
        return frozenset(os.fsencode(f'"{_place(path)}') for path in paths)


def read(path: str, site_packages: str) -> Wheel:
    """The wheel in a file; ``site_packages`` is relative to the prefix. Raises OSError, ValueError
    if it has not exactly one dist-info directory, or an error of :mod:`zipfile`.
    """
    with zipfile.ZipFile(path) as opened:
        names = opened.namelist()
        tops = {name.partition("/")[0] for name in names if "/" in name}
        (info,) = [top for top in tops if top.endswith(".dist-info")]
        record = f"{info}/RECORD"  # pip misses it only when the files are written
        text = opened.read(record).decode("utf-8", "replace") if record in names else ""
        listed = dict(distribution.rows(text))
        points = f"{info}/entry_points.txt"
        text = opened.read(points).decode("utf-8", "replace") if points in names else ""
    placed = {_placed(name, site_packages): listed.get(name, "") for name in names}
    scripts = dict.fromkeys(f"bin/{name}" for name in _scripts(text))
    return Wheel(
        normalize(info.partition("-")[0]),
        {name: digest or "" for name, digest in {**scripts, **placed}.items() if name},
    )


def same_module(path: str) -> tuple[str, ...]:
    """The other form of a top-level module: of ``X/__init__.py`` and ``X.py`` in one directory,
    Python imports the first. Empty for any other path.
    """
    site, mark, inside = path.partition("/site-packages/")
    first, slash, rest = inside.partition("/")
    if not mark or (slash and rest != "__init__.py") or not (slash or first.endswith(".py")):
        return ()
    name = first.removesuffix(".py")
    return (f"{site}{mark}{name}.py" if slash else f"{site}{mark}{name}/__init__.py",)


def _place(path: str) -> str:
    """The directory of a file; for one directly in site-packages, the file."""
    place = os.path.dirname(path)
    return path if place.endswith("/site-packages") else f"{place}/"


def _placed(name: str, site_packages: str) -> str:
    """Where the file goes; ``""`` for a directory, or a file that goes elsewhere."""
    if name.endswith("/"):
        return ""
    first, _, rest = name.partition("/")
    if not first.endswith(".data"):
        return f"{site_packages}/{name}"
    kind, _, inside = rest.partition("/")
    places = {"purelib": site_packages, "platlib": site_packages, "scripts": "bin", "data": ""}
    if kind not in places:
        return ""
    return f"{places[kind]}/{inside}" if places[kind] else inside


def _scripts(text: str) -> Iterator[str]:
    """The names of the commands in ``entry_points.txt``."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]")
        elif section in ("console_scripts", "gui_scripts") and "=" in line:
            yield line.partition("=")[0].strip()
