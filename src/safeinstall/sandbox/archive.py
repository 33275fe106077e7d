"""Conda packages as files: the ``.conda`` and ``.tar.bz2`` formats, written without any tool.

Formats: https://docs.conda.io/projects/conda/en/stable/dev-guide/specs/ (packages, repodata).
"""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import os
import posixpath
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PLACEHOLDER = "/opt/safeinstall_sandbox" + "_placehold" * 20
"""Stands for the prefix in files that have to name it; replaced when a package is installed."""

_MOMENT = 1_700_000_000  # one fixed time, so that the same input gives the same package


@dataclass(frozen=True, slots=True)
class File:
    """One file of a package."""

    data: bytes
    executable: bool = False
    link: str = ""  # where a symbolic link points to; ``data`` is empty then
    shared: bool = False  # hard links to the package cache will do: nobody edits this file

    @property
    def placeholder(self) -> bool:
        """Does the file name the prefix it will be installed into?"""
        return PLACEHOLDER.encode() in self.data


@dataclass(frozen=True, slots=True)
class Package:
    """A conda package before it is packed. Paths in ``files`` are relative to the prefix, except
    that noarch Python packages keep theirs below ``site-packages/``."""

    name: str
    version: str
    build: str = "0"
    number: int = 0
    depends: tuple[str, ...] = ()
    noarch: str = ""  # "", "python" or "generic"
    files: Mapping[str, File] = field(default_factory=dict)
    entry_points: tuple[str, ...] = ()  # noarch only: "pip = pip._internal.cli.main:main"
    site_packages: str = ""  # of "python": what it declares as its own (CEP 17)

    @property
    def stem(self) -> str:
        """The file name without its extension."""
        return f"{self.name}-{self.version}-{self.build}"

    def index(self, subdir: str) -> dict[str, Any]:
        """``info/index.json``, which repodata repeats."""
        noarch = {"noarch": self.noarch} if self.noarch else {}
        place = {"python_site_packages_path": self.site_packages} if self.site_packages else {}
        return {
            "build": self.build,
            "build_number": self.number,
            "depends": list(self.depends),
            "license": "MIT",
            "name": self.name,
            "subdir": "noarch" if self.noarch else subdir,
            "timestamp": _MOMENT * 1000,
            "version": self.version,
            **noarch,
            **place,
        }


def write(package: Package, subdir: str, channel: str, old_format: bool = False) -> None:
    """Put ``package`` into the right directory of ``channel``, not yet in its repodata."""
    index = package.index(subdir)
    directory = os.path.join(channel, index["subdir"])
    os.makedirs(directory, exist_ok=True)
    content = _tar(package.files.items())
    information = _tar(_information(package, index).items())
    if old_format:
        both = _tar([*package.files.items(), *_information(package, index).items()])
        data, extension = bz2.compress(both, 1), ".tar.bz2"
    else:
        data, extension = _conda(package.stem, content, information), ".conda"
    with open(os.path.join(directory, package.stem + extension), "wb") as file:
        file.write(data)
    # Beside the package until the channel is indexed.
    with open(os.path.join(directory, package.stem + extension + ".json"), "w") as file:
        json.dump(index | _digests(data), file)


def write_repodata(channel: str, subdirs: Iterable[str]) -> None:
    """Index what :func:`write` has put into ``channel``."""
    for subdir in subdirs:
        directory = os.path.join(channel, subdir)
        os.makedirs(directory, exist_ok=True)
        repodata: dict[str, Any] = {
            "info": {"subdir": subdir},
            "packages": {},
            "packages.conda": {},
            "removed": [],
            "repodata_version": 1,
        }
        for name in sorted(os.listdir(directory)):
            if name.endswith((".conda.json", ".tar.bz2.json")):
                with open(os.path.join(directory, name)) as file:
                    group = "packages.conda" if name.endswith(".conda.json") else "packages"
                    repodata[group][name.removesuffix(".json")] = json.load(file)
        place = os.path.join(directory, "repodata.json")
        with open(f"{place}.new", "w") as file:
            json.dump(repodata, file, indent=1)
        os.replace(f"{place}.new", place)  # it may be a link to another store's


def _digests(data: bytes) -> dict[str, Any]:
    return {
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }


def _information(package: Package, index: dict[str, Any]) -> dict[str, File]:
    documents: dict[str, Any] = {
        "info/index.json": index,
        "info/paths.json": {
            "paths": [_path_entry(path, package.files) for path in sorted(package.files)],
            "paths_version": 1,
        },
        "info/about.json": {"summary": f"{package.name}, retold for a throw-away world"},
    }
    if package.noarch == "python":
        documents["info/link.json"] = {
            "noarch": {"entry_points": list(package.entry_points), "type": "python"},
            "package_metadata_version": 1,
        }
    files = {path: File(json.dumps(item, indent=1).encode()) for path, item in documents.items()}
    files["info/files"] = File("".join(f"{path}\n" for path in sorted(package.files)).encode())
    return files


def _path_entry(path: str, files: Mapping[str, File]) -> dict[str, Any]:
    """A link has the sum and the size of what it leads to, as conda-build writes them; mamba does
    not read a package without.
    """
    file = files[path]
    data = _behind(path, files).data
    entry: dict[str, Any] = {
        "_path": path,
        "path_type": "softlink" if file.link else "hardlink",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_in_bytes": len(data),
    }
    if not file.shared and not file.link:
        # A test that edits an installed file must not reach the package cache.
        entry["no_link"] = True
    if file.placeholder:
        entry["prefix_placeholder"] = PLACEHOLDER
        entry["file_mode"] = "text"
    return entry


def _behind(path: str, files: Mapping[str, File]) -> File:
    file = files[path]
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.link))
    return _behind(target, files) if file.link and target in files else file


def _tar(files: Iterable[tuple[str, File]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, file in sorted(files, key=lambda item: item[0]):
            member = tarfile.TarInfo(path)
            member.mtime = _MOMENT
            member.mode = 0o755 if file.executable else 0o644
            member.size = len(file.data)
            if file.link:
                member.type, member.linkname = tarfile.SYMTYPE, file.link
            archive.addfile(member, io.BytesIO(file.data))
    return buffer.getvalue()


def _conda(stem: str, content: bytes, information: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        archive.writestr(f"pkg-{stem}.tar.zst", _zstandard(content))
        archive.writestr(f"info-{stem}.tar.zst", _zstandard(information))
    return buffer.getvalue()


def _zstandard(data: bytes) -> bytes:
    """A Zstandard frame (RFC 8878) of raw blocks: needs no compressor, and is fast both ways."""
    block = 128 * 1024
    frame = [b"\x28\xb5\x2f\xfd", b"\x00\x38"]  # magic; no content size, a window of 128 KiB
    for start in range(0, max(len(data), 1), block):
        piece = data[start : start + block]
        last = start + block >= len(data)
        frame.append((len(piece) << 3 | last).to_bytes(3, "little") + piece)
    return b"".join(frame)
