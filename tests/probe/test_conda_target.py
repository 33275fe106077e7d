"""Which environment conda would change: our answer against real conda's, situation by situation."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall import argv
from safeinstall.files import read_bytes
from safeinstall.probe.conda import Installation
from tests.probe import targets

if TYPE_CHECKING:
    from pathlib import Path

conda_targets = targets.script("conda_targets")
STORED = targets.stored(conda_targets)


def ours(directory: str, facts: dict[str, Any]) -> str:
    environ = conda_targets.lay_out(directory, facts)
    words = [conda_targets.filled(word, directory) for word in facts["selector"]]
    cwd = os.path.join(directory, "work")
    context = argv.Context(environ, cwd, read_bytes, {})
    command = argv.parse(["conda", "install", *words, "six"], context)
    root = environ.get("CONDA_ROOT_PREFIX", f"{directory}/root")
    installation = Installation(
        root, environ, environ["HOME"], cwd, f"{directory}/cache", f"{directory}/root"
    )
    return installation.target_prefix(command.target).replace(f"{directory}/", "@/")


def test_every_stored_answer_is_ours_too(tmp_path: Path) -> None:
    """conda's refusals (a blank in a name, two names for one variable) are left to conda."""
    wrong = targets.wrong(STORED["situations"], tmp_path, ours)
    assert not wrong, f"{len(wrong)} of {len(STORED['situations'])}: {wrong[:5]}"


def test_the_table_is_that_of_its_script() -> None:
    situations = json.loads(json.dumps(conda_targets.situations()))
    assert targets.asked(STORED["situations"]) == situations


@pytest.mark.real_conda
def test_the_real_conda_still_answers_the_same() -> None:
    version, answers = conda_targets.ask(
        os.environ["SAFEINSTALL_TEST_CONDA"], conda_targets.situations()
    )
    stored = [row["answer"] for row in STORED["situations"]]
    assert answers == stored, f"conda {version} against {STORED['conda']}"
