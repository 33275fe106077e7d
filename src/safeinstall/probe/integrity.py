"""Is every file as its installer has written it? Reads all files of an environment.

By the sums in conda's records (``sha256_in_prefix``, of noarch packages as well) and in RECORD of
other distributions. Byte code is left out: Python writes it anew. A file of two owners may have the
content of either; :mod:`safeinstall.probe.shared_files` tells whose it should be.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from safeinstall.canonical import decode_object
from safeinstall.files import read_bytes
from safeinstall.model import CONDA_OWNERS
from safeinstall.probe import distribution
from safeinstall.probe.shared_files import contents
from safeinstall.probe.spare_files import is_spare
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.model import Environment, Inventory, Package

_RECORD = 1 << 26  # bytes of a conda-meta record
_MARKS = ("conda-meta", "pyvenv.cfg")  # of environments
_SCRIPT = 1 << 10  # bytes of a program, enough for the lines that name its interpreter


class Deviation(Value):
    """What is not as a package's installer has written it. Paths are relative to the prefix."""

    package: Package
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    # Programs that are started by an interpreter which is not there, or by that of another prefix:
    # the path of the program, and of the interpreter
    strayed: tuple[tuple[str, str], ...] = ()
    unlisted: bool = False  # the list of its files cannot be read completely


def look(
    environment: Environment, inventory: Inventory, *, alone: bool = False
) -> Iterator[Deviation | None]:
    """One item for each package: its deviation, or None. Hashes files in several threads.

    ``alone``: only files with one hard link are hashed.
    """
    prefix = environment.prefix
    listed = dict(_listed(inventory, prefix))
    sums: dict[str, set[str]] = {}
    for files in listed.values():
        for path, digest in (files or {}).items():
            sums.setdefault(path, set()).add(digest)

    def compare(package: Package) -> Deviation | None:
        return _compared(package, listed[package], sums, prefix, alone=alone)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(compare, listed)


def _listed(
    inventory: Inventory, prefix: str
) -> Iterator[tuple[Package, Mapping[str, str] | None]]:
    """The files of each package with their sums, ``""`` for a sum that is not known; ``None`` if
    the list cannot be read completely.
    """
    for package in inventory.owned_by(*CONDA_OWNERS):
        record = read_bytes(package.location, _RECORD) or b""
        yield package, contents(record) if _is_whole(record) else None
    for package in inventory.not_owned_by(*CONDA_OWNERS):
        found = distribution.describe(package, prefix)
        whole = not found.partly and bool(found.files)
        files = dict(zip(found.files, found.sums, strict=True))
        yield package, files if whole or not package.location.endswith(".dist-info") else None


def _is_whole(record: bytes) -> bool:
    return isinstance((decode_object(record) or {}).get("files"), list)


def _compared(
    package: Package,
    files: Mapping[str, str] | None,
    sums: Mapping[str, set[str]],
    prefix: str,
    *,
    alone: bool,
) -> Deviation | None:
    missing, changed, strayed = [], [], []
    for path in files or ():
        whole = os.path.join(prefix, path)
        if path.endswith(".pyc"):
            continue
        if not os.path.lexists(whole):
            missing.append(path)
        elif not (alone and os.lstat(whole).st_nlink > 1) and _differs(path, sums[path], prefix):
            changed.append(path)
        if path.startswith("bin/") and (interpreter := strange_interpreter(whole, prefix)):
            strayed.append((path, interpreter))
    if not (missing or changed or strayed or files is None):
        return None
    return Deviation(package, tuple(missing), tuple(changed), tuple(strayed), files is None)


def _differs(path: str, sums: set[str], prefix: str) -> bool:
    """Has the file the content of none of its owners? Of links, only whether they lead anywhere."""
    whole = os.path.join(prefix, path)
    if os.path.islink(whole):
        return not os.path.exists(whole)
    if "" in sums:
        return False
    if os.path.isdir(whole):
        return True
    now = distribution.sha256(whole)
    if not now or now in sums:  # a file that this user may not read is not judged
        return False
    return not os.path.getsize(whole) or not is_spare(path, prefix)


def strange_interpreter(program: str, prefix: str) -> str:
    """The Python that starts this script, if it is not there or of another prefix; else ``""``.

    pip and conda write ``#!/bin/sh`` and the interpreter in the next line where its path is long
    or has blanks.
    """
    first, _, rest = (read_bytes(program, _SCRIPT) or b"")[:_SCRIPT].partition(b"\n")
    if first[:2] != b"#!":
        return ""
    words = first[2:].strip()
    if words.endswith(b"/sh") and rest.startswith(b"'''exec'"):
        words = rest.removeprefix(b"'''exec'").strip()
        quoted = words[:1] in (b'"', b"'")
        words = words[1:].partition(words[:1])[0] if quoted else words.partition(b" ")[0]
    else:
        words = words.partition(b" ")[0]
    path = os.fsdecode(words)
    if not (os.path.basename(path).startswith("python") and os.path.isabs(path)):
        return ""
    if not os.path.exists(path):
        return path
    if os.path.realpath(os.path.dirname(path)) == os.path.realpath(f"{prefix}/bin"):
        return ""
    other = os.path.dirname(os.path.dirname(path))  # a package may well ask for the system's
    return path if any(os.path.exists(f"{other}/{mark}") for mark in _MARKS) else ""
