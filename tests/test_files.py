"""Reading small things: whole, up to a limit, and nothing but regular files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import files


@given(st.integers(0, 1 << 18), st.one_of(st.none(), st.integers(0, 1 << 18)))
def test_content_up_to_a_limit(size: int, limit: int | None) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        found = files.read_bytes(file.name) if limit is None else files.read_bytes(file.name, limit)
    assert found == (content if limit is None else content[:limit])


@given(st.binary(max_size=99), st.integers(0, 120), st.integers(0, 120))
def test_content_from_an_offset(content: bytes, offset: int, limit: int) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        found = files.read_bytes(file.name, limit, offset)
    assert found == content[offset : offset + limit]


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="there is no /proc here")
def test_a_file_that_does_not_know_its_size() -> None:
    assert b"Name:" in (files.read_bytes("/proc/self/status") or b"")
    assert len(files.read_bytes("/proc/self/status", 5) or b"") == 5


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for place in ("fifo", "absent", ".", "a\0b"):
        assert files.read_bytes(os.path.join(tmp_path, place)) is None
