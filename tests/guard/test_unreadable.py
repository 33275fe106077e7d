"""Damage in an environment, met by the whole guard: it is a finding, and the guard stays."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.files import documents
from safeinstall.guard import residents
from safeinstall.journal import places
from safeinstall.model import Facts, Finding
from safeinstall.probe import distribution, unreadable
from safeinstall.probe.environment import describe
from safeinstall.probe.inventory import scan
from safeinstall.rules import base_env, registry
from tests import harness
from tests.rules.facts import ENVIRONMENT, facts_of

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

NEVER = '[rules]\nSI202 = { level = "block", override = "never" }\n'


@pytest.mark.parametrize("place", ["journal", "mirror", "frozen"])
def test_two_bytes_disarm_nothing(world: World, conda_env: str, tmp_path: Path, place: str) -> None:
    prefix = Path(world.env(conda_env))
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    harness.run(world, ["pip", "install", "six"], conda_env)
    state = settings.read(world.environ(conda_env)).state_dir
    paths = {
        "journal": [prefix / ".safeinstall" / "journal.jsonl"],
        "mirror": [Path(places.mirror(str(prefix), state).path)],  # the others are other tests'
        "frozen": [prefix / "conda-meta" / "frozen"],
    }
    for path in paths[place]:
        with path.open("a") as file:
            file.write("{\n")
    (tmp_path / "safeinstall.toml").write_text(NEVER)
    for _ in range(2):
        done = harness.run(world, ["pip", "install", "numpy==1.26.4"], conda_env, cwd=tmp_path)
        assert done.returncode == 77, done.stderr.decode()
        assert b"internal error" not in done.stderr
    assert [o["status"] for o in harness.history(world, conda_env)][-2:] == ["blocked", "blocked"]
    if place == "frozen":
        words = ["conda", "install", "-y", "--override-frozen", "numpy=1.26"]
        answer = harness.check(world, words, conda_env)
        assert {"SI104", "SI404"} <= set(harness.rules(answer))
        paths["frozen"][0].unlink()


def test_a_damaged_record_and_the_way_out(world: World, conda_env: str) -> None:
    prefix = Path(world.env(conda_env))
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    (record,) = (prefix / "conda-meta").glob("numpy-*.json")
    whole = record.read_bytes()
    record.write_bytes(whole[: whole.index(b'"files"') + 20])
    os.utime(record.parent)
    answer = harness.check(world, ["pip", "install", "numpy==1.26.4"], conda_env)
    assert answer["status"] == 77
    assert harness.rules(answer) == ["SI202", "SI404"]
    finding = answer["findings"][1]
    assert str(record) in finding["message"]
    done = harness.pasted(world, finding["fixes"][0], conda_env)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(record.read_bytes())["files"]
    answer = harness.check(world, ["pip", "install", "numpy==1.26.4"], conda_env)
    assert harness.rules(answer) == ["SI202"]


@pytest.mark.parametrize("kind", ["fifo", "directory", "loop", "gone"])
def test_what_is_no_file(world: World, conda_env: str, kind: str) -> None:
    """Nothing waits for a pipe, and nobody is less careful for a link that leads nowhere."""
    prefix = Path(world.env(conda_env))
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    (record,) = (prefix / "conda-meta").glob("numpy-*.json")
    for path in (record, prefix / "conda-meta" / "frozen", prefix / "conda-meta" / "history"):
        path.unlink(missing_ok=True)
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "directory":
            path.mkdir()
        else:
            path.symlink_to(path if kind == "loop" else "/nowhere")
    answer = harness.check(world, ["pip", "install", "numpy==1.26.4"], conda_env)
    assert answer["status"] == 77
    assert {"SI202", "SI404"} <= set(harness.rules(answer))
    assert describe(str(prefix)).frozen


@pytest.mark.parametrize("text", [None, "", "\0", "version = ", "version = x.y"])
def test_a_venv_stays_one(tmp_path: Path, text: str | None) -> None:
    (tmp_path / "lib/python3.11/site-packages/six-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "lib/python3.11/site-packages/six-1.0.dist-info/METADATA").write_text("")
    if text is None:
        (tmp_path / "pyvenv.cfg").symlink_to("pyvenv.cfg")
    else:
        (tmp_path / "pyvenv.cfg").write_text(text)
    environment = describe(str(tmp_path))
    assert (environment.kind, environment.python) == ("venv", "3.11")
    assert [package.name for package in scan(environment).packages] == ["six"]
    assert [item.kind for item in unreadable.noted()] == ["pyvenv"]


def test_a_rule_that_fails_leaves_the_others_their_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Facts) -> Finding | None:
        raise ValueError("two bytes")

    monkeypatch.setattr(base_env, "look", fails)
    met = facts_of("pip install -e ../lib", environment=ENVIRONMENT.replace(base=True))
    found = list(registry.look(met))
    assert [finding.rule for finding in found] == ["SI305", "SI404"]
    assert "rule SI101" in found[1].message
    assert "two bytes" in found[1].message


def test_an_inventory_that_fails_counts_as_conda_owned(
    world: World, conda_env: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safeinstall.probe import inventory

    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)

    def fails(*_: object) -> None:
        raise SystemError("returned NULL without setting an exception")

    monkeypatch.setattr(inventory, "_read", fails)
    found = scan(describe(prefix))
    assert "numpy" in {there.name for there in found.conda_distributions}
    assert {package.owner for package in found.packages} == {"conda"}


def test_a_record_file_that_is_cut(world: World, conda_env: str) -> None:
    """Its package still has the files that are there, when conda is about to write over them."""
    prefix = world.env(conda_env)
    world.run(["pip", "install", "six"], conda_env, check=True)
    (six,) = [p for p in scan(describe(prefix)).packages if p.name == "six"]
    whole = distribution.describe(six, prefix)
    assert not whole.partly
    record = Path(six.location) / "RECORD"
    content = record.read_bytes()
    for cut in range(len(content)):
        record.write_bytes(content[:cut])
        found = residents._described(six, prefix, set(whole.files), set())
        assert set(whole.files) <= set(found.files) | _metadata(whole.files)


def _metadata(files: tuple[str, ...]) -> set[str]:
    return {path for path in files if ".dist-info/" in path}


@pytest.mark.parametrize(
    "text",
    [
        *(
            'envs_dirs: ["/tmp/a\\0b"]',
            "a: [",
            "- a",
            "a: !!bool x",
            "a: !!python/object:os.system x",
            "{" * 90_000,
            "\0",
            "x",
        ),
        *("a: &a [*a]\nb: *c", "? [a]\n: b", "a: !!timestamp x", "9" * 5000 + ": 1\n? "),
        "a: &a [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n or ''}, *a{n or ''}]\n" for n in range(40)),
    ],
)
def test_yaml_that_cannot_be_read(text: str) -> None:
    assert documents.yaml(text) in (None, {})


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n"])
def test_an_empty_document_is_read(text: str) -> None:
    assert documents.yaml(text) == {}


@pytest.mark.parametrize(
    "data",
    [
        *(b"a = " + b"[" * 100_000, b"a = " + b"9" * 6000, b"\xff", b"[a"),
        *(b'target = "a\\u0000b"', b"[global]\ntarget = /tmp/a\0b\n"),
    ],
)
def test_toml_and_ini_that_cannot_be_read(data: bytes) -> None:
    assert documents.toml(data) is None
    assert documents.ini(data) in (None, {})
