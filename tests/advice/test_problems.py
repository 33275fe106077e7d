"""The commands that ``status`` offers for a problem, pasted: for each kind of problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from safeinstall.report import examination
from tests.advice.scenes import bare, both, guarded, write
from tests.advice.stage import HERE
from tests.harness import few

if TYPE_CHECKING:
    from safeinstall.report.problems import Problem
    from tests.advice.scenes import Act
    from tests.advice.stage import Stage


@dataclass(frozen=True)
class Trouble:
    """What has happened, and whether the problem ends by its commands, or is only looked at."""

    kind: str
    act: Act
    environ: dict[str, str] = field(default_factory=dict)
    ends: bool = True
    status: int = 0  # of the last command: "history verify" tells of damage by it


JOURNAL = "{prefix}/.safeinstall/journal.jsonl"
MIRROR = "~/.local/state/safeinstall/journals/*/journal.jsonl"
LISTLESS = (  # pip has no list of the files of what it replaces
    "mkdir {site}/cowsay-5.0.dist-info && touch {site}/cowsay-5.0.dist-info/RECORD && "
    r"printf 'Metadata-Version: 2.1\nName: cowsay\nVersion: 5.0\n\n' "
    "> {site}/cowsay-5.0.dist-info/METADATA"
)
TROUBLES = (
    Trouble(
        "denied",
        both(bare("pip install six"), write("{place}/p.toml", "[packages]\ndeny = ['six']\n")),
        {"SAFEINSTALL_POLICY": "{place}/p.toml"},
    ),
    Trouble(
        "interrupted",
        both(guarded("pip install cowsay"), bare(f"sed -i '$ d' {JOURNAL} {MIRROR}")),
    ),
    Trouble("outside", guarded("PIP_USER=1 pip install cowsay"), ends=False),
    Trouble(
        "shadowed",
        bare("pip install -q --target {place}/path six"),
        {"PYTHONPATH": "{place}/path"},
        ends=False,  # in the shell, and its end with it
    ),
    Trouble("warned", both(bare(LISTLESS), guarded("pip install --upgrade cowsay")), ends=False),
    Trouble("rails", bare("safeinstall protect -n work && conda install -y -n work tqdm")),
    Trouble(
        "journal",
        both(guarded("pip install cowsay"), bare(f"echo '{{{{{{{{' >> {JOURNAL}")),
        ends=False,
        status=1,
    ),
)
ELSEWHERE = {
    **dict.fromkeys(
        ("overwritten", "gone", "incomplete", "doubled", "leftover", "unmet"),
        "tests/guard/test_mending.py",
    ),
    "stranded": "tests/report/test_stranded.py",
    **dict.fromkeys(
        ("altered", "strayed", "unlinked", "impostor", "library-path"), "tests/cli/test_doctor.py"
    ),
    "door": "tests/door/test_door.py",
    "half-made": "tests/report/test_soundness.py",
    "in-base": "tests/cli/test_moved.py",
}


def test_each_kind_is_walked() -> None:
    assert {trouble.kind for trouble in TROUBLES} | ELSEWHERE.keys() == {*examination.KINDS}


@pytest.mark.parametrize("trouble", few(TROUBLES, 2), ids=lambda trouble: trouble.kind)
def test_what_is_offered_ends_it(stage: Stage, trouble: Trouble) -> None:
    """In a shell in which the environment is not active."""
    stage.clear()
    stage.world.create_env(HERE, "python", "pip")
    trouble.act(stage)
    (problem,) = kinds(stage, trouble)
    done = stage.paste([*problem.commands], None, trouble.environ)
    assert done.statuses == [*[0] * (len(problem.commands) - 1), trouble.status], done.shown
    if trouble.ends:
        assert kinds(stage, trouble) == []


def kinds(stage: Stage, trouble: Trouble) -> list[Problem]:
    found = stage.status(HERE, None, trouble.environ)
    return [problem for problem in found if problem.kind == trouble.kind]
