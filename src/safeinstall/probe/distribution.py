"""What an installed distribution says of itself: its requirements and its files.

Format: the RECORD of the binary distribution format (PEP 376, PEP 427), and what setuptools'
``.egg-info`` has in its place. Requirements: :mod:`safeinstall.probe.core_metadata`.
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
_ROW = 2  # commas of a row, at the least
_LIMIT = 1 << 26  # bytes of a RECORD: the largest wheels list some ten thousand files


def describe(package: Package, prefix: str) -> Resident:
    """The resident behind an inventory's package. A list of files that cannot be read is empty."""
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


def _is_whole(location: str) -> bool:
    """Does RECORD name itself, and end where a row does? What was uninstalled half has none."""
    text = read_text(os.path.join(location, "RECORD"), _LIMIT)
    own = f"{os.path.basename(location)}/RECORD,"
    return (
        own in text
        and text.endswith("\n")
        and all(row.count(",") >= _ROW for row in text.splitlines() if row)
    )


def _has_its_module(package: Package, files: Iterable[str]) -> bool:
    """Does it list the module that has its name, if there is one and it is no other's?

    ``jupyter`` lists nothing but its own metadata, and ``jupyter.py`` is jupyter_core's.
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
    """The resident with those of ``paths`` that are there and may be its own, though it does not
    list them: they lie where its others do, or have its name.
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
    """The importable name that a file in site-packages belongs to; else the whole path."""
    inside = path.partition("/site-packages/")[2]
    return inside.partition("/")[0].removesuffix(".py") if inside else path


def with_lost(resident: Resident, prefix: str, paths: Iterable[str]) -> Resident:
    """The resident, with those of ``paths`` noted that are its own and have been written over."""
    own = dict(zip(resident.files, resident.sums, strict=True))
    wanted = [path for path in paths if own.get(path)]
    lost = (path for path in wanted if _sha256(os.path.join(prefix, path)) != own[path])
    return resident.replace(lost=tuple(lost))


def _sha256(path: str) -> str:
    """In hexadecimal; ``""`` where there is nothing to read."""
    from hashlib import file_digest

    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _files(package: Package, prefix: str) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of everything that the distribution lists within the prefix."""
    location = package.location
    site_packages = os.path.dirname(location)
    if location.endswith(".dist-info"):
        rows = _record(read_text(os.path.join(location, "RECORD"), _LIMIT))
        base = site_packages
    else:
        rows = _installed_files(location)
        base = location
    root = os.path.realpath(prefix)
    base = os.path.realpath(base)
    for name, digest in rows:
        path = os.path.relpath(os.path.normpath(os.path.join(base, name)), root)
        if not path.startswith(".."):
            yield path, digest


def _record(text: str) -> Iterator[tuple[str, str]]:
    """RECORD's rows: ``path,sha256=…,size``, the path quoted where it has a comma in it."""
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
    """What ``setup.py install --record`` kept in an egg-info directory, relative to it."""
    for line in read_text(os.path.join(location, "installed-files.txt"), _LIMIT).splitlines():
        if line.strip():
            yield line.strip(), ""


def _hexadecimal(digest: str) -> str:
    """RECORD has URL-safe base 64 without padding."""
    from binascii import Error, a2b_base64

    algorithm, _, text = digest.partition("=")
    if algorithm != "sha256":
        return ""
    try:
        return a2b_base64(text.replace("-", "+").replace("_", "/") + "=").hex()
    except (Error, ValueError):
        return ""
