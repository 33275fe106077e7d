"""Which environment conda would change: our answer against real conda's, situation by situation."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import pytest

from safeinstall import argv
from safeinstall.files import read_bytes
from safeinstall.probe.conda import Installation

TOOL = Path(__file__).parents[2] / "tools" / "conda_targets.py"


def tool() -> Any:
    specification = importlib.util.spec_from_file_location("conda_targets", TOOL)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


conda_targets = tool()
STORED = json.loads(gzip.decompress(Path(conda_targets.TABLE).read_bytes()))


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
    wrong = []
    for number, row in enumerate(STORED["situations"]):
        if not row["answer"].startswith("error:"):
            answer = ours(str(tmp_path / str(number)), row)
            if answer != row["answer"]:
                wrong.append({**row, "ours": answer})
    assert not wrong, f"{len(wrong)} of {len(STORED['situations'])}: {wrong[:5]}"


def test_the_table_is_that_of_its_script() -> None:
    asked = [{k: v for k, v in row.items() if k != "answer"} for row in STORED["situations"]]
    assert asked == json.loads(json.dumps(conda_targets.situations()))


@pytest.mark.real_conda
def test_the_real_conda_still_answers_the_same() -> None:
    version, answers = conda_targets.ask(
        os.environ["SAFEINSTALL_TEST_CONDA"], conda_targets.situations()
    )
    stored = [row["answer"] for row in STORED["situations"]]
    assert answers == stored, f"conda {version} against {STORED['conda']}"
