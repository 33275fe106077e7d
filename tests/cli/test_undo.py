"""``undo``, ``rollback`` and ``backups``: an environment as it was."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import conda_history
from safeinstall.sandbox.wheels import write_project
from tests import harness, kinds
from tests.cli.test_rebuild import backup_of, content, doctor, files, is_left, rebuild
from tests.cli.test_rebuild import prefix as prefix

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World
    from tests.cli.test_rebuild import Content


def ours(world: World, prefix: str, *words: str, status: int = 0) -> str:
    """Everything that one of our commands has said."""
    verb, *rest = words
    command = [sys.executable, "-m", "safeinstall", verb, "-p", prefix, *rest]
    done = world.run(command)
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == status, said
    return said


def guarded(world: World, name: str, line: str, status: int = 0) -> None:
    done = harness.run(world, line.split(), name)
    assert done.returncode == status, done.stderr.decode()


def requests(prefix: str) -> dict[str, str]:
    """What conda was asked for, by its history."""
    return conda_history.requests(conda_history.read(prefix))


LINES = (
    "conda install -y numpy=1.23",
    "pip install tqdm==4.66.1 cowsay",
    "pip install --force-reinstall --no-deps pandas==2.1.4 cowsay",
    "conda remove -y certifi",
)


@pytest.mark.parametrize("line", harness.few(LINES, 2))
def test_an_operation_is_taken_back(world: World, conda_env: str, prefix: str, line: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26", "certifi"], conda_env, check=True)
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    guarded(world, conda_env, "pip uninstall -y nothing-here")  # the journal begins
    before = content(world, prefix)
    environ = {"SAFEINSTALL_REASON": "to see it"}
    done = harness.run(world, line.split(), conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    after = content(world, prefix)
    assert after != before
    ours(world, prefix, "undo", "--yes")
    now = content(world, prefix)
    assert now[:2] == before[:2]
    assert now[2] == before[2]
    assert "nothing is wrong" in doctor(world, prefix)
    ours(world, prefix, "undo", "--yes")  # of the undo
    again = content(world, prefix)
    assert again[:2] == after[:2]
    assert again[2] == after[2]
    assert is_left(prefix) == []
    assert ours(world, prefix, "history", "verify")


def changed(world: World, name: str, lines: list[list[str]]) -> str:
    """The number of the operation before these; the last one of a guarded environment."""
    guarded(world, name, "pip uninstall -y nothing-here")  # the journal begins
    number = str(harness.history(world, name)[-1]["seq"])
    for words in lines:
        done = harness.run(world, words, name, environ={"SAFEINSTALL_REASON": "to see it"})
        assert done.returncode == 0, done.stderr.decode()
    return number


@pytest.mark.parametrize("kind", harness.few(kinds.SOUND, 2), ids=lambda kind: kind.__name__)
def test_each_kind_is_as_it_was(
    world: World, conda_env: str, prefix: str, tmp_path: Path, kind: kinds.Kind
) -> None:
    kind(world, conda_env, tmp_path)
    before = content(world, prefix)
    number = changed(world, conda_env, kinds.changes(kind))
    assert content(world, prefix) != before
    ours(world, prefix, "rollback", number, "--yes")
    now = content(world, prefix)
    assert now[:2] == before[:2]
    assert {path for path, sum_ in now[2].items() if before[2].get(path) != sum_} <= OF_PIP_ALONE
    assert now[2].keys() == before[2].keys()
    assert "nothing is wrong" in doctor(world, prefix)
    assert is_left(prefix) == []


# pip is asked for the commit, and no more for the tag
GIT = "lib/python3.11/site-packages/transformers-4.35.2.dist-info"
OF_PIP_ALONE = {f"{GIT}/direct_url.json", f"{GIT}/RECORD"}


@pytest.mark.parametrize("kind", harness.few(kinds.DAMAGED, 1), ids=lambda kind: kind.__name__)
def test_each_damage_is_no_worse(
    world: World, conda_env: str, prefix: str, tmp_path: Path, kind: kinds.Kind
) -> None:
    kind(world, conda_env, tmp_path)
    before, wrong = names_in(content(world, prefix)), problems(world, prefix)
    number = changed(world, conda_env, [["pip", "install", "einops"]])
    ours(world, prefix, "rollback", number, "--yes")
    assert names_in(content(world, prefix)) == before
    assert problems(world, prefix) <= wrong
    assert is_left(prefix) == []


def names_in(found: Content) -> list[set[str]]:
    """The names that conda lists, without ghosts, and those that pip does."""
    conda, pip, _ = found
    names = (
        {item.rsplit("-", 2)[0] for item in conda},
        {re.split("[ =]", line)[0] for line in pip},
    )
    return [part - {"ghost"} for part in names]


def problems(world: World, prefix: str) -> set[str]:
    return {line for line in doctor(world, prefix).splitlines() if line.startswith("✗")}


def test_back_to_what_was_unsound(world: World, conda_env: str, prefix: str) -> None:
    """That is told, and not refused: it was so before."""
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    world.run(["pip", "uninstall", "-y", "numpy"], conda_env, check=True)
    number = changed(world, conda_env, [["pip", "install", "numpy==1.26.4"]])
    before = content(world, prefix)
    guarded(world, conda_env, "pip install cowsay")
    said = ours(world, prefix, "rollback", number, "--yes")
    assert "as before: pandas needs numpy" in said
    assert content(world, prefix)[1] == [
        line for line in before[1] if not line.startswith("numpy==")
    ]


def test_another_commit_of_one_version(world: World, conda_env: str, prefix: str) -> None:
    kinds.from_git(world, conda_env, Path())
    before = content(world, prefix)
    git = ["git", "-C", world.repository, "-c", "user.name=me", "-c", "user.email=me@x.example"]
    world.run([*git, "commit", "--allow-empty", "-m", "later"], check=True)
    line = ["pip", "install", "--force-reinstall", "--no-deps", f"git+file://{world.repository}"]
    changed(world, conda_env, [line])
    assert content(world, prefix)[1] != before[1]
    ours(world, prefix, "undo", "--yes")
    assert content(world, prefix)[1] == before[1]


def test_the_damage_of_pip_over_conda_is_taken_back(
    world: World, conda_env: str, prefix: str
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26", "scipy"], conda_env, check=True)
    guarded(world, conda_env, "pip uninstall -y nothing-here")
    before = content(world, prefix)
    done = harness.run(
        world,
        ["pip", "install", "numpy==2.1.3"],
        conda_env,
        environ={"SAFEINSTALL_REASON": "to see it"},
    )
    assert done.returncode == 0, done.stderr.decode()
    said = ours(world, prefix, "undo", "--dry-run")
    assert "numpy" in said
    assert "2.1.3 (pip)" in said
    assert "1.26" in said
    ours(world, prefix, "undo", "--yes")
    assert content(world, prefix)[:2] == before[:2]
    assert "nothing is wrong" in doctor(world, prefix)


def test_back_to_the_state_after_an_operation(world: World, conda_env: str, prefix: str) -> None:
    guarded(world, conda_env, "pip install tqdm==4.66.1")
    kept = content(world, prefix)
    number = harness.history(world, conda_env)[-1]["seq"]
    guarded(world, conda_env, "pip install cowsay")
    guarded(world, conda_env, "pip uninstall -y tqdm")
    rebuild(world, prefix, "--yes", "--add", "requests")
    ours(world, prefix, "rollback", str(number), "--yes")
    assert content(world, prefix)[:2] == kept[:2]
    assert "nothing is wrong" in doctor(world, prefix)


def test_another_commit_of_the_same_version(
    world: World, conda_env: str, prefix: str, tmp_path: Path
) -> None:
    """The journal tells the two apart, so that the first can be had again; and told as drift, too,
    where the guard was not asked.
    """
    for commit in ("one", "two"):
        write_project(str(tmp_path), "thing", "1.0")
        (tmp_path / "src" / "thing" / "__init__.py").write_text(f"COMMIT = {commit!r}\n")
        git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for words in (
            ["init", "-q", "-b", "main"],
            ["add", "src", "*.*"],
            ["commit", "-qm", commit],
        ):
            world.run([*git, *words], check=True)
        world.run([*git, "tag", commit], check=True)
    install = f"pip install --force-reinstall --no-deps git+file://{tmp_path}"
    guarded(world, conda_env, f"{install}@one")
    (site,) = Path(prefix).glob("lib/python3*/site-packages")
    guarded(world, conda_env, f"{install}@two")
    told = r"thing 1\.0 \(git [0-9a-f]{12}\) → 1\.0 \(git [0-9a-f]{12}\)"
    assert re.fullmatch(f"{told}\n", ours(world, prefix, "history", "diff", "last-1.."))
    said = ours(world, prefix, "undo", "--yes")
    assert (site / "thing" / "__init__.py").read_text() == "COMMIT = 'one'\n", said
    world.run(f"{install}@two".split(), conda_env, check=True)
    done = harness.run(world, ["pip", "install", "tqdm"], conda_env)
    assert re.search(f"{told} \\(pip\\)", done.stderr.decode()), done.stderr.decode()


def test_one_in_the_middle(world: World, conda_env: str, prefix: str) -> None:
    guarded(world, conda_env, "pip install tqdm==4.66.1")
    number = harness.history(world, conda_env)[-1]["seq"]
    guarded(world, conda_env, "pip install cowsay")
    ours(world, prefix, "undo", str(number), "--yes")
    freeze = content(world, prefix)[1]
    assert [line.split("==")[0] for line in freeze if "tqdm" in line or "cowsay" in line] == [
        "cowsay"
    ]


def test_what_is_undone_already(world: World, conda_env: str, prefix: str) -> None:
    """Nothing is made anew for it."""
    guarded(world, conda_env, "pip install cowsay")
    number = str(harness.history(world, conda_env)[-1]["seq"])
    guarded(world, conda_env, "pip uninstall -y cowsay")
    said = ours(world, prefix, "undo", number, "--yes")
    assert "cowsay was changed since" in said
    assert f"{conda_env} is as it was before that already; nothing is done" in said
    assert not Path(os.path.dirname(prefix), ".safeinstall", conda_env).exists()
    assert len(harness.history(world, conda_env)) == 2


def test_what_was_done_without_the_guard(world: World, conda_env: str, prefix: str) -> None:
    guarded(world, conda_env, "pip install tqdm==4.66.1")
    before = content(world, prefix)
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    said = ours(world, prefix, "undo", "--yes")
    assert "without the guard" in said
    assert content(world, prefix)[:2] == before[:2]


def test_what_has_failed_halfway(world: World, conda_env: str, prefix: str, tmp_path: Path) -> None:
    """It starts from what is really there."""
    guarded(world, conda_env, "pip uninstall -y nothing-here")
    before = content(world, prefix)
    file = tmp_path / "environment.yml"
    file.write_text("dependencies:\n  - requests\n  - pip:\n    - no-such-package\n")
    words = ["conda", "env", "update", "-p", prefix, "-f", str(file)]
    assert harness.run(world, words, conda_env).returncode not in (0, 77)
    assert content(world, prefix)[:2] != before[:2]
    ours(world, prefix, "undo", "--yes")
    assert content(world, prefix)[:2] == before[:2]


def test_what_can_no_longer_be_had(
    world: World, conda_env: str, prefix: str, tmp_path: Path
) -> None:
    place = tmp_path / "thing"
    write_project(str(place), "thing", "1.0")
    guarded(world, conda_env, f"pip install {place}")
    guarded(world, conda_env, "pip uninstall -y thing")
    before = content(world, prefix)
    write_project(str(place), "thing", "2.0")
    lost = f"can no longer be had: thing @ file://{place}; --nearest"
    assert lost in ours(world, prefix, "undo", "--yes", status=1)
    shutil.rmtree(place)
    assert lost in ours(world, prefix, "undo", "--yes", status=1)
    assert content(world, prefix) == before


def test_it_is_had_from_a_backup(world: World, conda_env: str, prefix: str, tmp_path: Path) -> None:
    place = tmp_path / "thing"
    write_project(str(place), "thing", "1.0")
    guarded(world, conda_env, f"pip install {place}")
    kept = content(world, prefix)
    rebuild(world, prefix, "--yes", "--remove", "thing")
    shutil.rmtree(place)
    ours(world, prefix, "undo", "--yes")
    assert content(world, prefix)[:2] == kept[:2]


def test_backups_are_listed_and_put_back(world: World, conda_env: str, prefix: str) -> None:
    assert "no backups" in ours(world, prefix, "backups")
    guarded(world, conda_env, "pip install tqdm==4.66.1")
    before = content(world, prefix)
    rebuild(world, prefix, "--yes", "--remove", "tqdm")
    after = content(world, prefix)
    (backup,) = json.loads(ours(world, prefix, "backups", "--json"))["backups"]
    assert backup["path"] == backup_of(prefix)
    ours(world, prefix, "backups", "--yes", "--restore", backup["op"][-6:])
    assert content(world, prefix) == before
    (other,) = json.loads(ours(world, prefix, "backups", "--json"))["backups"]
    assert other["op"] != backup["op"]
    ours(world, prefix, "backups", "--yes", "--restore", "last")
    assert content(world, prefix) == after
    assert [item["status"] for item in harness.history(world, conda_env)] == ["done"] * 4
    assert ours(world, prefix, "history", "verify")
    assert is_left(prefix) == []


def test_a_backup_is_removed(world: World, conda_env: str, prefix: str) -> None:
    rebuild(world, prefix, "--yes")
    rebuild(world, prefix, "--yes")
    first, second = json.loads(ours(world, prefix, "backups", "--json"))["backups"]
    ours(world, prefix, "backups", "--remove", second["op"], "--yes")
    (left,) = json.loads(ours(world, prefix, "backups", "--json"))["backups"]
    assert left["op"] == first["op"]
    ours(world, prefix, "backups", "--remove", "last", "--yes")
    assert not os.path.exists(os.path.dirname(os.path.dirname(first["path"])))


def test_a_backup_with_what_is_denied_is_not_put_back(
    world: World, conda_env: str, prefix: str, tmp_path: Path
) -> None:
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    rebuild(world, prefix, "--yes", "--remove", "tqdm")
    before = content(world, prefix)
    (tmp_path / "policy.toml").write_text('[packages]\ndeny = ["tqdm"]\n')
    command = [sys.executable, "-m", "safeinstall", "backups", "-p", prefix, "--restore", "last"]
    environ = {"SAFEINSTALL_POLICY": str(tmp_path / "policy.toml")}
    done = world.run([*command, "--yes"], environ=environ)
    assert done.returncode == 77, done.stderr.decode()
    assert b"SI304" in done.stderr
    assert content(world, prefix) == before


def test_undo_of_an_undo_asks_conda_for_it_again(world: World, conda_env: str, prefix: str) -> None:
    guarded(world, conda_env, "conda install -y numpy=1.26")
    ours(world, prefix, "undo", "--yes")
    assert "numpy" not in requests(prefix)
    ours(world, prefix, "undo", "--yes")
    assert requests(prefix)["numpy"] == "numpy=1.26"


WRONG = """\
undo --yes
undo 999 --yes
rollback 999 --yes
backups --restore abcdef
backups --restore 0
backups --remove abcdef --yes"""


def test_wrong_use(world: World, conda_env: str, prefix: str) -> None:
    """Also an undo where nothing was done."""
    before = content(world, prefix)
    for line in WRONG.splitlines():
        assert "Traceback" not in ours(world, prefix, *line.split(), status=64), line
        assert dict(files(prefix)) == before[2], line
    assert content(world, prefix) == before
