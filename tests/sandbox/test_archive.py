"""Packages as they are written."""

from __future__ import annotations

import hashlib
import json
import tarfile
from typing import TYPE_CHECKING

from safeinstall.sandbox.archive import File, Package, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_link_has_the_sum_and_the_size_of_what_it_leads_to(tmp_path: Path) -> None:
    """As conda-build writes it; mamba refuses a package without."""
    files = {
        "bin/p": File(b"", link="p3"),
        "bin/p3": File(b"", link="../lib/real"),
        "lib/real": File(b"content"),
        "lib/out": File(b"", link="/nowhere"),
    }
    write(Package("linked", "1.0", files=files), "linux-64", str(tmp_path), old_format=True)
    with tarfile.open(tmp_path / "linux-64/linked-1.0-0.tar.bz2") as archive:
        member = archive.extractfile("info/paths.json")
        assert member is not None
        entries = {entry["_path"]: entry for entry in json.load(member)["paths"]}
    assert {path: entry["path_type"] for path, entry in entries.items()} == {
        path: "softlink" if file.link else "hardlink" for path, file in files.items()
    }
    for path, content in (("bin/p", b"content"), ("bin/p3", b"content"), ("lib/out", b"")):
        assert entries[path]["size_in_bytes"] == len(content)
        assert entries[path]["sha256"] == hashlib.sha256(content).hexdigest()
