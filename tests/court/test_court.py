"""A few sequences of the court on every run of the tests; ``make court`` tries many."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.world import World
from tests.conftest import REAL_CONDA
from tests.court import files, report
from tests.court import judgement as j
from tests.court.facts import gather
from tests.court.operations import CREATE, Operation, Sequence, draw
from tests.court.trial import Court
from tests.court.truth import problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 1


@pytest.fixture(scope="module")
def court() -> Iterator[Court]:
    """With the real conda where one is named."""
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    with tempfile.TemporaryDirectory(prefix="court-", dir=files.memory()) as place:
        yield Court(World.create(place, os.environ.get(REAL_CONDA)))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 3))
def test_what_breaks_is_stopped_and_nothing_else(court: Court, number: int) -> None:
    cases = list(court.hear(draw(SEED, number)))
    bad = (j.MISSED, j.NEEDLESS, j.CHANGED)
    wrong = [case for case in cases if case.judgement.label in bad or case.judgement.differences]
    assert not wrong, "\n".join(line for case in wrong for line in report.told(case))


HARM = Sequence(
    0,
    0,
    (
        Operation(CREATE, "conda", ("conda", "create", "-y", "-n", "court", "pip", "six=1.15")),
        Operation("pip install", "pip", ("pip", "install", "-U", "six"), goes_on="bare"),
        Operation("pip uninstall", "pip", ("pip", "uninstall", "-y", "six")),
        Operation("conda list", "conda", ("conda", "list"), outside=True),
    ),
)


def test_the_court_is_not_blind(court: Court) -> None:
    labels = [case.judgement.label for case in court.hear(HARM)]
    assert labels == [j.THROUGH, j.ASIDE, j.THROUGH, j.OUTSIDE]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(court.environ, "SAFEINSTALL", "off")
        labels = [case.judgement.label for case in court.hear(HARM)]
    assert labels == [j.THROUGH, j.MISSED, j.THROUGH, j.OUTSIDE]


def test_the_truth_knows_what_pip_check_knows(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "-n", conda_env, "scipy=1.9"], check=True)
    assert not problems(gather(prefix, files.tree(prefix)))
    world.run(["pip", "install", "pandas"], conda_env, check=True)
    world.run(["pip", "install", "numpy==2.1.3"], conda_env, check=True)
    world.run(["pip", "uninstall", "-y", "pytz"], conda_env, check=True)
    said = world.run(["pip", "check"], conda_env).stdout.decode()
    facts = gather(prefix, files.tree(prefix))
    unmet = {(found.name, need) for found in facts.distributions for need, *_ in found.unmet}
    assert unmet == {(words[0], _name(words)) for words in map(str.split, said.splitlines())}
    kinds = {problem.kind for problem in problems(facts)}
    assert {"file", "requirement", "import"} <= kinds


def _name(words: list[str]) -> str:
    """``a 1 requires b, which is not installed.``; ``a 1 has requirement b<2, but you have …``."""
    name = words[words.index("requires" if "requires" in words else "requirement") + 1]
    return name.strip(",").partition("<")[0].partition(">")[0]


def test_the_truth_knows_what_conda_list_says(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "-n", conda_env, "numpy=1.23", "six=1.16"], check=True)
    world.run(["pip", "install", "numpy==2.1.3"], conda_env, check=True)
    # as in "conda install scipy" after "conda list" has deleted the record
    for path in os.listdir(f"{prefix}/conda-meta"):
        if path.startswith("numpy-"):
            os.unlink(f"{prefix}/conda-meta/{path}")
    world.run(["conda", "install", "-y", "-n", conda_env, "numpy=1.26"], check=True)
    lies = {p.subject for p in problems(gather(prefix, files.tree(prefix))) if "list" in p.kind}
    assert lies == {"numpy"}
    rows = json.loads(world.run(["conda", "list", "--json", "-n", conda_env], check=True).stdout)
    said = {row["name"]: (row["version"], row["channel"]) for row in rows}
    assert said["numpy"] == ("2.1.3", "pypi")
    code = ["python", "-c", "import numpy; print(numpy.__version__)"]
    assert world.run(code, conda_env, check=True).stdout == b"1.26.4\n"


def test_a_tree_sees_every_change_and_a_copy_shares_nothing(tmp_path: Path) -> None:
    first = tmp_path / "first"
    (first / ".safeinstall").mkdir(parents=True)
    (first / "a").write_text("1")
    (first / "b").symlink_to("a")
    os.link(first / "a", first / "c")
    before = files.tree(str(first))
    assert set(before) == {"a", "b", "c"}
    files.copy(str(first), str(tmp_path / "second"))
    assert files.tree(str(tmp_path / "second")) == before
    assert (tmp_path / "second" / "a").stat().st_nlink == 1
    (first / "a").write_text("2")
    (first / ".safeinstall" / "journal.jsonl").write_text("{}")
    assert files.changed(before, files.tree(str(first))) == ["a", "c"]
    (first / "a").chmod(0o600)
    shutil.rmtree(tmp_path / "second")
    assert files.tree(str(tmp_path / "second")) == {}
