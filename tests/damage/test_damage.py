"""No damage in an environment makes the guard step aside, or its verdict looser.

Every prefix of every kind of document, and mutated ones, judged one after another in a process
that has imported what the guard imports. ``SAFEINSTALL_TORTURE=1``: 100,000 and 10,000 of them.
"""

from __future__ import annotations

import marshal
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import safeinstall
from tests.damage import documents, environments
from tests.journal.conftest import TORTURE

if TYPE_CHECKING:
    from pathlib import Path

PREFIXES, MUTATIONS = (100_000, 10_000) if TORTURE else (600, 300)
SOURCE = os.path.dirname(os.path.dirname(safeinstall.__file__))
WORKER = os.path.join(os.path.dirname(__file__), "worker.py")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["prefixes", "mutations"])
@pytest.mark.parametrize("parsed", [False, True], ids=["by-us", "by-libraries"])
def test_nothing_is_looser_and_nothing_fails(tmp_path: Path, how: str, parsed: bool) -> None:
    """What libraries parse is judged in a process of its own: they import more than the guard."""
    environments.build(tmp_path)
    whole = documents.originals(tmp_path)
    draw = random.Random(11)
    make, every = (
        (documents.prefixes, PREFIXES) if how == "prefixes" else (documents.mutations, MUTATIONS)
    )
    names = [name for name in whole if (name in documents.PARSED) == parsed]
    jobs = [job for name in names for job in make(name, whole[name], every // len(whole) + 1, draw)]
    (tmp_path / "jobs").write_bytes(marshal.dumps(jobs))
    command = [sys.executable, "-I", "-S", WORKER, SOURCE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    *wrong, summary = done.stdout.splitlines() or [""]
    assert done.returncode == 0, done.stderr
    assert not wrong
    assert summary.startswith(f"{len(jobs)} ")
    assert not done.stderr
