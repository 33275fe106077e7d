"""The staging path is replaced in every file, and the sums are corrected."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.rebuild.relocate import relocate

NEW, OLD = "envs/data", "envs/dat_"


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_all_occurrences(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    root = tmp_path_factory.mktemp("r")
    staging, final = f"{root}/{OLD}", f"{root}/{NEW}"
    os.makedirs(staging)
    file = Path(staging, "file")
    file.write_bytes(os.fsencode(staging).join(parts))
    os.utime(file, ns=(1_000, 2_000))
    relocate(staging, final, ())
    assert file.read_bytes() == os.fsencode(final).join(parts)
    assert file.stat().st_mtime_ns == 2_000


def test_across_the_pieces_in_which_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging, final = str(tmp_path / OLD), str(tmp_path / NEW)
    os.makedirs(staging)
    for before in range(80):
        Path(staging, f"f{before}").write_bytes(b"x" * before + os.fsencode(staging) + b"/y")
    monkeypatch.setattr("safeinstall.rebuild.relocate._CHUNK", 40)
    relocate(staging, final, ())
    for before in range(80):
        content = Path(staging, f"f{before}").read_bytes()
        assert content == b"x" * before + os.fsencode(final) + b"/y"


def test_hard_links_copied_files_and_links(tmp_path: Path) -> None:
    staging, final = str(tmp_path / OLD), str(tmp_path / NEW)
    os.makedirs(staging)
    (tmp_path / "cache").write_text(staging)
    os.link(tmp_path / "cache", f"{staging}/shared")
    Path(staging, "copied").write_text(staging)
    os.symlink(f"{staging}/shared", f"{staging}/link")
    Path(staging, "script").write_text(f"#!{staging}/bin/python\n")
    os.chmod(f"{staging}/script", 0o555)
    relocate(staging, final, {"copied"})
    assert (tmp_path / "cache").read_text() == staging
    assert Path(staging, "copied").read_text() == staging
    assert os.readlink(f"{staging}/link") == f"{final}/shared"
    assert Path(staging, "script").read_text() == f"#!{final}/bin/python\n"
    assert os.stat(f"{staging}/script").st_mode & 0o777 == 0o555


def test_the_sums(tmp_path: Path) -> None:
    staging, final = tmp_path / OLD, tmp_path / NEW
    info = staging / "lib/python3.11/site-packages/thing-1.dist-info"
    for place in (info, staging / "conda-meta", staging / "bin"):
        place.mkdir(parents=True)
    text = f"#!{staging}/bin/python\n".encode()
    right = f"#!{final}/bin/python\n".encode()
    for name in ("conda-tool", "pip, tool"):
        (staging / "bin" / name).write_bytes(text)
    encoded = base64.urlsafe_b64encode(bytes.fromhex(sum_of(text))).decode().rstrip("=")
    own = "thing-1.dist-info/RECORD,,\n"
    (info / "RECORD").write_text(f'"../../../bin/pip, tool",sha256={encoded},{len(text)}\n{own}')
    paths = [
        {"_path": "bin/conda-tool", "sha256": "x", "sha256_in_prefix": sum_of(text)},
        {"_path": "share/other", "sha256": "y", "sha256_in_prefix": "z"},
    ]
    record = {"files": ["bin/conda-tool"], "paths_data": {"paths": paths}}
    (staging / "conda-meta/tool-1-0.json").write_text(json.dumps(record))
    relocate(str(staging), str(final), ())
    (tool, other) = json.loads((staging / "conda-meta/tool-1-0.json").read_text())["paths_data"][
        "paths"
    ]
    assert (tool["sha256_in_prefix"], tool["sha256"]) == (sum_of(right), "x")
    assert other["sha256_in_prefix"] == "z"
    encoded = base64.urlsafe_b64encode(bytes.fromhex(sum_of(right))).decode().rstrip("=")
    row = f'"../../../bin/pip, tool",sha256={encoded},{len(text)}\n'
    assert (info / "RECORD").read_text() == row + own
