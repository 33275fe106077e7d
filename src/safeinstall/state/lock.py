"""A lock: two files that name every package by its address and its sum. Pure.

For conda its own explicit list (``conda list --explicit --sha256``), for pip a ``pylock.toml``
(PEP 751). Both are for one platform.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from safeinstall.state import requirement
from safeinstall.state.nouns import CondaPackage, Distribution
from safeinstall.state.requirement import local_path
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from packaging.direct_url import DirectUrl
    from packaging.pylock import Package

    from safeinstall.state.nouns import State

HASH = " --hash="
"""Between the requirement and the sum, in a line of a requirements file."""

EXPLICIT = "conda-explicit.txt"
PYLOCK = "pylock.toml"
_MARK = "@EXPLICIT"
_LINE = re.compile(
    r"(?P<url>\S+/(?P<name>[^/#]+)-(?P<version>[^-/#]+)-(?P<build>[^-/#]+)\.(?:conda|tar\.bz2))"
    r"(?:#(?:(?P<md5>[0-9a-f]{32})|(?:sha256:)?(?P<sha256>[0-9a-f]{64})))?"
)


class Archive(Value):
    """The file of a distribution in an index."""

    url: str
    sha256: str


def explicit(packages: Iterable[CondaPackage], *, for_any: bool = False) -> str:
    """conda's list, in an order in which each package comes after what it needs; without those that
    have no address. ``for_any``: with sums that a conda before 24 takes as well.
    """
    listed = filter(has_address, in_order(packages))
    sums = [(p.md5 or p.sha256 if for_any else p.sha256 or p.md5, p) for p in listed]
    lines = [f"{p.url}#{digest}" if digest else p.url for digest, p in sums]
    return "".join(f"{line}\n" for line in [_MARK, *lines])


def has_address(package: CondaPackage) -> bool:
    """Does its record tell where its archive came from?"""
    return _LINE.fullmatch(package.url) is not None


def read_explicit(text: str) -> tuple[CondaPackage, ...]:
    """The packages of such a list. Raises ValueError for a line that is none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("#") or bare == _MARK:
            continue
        match = _LINE.fullmatch(bare)
        if match is None:
            raise ValueError(f"line {number} is no address of a conda package: {bare}")
        name, version, build, url, md5, sha256 = match.group(
            "name", "version", "build", "url", "md5", "sha256"
        )
        package = CondaPackage(name, version, build, url=url, md5=md5 or "", sha256=sha256 or "")
        found.append(package)
    return tuple(found)


def pylock(state: State, archives: Mapping[str, Archive]) -> str:
    """The text of ``pylock.toml``. ``archives`` has, by name, those of distributions from an index;
    a distribution that has none there, nor an origin, is left out.
    """
    import tomli_w
    from packaging.pylock import Pylock
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    minor = ".".join(state.python.split(".")[:2])
    lock = Pylock(
        lock_version=Version("1.0"),
        requires_python=SpecifierSet(f"=={minor}.*") if minor else None,
        created_by="safeinstall",
        packages=[_package(d, archives) for d in state.pip if d.origin or d.name in archives],
    )
    return tomli_w.dumps(dict(lock.to_dict()))


def read_pylock(text: str) -> tuple[tuple[Distribution, str], ...]:
    """The distributions of a ``pylock.toml``, each with the line of a requirements file by which
    pip installs it. Raises ValueError.
    """
    import tomllib

    from packaging.pylock import (
        Pylock,
        PylockUnsupportedVersionError,
        PylockValidationError,
    )

    try:
        lock = Pylock.from_dict(tomllib.loads(text))
    except (PylockValidationError, PylockUnsupportedVersionError) as error:
        raise ValueError(str(error)) from error
    return tuple(_read(package) for package in lock.packages)


def in_order(packages: Iterable[CondaPackage]) -> tuple[CondaPackage, ...]:
    """Each after what it needs, as far as that is possible."""
    packages = tuple(packages)
    by_name = {package.name: package for package in packages}
    done: dict[str, CondaPackage] = {}

    def add(package: CondaPackage, above: frozenset[str]) -> None:
        if package.name in done or package.name in above:
            return
        for name in package.depends:
            if name in by_name:
                add(by_name[name], above | {package.name})
        done[package.name] = package

    for package in packages:
        add(package, frozenset())
    return tuple(done.values())


def _package(found: Distribution, archives: Mapping[str, Archive]) -> Package:
    from packaging.pylock import Package, PackageWheel
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    version = Version(found.version) if found.version else None
    name = canonicalize_name(found.name)
    if found.origin is not None:
        return Package(name=name, version=version, **_origin(found.origin))
    archive = archives[found.name]
    file = archive.url.rpartition("/")[2]
    wheel = PackageWheel(name=file, url=archive.url, hashes={"sha256": archive.sha256})
    return Package(name=name, version=version, wheels=[wheel])


def _origin(origin: DirectUrl) -> dict[str, Any]:
    from packaging.pylock import PackageArchive, PackageDirectory, PackageVcs

    below = origin.subdirectory
    if origin.vcs_info is not None:
        vcs = PackageVcs(
            type=origin.vcs_info.vcs,
            url=origin.url,
            requested_revision=origin.vcs_info.requested_revision,
            commit_id=origin.vcs_info.commit_id,
            subdirectory=below,
        )
        return {"vcs": vcs}
    if origin.dir_info is not None:
        editable = origin.dir_info.editable or None
        place = PackageDirectory(path=local_path(origin), editable=editable, subdirectory=below)
        return {"directory": place}
    hashes = dict((origin.archive_info.hashes if origin.archive_info else None) or {})
    return {"archive": PackageArchive(url=origin.url, hashes=hashes, subdirectory=below)}


def _read(package: Package) -> tuple[Distribution, str]:
    from packaging.direct_url import DirectUrl

    version = str(package.version) if package.version else ""
    digest = next((w.hashes.get("sha256") for w in package.wheels or () if version), None)
    if digest:
        line = f"{package.name}=={version}{HASH}sha256:{digest}"
        return Distribution(package.name, version, requested=True), line
    origin = DirectUrl.from_dict(_as_direct_url(package))
    found = Distribution(package.name, version, requested=True, origin=origin)
    return found, requirement.exact(found)


def _as_direct_url(package: Package) -> dict[str, object]:
    """As PEP 610 has it. Raises ValueError if the package has no file."""
    vcs, directory = package.vcs, package.directory
    if vcs is not None:
        info = {"vcs": vcs.type, "commit_id": vcs.commit_id}
        url = vcs.url or _address(vcs.path)
        return {"url": url, "vcs_info": info, **_below(vcs.subdirectory)}
    if directory is not None:
        editable = {"editable": True} if directory.editable else {}
        place = {"url": _address(directory.path), "dir_info": editable}
        return {**place, **_below(directory.subdirectory)}
    file = package.archive or next(iter(package.wheels or ()), None) or package.sdist
    if file is None:
        raise ValueError(f"{package.name} has no file")
    below = package.archive.subdirectory if package.archive else None
    url = file.url or _address(file.path)
    return {"url": url, "archive_info": {"hashes": dict(file.hashes)}, **_below(below)}


def _address(path: str | None) -> str:
    return f"file://{quote(path or '')}"


def _below(subdirectory: str | None) -> dict[str, str]:
    return {"subdirectory": subdirectory} if subdirectory else {}
