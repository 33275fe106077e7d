"""The record of what was laid: damaged, or of somebody else, it harms nobody."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.protection import ledger
from safeinstall.protection.ledger import FILE, Ledger
from safeinstall.protection.nouns import CONSTRAINTS, MANAGED, PIP, Laid
from safeinstall.settings import CONDA_OWNS

if TYPE_CHECKING:
    from pathlib import Path

MADE = (os.path.dirname(CONDA_OWNS), "etc")
KNOWN = Ledger(
    "/e",
    ("pip.conf",),
    (
        Laid(CONSTRAINTS, CONDA_OWNS, "ü===1\n".encode(), "0" * 64, made=MADE),
        Laid(PIP, "pip.conf", b"x\n", "1" * 64, "3" * 64, 7, 0o640),
        Laid(MANAGED, "lib/python3.13t/EXTERNALLY-MANAGED", b"y", "2" * 64),
    ),
    door=True,
)


def with_first(prefix: Path, **fields: Any) -> Ledger | None:
    ledger.save(str(prefix), KNOWN)
    document = json.loads((prefix / FILE).read_bytes())
    document["laid"][0] |= fields
    (prefix / FILE).write_text(json.dumps(document))
    return ledger.read(str(prefix))


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert with_first(tmp_path) == KNOWN
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/etc/passwd"},
        {"path": "../x"},
        {"path": ".safeinstall/journal.jsonl"},
        {"name": MANAGED, "path": "lib/../EXTERNALLY-MANAGED"},
        {"path": CONDA_OWNS + "\0"},
        {"made": ["/tmp"]},
        {"made": ["conda-meta"]},
        {"before": 5},
        {"before": "%"},
        {"at": "x"},
        {"text": "\ud800"},
        {"mode": "x"},
    ],
)
def test_of_somebody_else(tmp_path: Path, fields: dict[str, Any]) -> None:
    """It could lead us to any file."""
    assert with_first(tmp_path, **fields) is None


@given(st.binary(max_size=40), st.integers(0, 600))
def test_damaged(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    prefix = tmp_path_factory.mktemp("prefix")
    ledger.save(str(prefix), KNOWN)
    content = (prefix / FILE).read_bytes()
    (prefix / FILE).write_bytes(content[:at] + noise + content[at + len(noise) :])
    found = ledger.read(str(prefix))
    assert found is None or isinstance(found, Ledger)
