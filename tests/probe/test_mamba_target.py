"""Which environment mamba 2 would change, and from which channels: ours against its own answers."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall import argv
from safeinstall.files import read_bytes
from safeinstall.probe import channels, conda
from safeinstall.probe.conda import Installation
from tests.probe import targets

if TYPE_CHECKING:
    from pathlib import Path

mamba_targets = targets.script("mamba_targets")
STORED = targets.stored(mamba_targets)


def ours(directory: str, facts: dict[str, Any]) -> list[str]:
    """The prefix, and the addresses of the channels."""
    environ = mamba_targets.lay_out(directory, facts)
    words = [mamba_targets.filled(word, directory) for word in facts["selector"]]
    cwd = os.path.join(directory, "work")
    context = argv.Context(environ, cwd, read_bytes, {})
    command = argv.parse(["micromamba", "install", *words, "six"], context)
    root, home = environ["MAMBA_ROOT_PREFIX"], environ["HOME"]
    installation = Installation(root, environ, home, cwd, f"{directory}/cache", mamba=True)
    installation = installation.replace(**conda.settings_of(command, environ))
    prefix = installation.target_prefix(command.target)
    found = channels.effective(command, installation, prefix)
    addresses = [address for _, address in channels.addresses(found)]
    return [word.replace(f"{directory}/", "@/") for word in dict.fromkeys((prefix, *addresses))]


def test_every_stored_answer_is_ours_too(tmp_path: Path) -> None:
    wrong = targets.wrong(STORED["situations"], tmp_path, ours)
    assert not wrong, f"{len(wrong)} of {len(STORED['situations'])}: {wrong[:5]}"


def test_the_table_is_that_of_its_script() -> None:
    situations = json.loads(json.dumps(mamba_targets.situations()))
    assert targets.asked(STORED["situations"]) == situations


@pytest.mark.real_mamba
def test_the_real_mamba_still_answers_the_same() -> None:
    version, answers = mamba_targets.ask(
        os.environ["SAFEINSTALL_TEST_MAMBA"], mamba_targets.situations()
    )
    stored = [row["answer"] for row in STORED["situations"]]
    assert answers == stored, f"micromamba {version} against {STORED['micromamba']}"
