"""Is every file as its installer has written it? Reads all files of an environment.

By the sums in conda's records (``sha256_in_prefix``, of noarch packages as well) and in RECORD of
other distributions. Byte code, and files of two owners, are left out: the first is written anew by
Python, and of the second :mod:`safeinstall.probe.shared_files` tells.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from safeinstall.files import read_bytes
from safeinstall.model import CONDA_OWNERS
from safeinstall.probe import distribution
from safeinstall.probe.shared_files import contents
from safeinstall.probe.spare_files import is_spare
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from safeinstall.model import Environment, Inventory, Package

_RECORD = 1 << 26  # bytes of a conda-meta record
_SCRIPT = 1 << 10  # bytes of a program, enough for the lines that name its interpreter


class Deviation(Value):
    """What is not as a package's installer has written it. Paths are relative to the prefix."""

    package: Package
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    # Programs that are started by an interpreter which is not there, or by that of another prefix:
    # the path of the program, and of the interpreter
    strayed: tuple[tuple[str, str], ...] = ()


def look(environment: Environment, inventory: Inventory) -> Iterator[Deviation | None]:
    """One item for each package: its deviation, or None. Hashes files in several threads."""
    prefix = environment.prefix
    listed = _listed(inventory, prefix)
    owners = Counter(path for files in listed.values() for path in files)
    several = {path for path, count in owners.items() if count > 1}

    def compare(item: tuple[Package, Mapping[str, str]]) -> Deviation | None:
        return _compared(*item, several, prefix)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(compare, listed.items())


def _listed(inventory: Inventory, prefix: str) -> dict[Package, dict[str, str]]:
    """The files of each package with their sums; ``""`` for a sum that is not known."""
    found = {
        package: contents(read_bytes(package.location, _RECORD) or b"")
        for package in inventory.owned_by(*CONDA_OWNERS)
    }
    for package in inventory.not_owned_by(*CONDA_OWNERS):
        described = distribution.describe(package, prefix)
        found[package] = dict(zip(described.files, described.sums, strict=True))
    return found


def _compared(
    package: Package, files: Mapping[str, str], several: Collection[str], prefix: str
) -> Deviation | None:
    missing, changed, strayed = [], [], []
    for path, digest in files.items():
        whole = os.path.join(prefix, path)
        if path.endswith(".pyc") or path in several:
            continue
        if not os.path.lexists(whole):
            missing.append(path)
        elif _differs(whole, digest) and not is_spare(path, prefix):
            changed.append(path)
        if path.startswith("bin/") and (interpreter := strange_interpreter(whole, prefix)):
            strayed.append((path, interpreter))
    if not (missing or changed or strayed):
        return None
    return Deviation(package, tuple(missing), tuple(changed), tuple(strayed))


def _differs(path: str, digest: str) -> bool:
    """No for a link, and for what has no sum or cannot be read by this user."""
    if not digest or os.path.islink(path):
        return False
    now = distribution.sha256(path)
    return bool(now) and now != digest


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
    inside = os.path.realpath(os.path.dirname(path)) == os.path.realpath(f"{prefix}/bin")
    return "" if inside else path
