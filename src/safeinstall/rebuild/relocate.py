"""Replaces the staging path by the final one in all files. The two have the same length, so this is
safe in programs and byte code as well.

Sums of changed files are corrected where they are kept: ``sha256_in_prefix`` in conda's records
(CEP 34), and RECORD of distributions (PEP 376).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil

from safeinstall.files import names_in, read_bytes, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_LIMIT = 1 << 26  # bytes of a conda-meta record or a RECORD
_CHUNK = 1 << 24


def relocate(staging: str, final: str, without: Collection[str]) -> None:
    """``without`` are files, relative to the prefix, that have no staging path in them, as they
    were copied from the final prefix.

    Files with several hard links are conda's, shared with its cache; conda copies a file instead if
    it writes a path into it. Raises OSError.
    """
    old, new = os.fsencode(staging), os.fsencode(final)
    changed = {}
    for path in _files(staging):
        if path in without:
            continue
        whole = os.path.join(staging, path)
        if os.path.islink(whole):
            target = os.readlink(whole)
            if target.startswith(staging):
                os.unlink(whole)
                os.symlink(final + target[len(staging) :], whole)
        elif os.lstat(whole).st_nlink == 1 and _has(whole, old):
            changed[path] = _replace(whole, old, new)
    if changed:
        condas = _correct_conda(staging, changed)
        _correct_pip(staging, changed, condas)


def _files(prefix: str) -> Iterator[str]:
    for directory, names, files in os.walk(prefix):
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        inside = os.path.relpath(directory, prefix)
        for name in (*files, *links):
            yield os.path.normpath(os.path.join(inside, name))


def _has(path: str, text: bytes) -> bool:
    with open(path, "rb") as file:
        tail = b""
        while chunk := file.read(_CHUNK):
            seen = tail + chunk
            if text in seen:
                return True
            tail = seen[-len(text) :]
    return False


def _replace(path: str, old: bytes, new: bytes) -> str:
    """Write the file anew, with its mode and times; returns the SHA-256 in hexadecimal."""
    with open(path, "rb") as file:
        content = file.read().replace(old, new)
    temporary = f"{path}.safeinstall"
    with open(temporary, "xb") as file:
        file.write(content)
    shutil.copystat(path, temporary)  # byte code is valid for the time of its source
    os.replace(temporary, path)
    return hashlib.sha256(content).hexdigest()


def _correct_conda(prefix: str, changed: dict[str, str]) -> set[str]:
    """Returns all files that conda's records list."""
    listed: set[str] = set()
    meta = os.path.join(prefix, "conda-meta")
    for name in names_in(meta):
        if not name.endswith(".json"):
            continue
        place = os.path.join(meta, name)
        record = json.loads(read_bytes(place, _LIMIT) or b"{}")
        listed.update(record.get("files") or ())
        entries = (record.get("paths_data") or {}).get("paths") or []
        hit = [e for e in entries if e.get("_path") in changed and "sha256_in_prefix" in e]
        for entry in hit:
            entry["sha256_in_prefix"] = changed[entry["_path"]]
        if hit:
            rewrite(place, json.dumps(record, indent=2, sort_keys=True).encode())
    return listed


def _correct_pip(prefix: str, changed: dict[str, str], condas: Collection[str]) -> None:
    """The RECORD of a conda package is a file like any other: conda never corrects it."""
    for path in [path for path in _files(prefix) if path.endswith(".dist-info/RECORD")]:
        if path in condas:
            continue
        place = os.path.join(prefix, path)
        site_packages = os.path.dirname(os.path.dirname(path))
        lines = (read_bytes(place, _LIMIT) or b"").decode("utf-8", "surrogateescape").split("\n")
        corrected = [_corrected(line, site_packages, changed, prefix) for line in lines]
        if corrected != lines:
            rewrite(place, "\n".join(corrected).encode("utf-8", "surrogateescape"))


def _corrected(line: str, site_packages: str, changed: dict[str, str], prefix: str) -> str:
    """The row ``path,sha256=…,size`` as the changed file is now; paths may be quoted."""
    path, sum_, *_ = (*line.rsplit(",", 2), "", "")
    name = path[1:-1].replace('""', '"') if path.startswith('"') else path
    inside = os.path.normpath(os.path.join(site_packages, name))
    digest = changed.get(inside)
    if not digest or not sum_.startswith("sha256="):
        return line
    size = os.path.getsize(os.path.join(prefix, inside))
    encoded = base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")
    return f"{path},sha256={encoded},{size}"


def rewrite(place: str, content: bytes) -> None:
    """Write the file anew, with its mode. Raises OSError."""
    mode = os.stat(place).st_mode & 0o7777
    write(place, content, lambda descriptor: os.fchmod(descriptor, mode))
