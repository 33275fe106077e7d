"""Builds a :class:`Plan` from conda's output, with the files that each package writes or removes.

The files that a package writes are listed in the ``info`` directory of the unpacked package; the
files that it removes, in its record in ``conda-meta``. Sources:
``conda.gateways.disk.read.read_package_info``, ``get_python_noarch_target_path``.
"""

from __future__ import annotations

import os

from safeinstall import canonical
from safeinstall.files import read_bytes
from safeinstall.model import Plan, PlannedPackage
from safeinstall.probe import conda_requirements, core_metadata
from safeinstall.specs import python_builds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from safeinstall.model import Environment

    Entry = Mapping[str, Any]

_LIMIT = 1 << 28
_PYTHON = "python"
_DECLARED = "python_site_packages_path"


def from_plugin(document: Entry, environment: Environment) -> Plan:
    """The plan from the document of our plugin: packages, each with its unpacked directory."""
    return _plan(_entries(document, "link"), _entries(document, "unlink"), environment)


def from_dry_run(document: Entry, environment: Environment, packages_dirs: Sequence[str]) -> Plan:
    """The plan from the output of ``--dry-run --json`` of conda, mamba or micromamba."""
    actions = _object(document.get("actions"))
    known = {_identity(e): e for e in _entries(actions, "FETCH")}
    link = [
        {**known.get(_identity(e), {}), **e, "extracted": _unpacked(e, packages_dirs)}
        for e in _entries(actions, "LINK")
    ]
    return _plan(link, _entries(actions, "UNLINK"), environment)


def _entries(actions: Entry, name: str) -> list[Entry]:
    return [entry for entry in _list(actions.get(name)) if isinstance(entry, dict)]


def _plan(link: Iterable[Entry], unlink: Iterable[Entry], environment: Environment) -> Plan:
    coming = [(_package(entry), _as_indexed(entry)) for entry in link]
    site_packages = _site_packages(coming, environment)
    return Plan(
        link=tuple(
            _with_place(
                _unpacked_package(
                    package.replace(requires=_required(entry), depends=_depends(entry)),
                    str(entry.get("extracted") or ""),
                    site_packages,
                ),
                entry,
            )
            for package, entry in coming
        ),
        unlink=tuple(_recorded(_package(entry), environment.prefix) for entry in unlink),
    )


def _identity(entry: Entry) -> tuple[str, str, str]:
    package = _package(entry)
    return package.name, package.version, package.build


def _required(entry: Entry) -> tuple[str, ...] | None:
    """The package's dependencies as Requires-Dist, by the channel's index.

    Known before the package is unpacked: conda has them in its FETCH entries, mamba in its LINK
    entries.
    """
    depends = entry.get("depends")
    if not isinstance(depends, list):
        return None
    return tuple(f"{name}{wants}" for name, wants in conda_requirements.by_depends(depends))


def _depends(entry: Entry) -> tuple[str, ...]:
    """The package's dependencies as conda writes them."""
    return tuple(map(str, _list(entry.get("depends"))))


def _package(entry: Entry) -> PlannedPackage:
    """The package of an entry. conda, mamba and micromamba name the build differently."""
    build = entry.get("build_string") or entry.get("build") or ""
    return PlannedPackage(
        name=str(entry.get("name", "")),
        version=str(entry.get("version", "")),
        build=str(build),
        channel=str(entry.get("channel") or ""),
    )


def _as_indexed(entry: Entry) -> Entry:
    """The entry; for ``python`` with what the index of the unpacked package says of it."""
    extracted = entry.get("extracted")
    if entry.get("name") != _PYTHON or not extracted or entry.get(_DECLARED):
        return entry
    return {**_json(os.path.join(str(extracted), "info", "index.json")), **entry}


def _declared(entry: Entry) -> str:
    """The directory for packages that a ``python`` package declares (CEP 17); ``""`` for none."""
    return str(entry.get(_DECLARED) or "").strip("/")


def _with_place(package: PlannedPackage, entry: Entry) -> PlannedPackage:
    """``python`` with its directory for packages: declared, among its files, or by its build."""
    if package.name != _PYTHON:
        return package
    own = (path.split("/") for path in package.files or () if path.startswith("lib/"))
    among = next(("/".join(parts[:3]) for parts in own if parts[2:3] == ["site-packages"]), "")
    by_build = python_builds.site_packages(package.version, package.build)
    return package.replace(site_packages=_declared(entry) or among or by_build)


def _site_packages(link: Iterable[tuple[PlannedPackage, Entry]], environment: Environment) -> str:
    """Where conda puts the modules of a noarch Python package, relative to the prefix."""
    for package, entry in link:
        if package.name == _PYTHON:
            return _declared(entry) or f"lib/python{minor(package.version)}/site-packages"
    if environment.site_packages:
        return os.path.relpath(environment.site_packages[0], environment.prefix)
    return f"lib/python{environment.python}/site-packages"


def minor(version: str) -> str:
    """``3.11`` of ``3.11.7``."""
    return ".".join(version.split(".")[:2])


def _unpacked_package(
    package: PlannedPackage, extracted: str, site_packages: str
) -> PlannedPackage:
    """The package with the paths and SHA-256 of the files that it would write into a prefix."""
    info = os.path.join(extracted, "info")
    index = canonical.decode_object(read_bytes(os.path.join(info, "index.json"), _LIMIT))
    listed = _listed(info)
    if not extracted or index is None or listed is None:  # perhaps another conda is unpacking it
        return package
    files = _placed_files(info, index, listed, site_packages)
    return package.replace(
        files=tuple(files),
        sums=tuple(files.values()),
        requires=_requires(extracted, listed),
        depends=_depends(index),
    )


def _placed_files(
    info: str, index: Entry, listed: dict[str, str], site_packages: str
) -> dict[str, str]:
    link = _json(os.path.join(info, "link.json"))
    noarch = _object(link.get("noarch"))
    if "python" not in (noarch.get("type"), index.get("noarch")):
        return listed
    placed = {_placed(path, site_packages): digest for path, digest in listed.items()}
    scripts = (str(point).partition("=")[0].strip() for point in _list(noarch.get("entry_points")))
    return placed | {f"bin/{name}": "" for name in scripts}


def _requires(place: str, paths: Iterable[str]) -> tuple[str, ...] | None:
    """The requirements of the distributions among these paths below ``place``; ``None``: unknown.

    A path of METADATA or PKG-INFO stands for a distribution.
    """
    requires: list[str] = []
    for path in paths:
        if path.endswith((".dist-info/METADATA", ".egg-info/PKG-INFO")):
            found = core_metadata.read(os.path.join(place, os.path.dirname(path)))
            if found is None:
                return None
            requires += found.requires
    return tuple(requires)


def _listed(info: str) -> dict[str, str] | None:
    """The paths and SHA-256 of the files in a package; ``None`` where they are not told."""
    paths = _json(os.path.join(info, "paths.json")).get("paths")
    if isinstance(paths, list):
        return {str(entry.get("_path")): _sum(entry) for entry in paths if isinstance(entry, dict)}
    old = read_bytes(os.path.join(info, "files"), _LIMIT)
    return None if old is None else dict.fromkeys(os.fsdecode(old).splitlines(), "")


def _sum(entry: Entry) -> str:
    """The SHA-256; ``""`` also where conda writes the prefix into the file, which changes it."""
    return "" if entry.get("prefix_placeholder") else str(entry.get("sha256") or "")


def _placed(path: str, site_packages: str) -> str:
    if path.startswith("site-packages/"):
        return site_packages + path[len("site-packages") :]
    if path.startswith("python-scripts/"):
        return "bin" + path[len("python-scripts") :]
    return path


def _recorded(package: PlannedPackage, prefix: str) -> PlannedPackage:
    """The package with the files that its record in ``conda-meta`` lists."""
    name = f"{package.name}-{package.version}-{package.build}.json"
    record = _json(os.path.join(prefix, "conda-meta", name))
    package, files = package.replace(depends=_depends(record)), record.get("files")
    if not isinstance(files, list):
        return _with_place(package, record)
    paths = tuple(str(path) for path in files)
    sums = ("",) * len(paths)
    found = package.replace(files=paths, sums=sums, requires=_requires(prefix, paths))
    return _with_place(found, record)


def _unpacked(entry: Entry, packages_dirs: Sequence[str]) -> str:
    """The unpacked package in one of the package caches, if it is from the entry's channel; else
    ``""``.
    """
    package = _package(entry)
    name = entry.get("dist_name") or f"{package.name}-{package.version}-{package.build}"
    for directory in packages_dirs:
        place = os.path.join(directory, str(name))
        known = str(_json(f"{place}/info/repodata_record.json").get("url") or "")
        if os.path.isdir(f"{place}/info") and _from_here(known, entry):
            return place
    return ""


def _from_here(url: str, entry: Entry) -> bool:
    base = str(entry.get("base_url") or "").rstrip("/")
    return not url or not base or url.startswith(f"{base}/")


def _json(path: str) -> dict[str, Any]:
    """The JSON object in a file; an empty one where there is no file, or something else in it."""
    return canonical.decode_object(read_bytes(path, _LIMIT)) or {}


def _object(value: object) -> dict[str, Any]:
    """``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    """``value`` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
