"""Reads the requirements and the list of files of an installed distribution.

Formats: RECORD of the binary distribution format (PEP 376, PEP 427), ``installed-files.txt`` in
setuptools' ``.egg-info``. Requirements: :mod:`safeinstall.probe.core_metadata`.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_text
from safeinstall.model import Resident
from safeinstall.probe import core_metadata, unreadable
from safeinstall.specs.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Package

_PATH = 1 << 14  # bytes of a link
_ROW = 2  # commas in a row of RECORD, at the least
_LIMIT = 1 << 26  # bytes of a RECORD: the largest wheels list some ten thousand files


def describe(package: Package, prefix: str) -> Resident:
    """The files and requirements of a package of the inventory that conda does not own.

    Its files are empty where the list of files cannot be read.
    """
    files = {path: digest for path, digest in _files(package, prefix) if not path.endswith(".pyc")}
    metadata = core_metadata.read(package.location)
    partly = package.location.endswith(".dist-info") and not (
        _is_whole(package.location) and _has_its_module(package, files)
    )
    if partly:
        unreadable.note("record-file", os.path.join(package.location, "RECORD"))
    return Resident(
        package.name,
        package.version,
        package.owner,
        requires=metadata.requires if metadata else None,
        files=tuple(files),
        sums=tuple(files.values()),
        unread="" if metadata else core_metadata.file_of(package.location),
        partly=partly,
    )


def paths(package: Package, prefix: str) -> Iterator[str]:
    """The files that the distribution lists and that lie within the prefix, relative to it."""
    return (path for path, _ in _files(package, prefix))


def _is_whole(location: str) -> bool:
    """Is RECORD complete: does it list itself, and end with a whole row?

    A distribution whose uninstallation was interrupted has no RECORD.
    """
    text = read_text(os.path.join(location, "RECORD"), _LIMIT)
    own = f"{os.path.basename(location)}/RECORD,"
    return (
        own in text
        and text.endswith("\n")
        and all(row.count(",") >= _ROW for row in text.splitlines() if row)
    )


def _has_its_module(package: Package, files: Iterable[str]) -> bool:
    """Does the distribution list the module with its name, if there is such a module?

    True, too, if another distribution lists that module: ``jupyter`` lists only its metadata, and
    ``jupyter.py`` belongs to jupyter_core.
    """
    name = package.name.replace("-", "_")
    site = os.path.dirname(package.location)
    there = [f for f in (f"{name}.py", f"{name}/__init__.py") if os.path.isfile(f"{site}/{f}")]
    if not there or any(_top(path).lower() == name for path in files):
        return True
    return any(_is_listed(path, site, package.location) for path in there)


def _is_listed(path: str, site: str, location: str) -> bool:
    """Does another distribution in ``site`` list this file?"""
    others = (f"{site}/{entry}" for entry in names_in(site) if entry.endswith(".dist-info"))
    records = (read_text(f"{other}/RECORD", _LIMIT) for other in others if other != location)
    return any(f"\n{path}," in f"\n{text}" for text in records)


def with_unlisted(resident: Resident, prefix: str, paths: Iterable[str]) -> Resident:
    """The resident with those of ``paths`` added that exist and may belong to it, although it does
    not list them: they are in the same import package as its listed files, or in one of its name.
    """
    places = {_top(path) for path in resident.files} | {resident.name}
    more = tuple(
        path
        for path in paths
        if path not in resident.files
        and (_top(path) in places or normalize(_top(path)) in places)
        and os.path.lexists(os.path.join(prefix, path))
    )
    unknown = ("",) * len(more)
    return resident.replace(files=resident.files + more, sums=resident.sums + unknown)


def _top(path: str) -> str:
    """The top-level import name of a file in site-packages; the whole path for other files."""
    inside = path.partition("/site-packages/")[2]
    return inside.partition("/")[0].removesuffix(".py") if inside else path


def with_lost(resident: Resident, prefix: str, paths: Iterable[str]) -> Resident:
    """The resident with those of ``paths`` as ``lost`` that it lists and that have other content
    by now.
    """
    own = dict(zip(resident.files, resident.sums, strict=True))
    wanted = [path for path in paths if own.get(path)]
    lost = (path for path in wanted if sha256(os.path.join(prefix, path)) != own[path])
    return resident.replace(lost=tuple(lost))


def with_spare(resident: Resident, prefix: str, paths: Iterable[str]) -> Resident:
    """The resident with those of ``paths`` as ``spare`` that it lists and nobody would miss."""
    from safeinstall.probe.spare_files import is_spare

    own = set(resident.files)
    spare = (path for path in paths if path in own and is_spare(path, prefix))
    return resident.replace(spare=tuple(spare))


def sha256(path: str) -> str:
    """The SHA-256 of a file in hexadecimal; ``""`` where it cannot be read."""
    from hashlib import file_digest

    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _files(package: Package, prefix: str) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of each listed file of the distribution that lies within the prefix."""
    location = package.location
    site_packages = os.path.dirname(location)
    if location.endswith(".dist-info"):
        found = rows(read_text(os.path.join(location, "RECORD"), _LIMIT))
        base = site_packages
    else:
        found = _installed_files(location)
        base = location
    root = os.path.realpath(prefix)
    base = os.path.realpath(base)
    inside = os.path.relpath(base, root)
    for name, digest in found:
        path = f"{inside}/{name}"
        if name.startswith("/") or "./" in name or "//" in name:
            path = os.path.relpath(os.path.normpath(os.path.join(base, name)), root)
        if not path.startswith(".."):
            yield path, digest


def rows(text: str) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of each row of RECORD: ``path,sha256=…,size``, with commas quoted."""
    for line in text.splitlines():
        if line.startswith('"'):
            name, _, rest = line[1:].rpartition('",')
            name = name.replace('""', '"')
            digest = rest.split(",")[0]
        else:
            name, digest = (*line.rsplit(",", 2), "", "")[:2]
        if name:
            yield name, _hexadecimal(digest)


def _installed_files(location: str) -> Iterator[tuple[str, str]]:
    """The files in ``installed-files.txt`` of an egg-info directory, relative to that directory."""
    for line in read_text(os.path.join(location, "installed-files.txt"), _LIMIT).splitlines():
        if line.strip():
            yield line.strip(), ""


def _hexadecimal(digest: str) -> str:
    """A digest of RECORD (URL-safe base 64 without padding) in hexadecimal; ``""`` if invalid."""
    from binascii import Error, a2b_base64

    algorithm, _, text = digest.partition("=")
    if algorithm != "sha256":
        return ""
    try:
        return a2b_base64(text.replace("-", "+").replace("_", "/") + "=").hex()
    except (Error, ValueError):
        return ""
