"""Copied, renamed, removed, made anew: every journal stays with its environment."""

from __future__ import annotations

import io
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall import settings
from safeinstall.cli import history
from safeinstall.journal import Journal, ids, read, seal, store
from safeinstall.journal.operations import operations
from safeinstall.journal.verify import Report, verify
from tests.journal.conftest import World, intent, outcome

if TYPE_CHECKING:
    from pathlib import Path


def work(world: World, prefix: Path, count: int = 1, state: settings.Settings | None = None) -> int:
    """Some operations in the environment at ``prefix``; the last record's number."""
    full: dict[str, Any] = {}
    for _ in range(count):
        op = ids.operation()
        Journal.open(str(prefix), state or world.settings).append(intent(op, prefix=str(prefix)))
        full = Journal.open(str(prefix), state or world.settings).append(outcome(op))
    return int(full["seq"])


def records(world: World, prefix: Path) -> list[dict[str, Any]]:
    damages: list[read.Damage] = []
    found = list(read.records(read.of_prefix(str(prefix), world.settings.state_dir), damages))
    assert damages == []
    return found[::-1]


def check(world: World, prefix: Path) -> Report:
    return verify(str(prefix), read.of_prefix(str(prefix), world.settings.state_dir))


def own(path: Path) -> list[dict[str, Any]]:
    directory = path / ".safeinstall"
    files = [*sorted(directory.glob("journal-0*.jsonl")), directory / "journal.jsonl"]
    lines = [data for file in files for data in file.read_bytes().splitlines(keepends=True)]
    return [record for record in map(seal.read, lines) if record]


def everywhere(world: World) -> list[dict[str, Any]]:
    files = [file for item in read.known(world.settings.state_dir) for file in item.files]
    return list(operations(read.records(files, [])))


def as_conda_clones(source: Path, target: Path) -> None:
    """conda's ``clone_env`` for what no package owns, but for the records."""
    for path in source.rglob("*"):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif "conda-meta" not in path.parts:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes().replace(bytes(source), bytes(target)))
            shutil.copystat(path, copy)
    (target / "conda-meta").mkdir(exist_ok=True)


def copy_whole(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True)


def copy_linked(source: Path, target: Path) -> None:
    """``cp -al``"""
    shutil.copytree(source, target, copy_function=os.link)


@pytest.fixture(params=[copy_whole, copy_linked, as_conda_clones])
def copy(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[1 << 24, 3000], ids=["one file", "several files"], autouse=True)
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LIMIT", request.param)


def test_a_copy_starts_a_chain_of_its_own_that_says_where_it_comes_from(
    world: World, tmp_path: Path, copy: Any
) -> None:
    work(world, world.prefix, 5)
    last = world.journal().last()
    clone = tmp_path / "clone"
    copy(world.prefix, clone)
    before = world.primary.read_bytes()
    assert (check(world, clone).status, check(world, clone).records) == ("verified", 10)
    assert check(world, clone).copied_from == str(world.prefix)
    assert len(records(world, clone)) == 10  # and no damage, before anything was done
    work(world, clone)
    origin, *rest = own(clone)
    assert last
    assert origin["kind"] == "origin"
    assert origin["seq"] == 0
    assert origin["chain"] != last["chain"]
    assert origin["environment"]["prefix"] == str(clone)
    assert origin["origin"] == {
        "what": "copied",
        "prefix": str(world.prefix),
        "chain": last["chain"],
        "seq": last["seq"],
        "hash": last["hash"],
    }
    assert [record["kind"] for record in rest] == ["intent", "outcome"]
    assert world.primary.read_bytes() == before
    assert (check(world, clone).status, check(world, clone).anchored) == ("verified", True)
    assert len(records(world, clone)) == 10 + 3
    work(world, world.prefix)
    work(world, clone)
    assert [record["kind"] for record in own(clone)].count("origin") == 1
    for prefix in (world.prefix, clone):
        assert check(world, prefix).status == "verified"
    assert len(everywhere(world)) == 5 + 1 + 1 + 1


def test_a_copy_from_another_machine(world: World, tmp_path: Path) -> None:
    elsewhere = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    work(world, world.prefix, 2, elsewhere)
    here = tmp_path / "unpacked"
    world.prefix.rename(here)
    work(world, here)
    origin = own(here)[0]["origin"]
    assert (origin["what"], origin["prefix"], origin["seq"]) == ("copied", str(world.prefix), 3)
    assert len(records(world, here)) == 4 + 3
    assert check(world, here).status == "verified"


def test_damage_in_what_came_from_elsewhere_is_not_hidden(world: World, tmp_path: Path) -> None:
    elsewhere = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    work(world, world.prefix, 2, elsewhere)
    here = tmp_path / "unpacked"
    world.prefix.rename(here)
    path = here / ".safeinstall" / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"cwd":"/home/ann"', b'"cwd":"/home/bob"'))
    assert check(world, here).status == "altered"
    work(world, here)
    damages: list[read.Damage] = []
    list(read.records(read.of_prefix(str(here), world.settings.state_dir), damages))
    assert len(damages) == 2
    assert check(world, here).status == "altered"


def as_conda_unpacks(source: Path, target: Path) -> None:
    """What is left of an environment that was packed at ``source`` and unpacked at ``target``."""
    as_conda_clones(source, target)
    (target / "bin").mkdir()
    listed = [".safeinstall/journal.jsonl", "conda-meta/history"]
    rows = ",\n".join(repr((name, str(source), "text")) for name in listed)
    (target / "bin" / "conda-unpack").write_text(f"_prefix_records = [\n{rows}\n]\n")


def before_and_after(world: World, here: Path, count: int, source: Path) -> None:
    """What was brought to ``here`` is read at once, and after the next operation."""
    report = check(world, here)
    assert (report.status, report.records, report.replaced) == ("verified", count, True)
    assert report.copied_from == str(source)
    brought = records(world, here)
    assert len(brought) == count
    assert {r["environment"]["prefix"] for r in brought if "environment" in r} == {str(source)}
    work(world, here)
    assert records(world, here)[:count] == brought
    assert own(here)[0]["origin"]["prefix"] == str(source)
    assert (check(world, here).status, check(world, here).records) == ("verified", 3)


def test_unpacked_on_another_machine(world: World, tmp_path: Path) -> None:
    elsewhere = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    work(world, world.prefix, 5, elsewhere)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    shutil.rmtree(world.prefix)
    before_and_after(world, here, 10, world.prefix)


def test_unpacked_beside_the_original(world: World, tmp_path: Path) -> None:
    work(world, world.prefix, 5)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    before_and_after(world, here, 10, world.prefix)


@pytest.mark.parametrize("step", range(6))
def test_restoring_may_be_interrupted(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    elsewhere = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    work(world, world.prefix, 5, elsewhere)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    brought = records(world, here)
    real, steps = os.rename, iter(range(100))

    def fail(*args: Any, **kwargs: Any) -> None:
        if args[0] == "journal.jsonl.next" and next(steps) >= step:
            raise OSError(5, "Input/output error")
        real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", fail)
        work(world, here)
    for _ in range(2):
        files = read.of_prefix(str(here), world.settings.state_dir)
        found = {record["hash"] for record in read.records(files, [])}
        assert found >= {record["hash"] for record in brought}
        work(world, here)
    assert check(world, here).status == "verified"


def test_people_are_told_where_the_history_comes_from(world: World, tmp_path: Path) -> None:
    work(world, world.prefix, 2)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    listed, checked, as_json = io.StringIO(), io.StringIO(), io.StringIO()
    history.history_list([str(here)], world.settings, {}, listed)
    assert history.history_verify([str(here)], world.settings, checked) == 0
    history.history_verify([str(here)], world.settings, as_json, as_json=True)
    told = f"the journal came along from {world.prefix}, and is read as there: "
    told += "the path was replaced in it\n"
    assert listed.getvalue().endswith(f"{here}: {told}")
    assert listed.getvalue().count("pip install numpy") == 2
    assert checked.getvalue().endswith(f"  {told}")
    assert json.loads(as_json.getvalue())["journals"][0]["copied_from"] == str(world.prefix)


def test_unpacked_where_no_line_is_sound(world: World, tmp_path: Path) -> None:
    elsewhere = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    for _ in range(3):
        entry = intent(ids.operation(), prefix=str(world.prefix))
        Journal.open(str(world.prefix), elsewhere).append(entry)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    assert own(here) == []
    before_and_after(world, here, 3, world.prefix)


def test_unpacked_again_in_the_same_place(world: World, tmp_path: Path) -> None:
    work(world, world.prefix, 5)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    work(world, here)
    shutil.rmtree(here)
    as_conda_unpacks(world.prefix, here)
    assert len(records(world, here)) == 3 + 10
    assert check(world, here).status == "verified"
    work(world, here)
    assert len(records(world, here)) == 3 + 10 + 3
    assert check(world, here).status == "verified"


def test_what_was_unpacked_again_is_checked_too(world: World, tmp_path: Path) -> None:
    """Before the next record as well, while the mirror has another chain."""
    work(world, world.prefix, 2)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    work(world, here)
    shutil.rmtree(here)
    as_conda_unpacks(world.prefix, here)
    path = here / ".safeinstall" / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"cwd":"/home/ann"', b'"cwd":"/home/bob"'))
    for _ in range(2):
        assert check(world, here).status == "altered"
        work(world, here)


@pytest.mark.parametrize("known", [True, False])
def test_a_rewritten_line_that_cannot_be_restored_is_told_of(
    world: World, tmp_path: Path, known: bool
) -> None:
    """It named both prefixes."""
    here = tmp_path / "unpacked"
    state = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    writer = world.settings if known else state
    both = intent(ids.operation(), prefix=str(world.prefix), cwd=str(here))
    work(world, world.prefix, 1, writer)
    Journal.open(str(world.prefix), writer).append(both)
    as_conda_unpacks(world.prefix, here)
    for _ in range(2):
        assert check(world, here).status == "altered"
        damages: list[read.Damage] = []
        files = read.of_prefix(str(here), world.settings.state_dir)
        assert {"intent", "outcome"} <= {r["kind"] for r in read.records(files, damages)}
        assert len(damages) == 1
        work(world, here)


@pytest.mark.parametrize("known", [True, False])
def test_a_rewritten_file_is_never_empty(world: World, tmp_path: Path, known: bool) -> None:
    """Nobody knows by what the prefix was replaced, and no line is sound."""
    state = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    writer = world.settings if known else state
    Journal.open(str(world.prefix), writer).append(
        intent(ids.operation(), prefix=str(world.prefix))
    )
    here = tmp_path / "unpacked"
    as_conda_clones(world.prefix, here)
    path = here / ".safeinstall" / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"/home/ann", b"/home/bob"))
    assert check(world, here).status == "altered"
    damages: list[read.Damage] = []
    assert list(read.records(read.of_prefix(str(here), world.settings.state_dir), damages)) == []
    assert len(damages) == 1
    work(world, here)
    list(read.records(read.of_prefix(str(here), world.settings.state_dir), damages))
    assert len(damages) == 2
    assert check(world, here).status == "altered"


@pytest.mark.parametrize(
    "script",
    [
        b"",
        b"\xff\x00",
        b"('.safeinstall/journal.jsonl'\n",
        b"('.safeinstall/journal.jsonl', 1, 'text'),\n('.safeinstall/journal.jsonl',)\n",
        b"('.safeinstall/journal.jsonl', '', 'text'),\n",
        b"('.safeinstall/journal.jsonl', '\\ud800', 'text'),\n",
        b"('.safeinstall/journal.jsonl'" + b"+(" * 100_000,
    ],
    ids=range(7),
)
def test_any_script_is_read(world: World, tmp_path: Path, script: bytes) -> None:
    elsewhere = world.settings.replace(state_dir=str(tmp_path / "elsewhere"))
    work(world, world.prefix, 1, elsewhere)
    here = tmp_path / "unpacked"
    as_conda_unpacks(world.prefix, here)
    (here / "bin" / "conda-unpack").write_bytes(script)
    assert check(world, here).status == "altered"
    work(world, here)
    assert check(world, here).status == "altered"


def test_another_user_of_the_same_environment_is_no_copy(world: World, tmp_path: Path) -> None:
    work(world, world.prefix, 2)
    bob = world.settings.replace(state_dir=str(tmp_path / "bob"))
    work(world, world.prefix, 1, bob)
    assert [record["kind"] for record in own(world.prefix)] == ["intent", "outcome"] * 3


def rename_whole(source: Path, target: Path) -> None:
    source.rename(target)


def as_conda_renames(source: Path, target: Path) -> None:
    as_conda_clones(source, target)
    shutil.rmtree(source)


@pytest.mark.parametrize("rename", [rename_whole, as_conda_renames])
@pytest.mark.parametrize("behind", [False, True])
def test_a_renamed_environment_is_found_again(
    world: World, tmp_path: Path, rename: Any, behind: bool
) -> None:
    work(world, world.prefix, 5)
    if behind:  # the renaming itself was guarded: what came of it is in the mirror alone
        op = ids.operation()
        world.journal().append(intent(op, prefix=str(world.prefix)))
    renamed = tmp_path / "renamed"
    rename(world.prefix, renamed)
    if behind:
        world.journal(primary=False).append(outcome(op))
    before = records(world, renamed)
    assert len(before) == (12 if behind else 10)
    assert check(world, renamed).status in ("verified", "truncated")
    work(world, renamed)
    after = records(world, renamed)
    assert after[: len(before)] == before
    assert [record["kind"] for record in after[len(before) :]] == ["origin", "intent", "outcome"]
    assert {record["chain"] for record in after} == {before[0]["chain"]}
    assert after[len(before)]["origin"]["what"] == "moved"
    assert after[len(before)]["origin"]["prefix"] == str(world.prefix)
    assert (check(world, renamed).status, check(world, renamed).anchored) == ("verified", True)
    (known,) = read.known(world.settings.state_dir)
    assert (known.prefix, known.gone) == (str(renamed), False)
    assert len(everywhere(world)) == (7 if behind else 6)


def test_what_a_renamed_environment_has_more_than_its_mirror(world: World, tmp_path: Path) -> None:
    work(world, world.prefix, 2)
    short = world.mirror.read_bytes()
    work(world, world.prefix, 2)
    world.mirror.write_bytes(short)
    for file in world.mirror.parent.glob("journal-0*.jsonl"):
        file.unlink()
    renamed = tmp_path / "renamed"
    as_conda_renames(world.prefix, renamed)
    assert len(records(world, renamed)) == 8
    work(world, renamed)
    assert len(records(world, renamed)) == 8 + 3


def test_renamed_to_where_another_one_was(world: World, tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "conda-meta").mkdir(parents=True)
    work(world, target, 2)
    shutil.rmtree(target)
    work(world, world.prefix, 3)
    world.prefix.rename(target)
    work(world, target)
    assert check(world, target).status == "verified"
    assert len(own(target)) >= 1
    assert len(records(world, target)) == 4 + 6 + 3
    assert len(everywhere(world)) == 2 + 3 + 1


def test_an_environment_that_is_gone_stays_known(world: World) -> None:
    work(world, world.prefix, 2)
    shutil.rmtree(world.prefix)
    (known,) = read.known(world.settings.state_dir)
    assert (known.prefix, known.gone) == (str(world.prefix), True)
    assert len(everywhere(world)) == 2
    assert check(world, world.prefix).status == "verified"


def test_made_anew_under_the_same_name_its_journal_goes_on(world: World) -> None:
    """The journal is the path's: nobody can shake off a past by removing an environment."""
    work(world, world.prefix, 2)
    shutil.rmtree(world.prefix)
    (world.prefix / "conda-meta").mkdir(parents=True)
    work(world, world.prefix, 1)
    assert len({record["chain"] for record in own(world.prefix)}) == 1
    assert len(records(world, world.prefix)) == 6
    assert check(world, world.prefix).status == "verified"


def test_a_copy_that_may_not_be_written_leaves_the_mirror(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(world, world.prefix, 2)
    clone = tmp_path / "clone"
    copy_whole(world.prefix, clone)

    real = os.mkdir

    def refuse(path: str, *args: Any, **kwargs: Any) -> None:
        if path.startswith("origin-"):
            raise PermissionError(13, "Permission denied")
        real(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", refuse)
        journal = Journal.open(str(clone), world.settings)
        full = journal.append(intent(ids.operation(), prefix=str(clone)))
    assert full["seq"] == 0
    work(world, clone)
    assert check(world, clone).status == "verified"
    kinds = [record["kind"] for record in records(world, clone)]
    assert kinds == ["intent", "outcome"] * 2 + ["intent", "origin", "intent", "outcome"]
