"""``adopt``, and the baseline that the first guarded operation writes by itself."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from safeinstall import settings
from safeinstall.journal import Journal, ids, read
from safeinstall.journal.verify import verify
from tests import harness
from tests.journal.conftest import intent

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def records(world: World, name: str) -> list[dict[str, Any]]:
    """All records of an environment in the world, oldest first, after verifying them."""
    prefix, state = world.env(name), settings.read(world.environ()).state_dir
    files = read.of_prefix(prefix, state)
    assert verify(prefix, files).status == "verified"
    return list(read.records(files, []))[::-1]


def adopt(world: World, name: str) -> str:
    done = world.run([sys.executable, "-m", "safeinstall", "adopt", "-p", world.env(name)])
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return done.stdout.decode()


def test_the_first_guarded_operation_writes_it_of_the_state_before(
    world: World, conda_env: str
) -> None:
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    assert harness.run(world, ["pip", "install", "six"], conda_env).returncode == 0
    first, begun, ended = records(world, conda_env)
    assert [r["kind"] for r in (first, begun, ended)] == ["intent", "baseline", "outcome"]
    held = {change["name"]: change["after"] for change in begun["changes"]}
    assert held["python"]["owner"] == "conda"
    assert held["tqdm"]["owner"] == "pip"
    assert held["tqdm"]["time"] < first["time"]
    assert "six" not in held
    assert [change["name"] for change in ended["changes"]] == ["six"]
    owners = [item["owner"] for item in begun["past"]]
    assert owners == ["conda", "pip"]
    assert "create" in begun["past"][0]["command"]
    assert begun["past"][1]["names"] == ["tqdm"]
    harness.run(world, ["pip", "install", "idna"], conda_env)
    kinds = [record["kind"] for record in records(world, conda_env)]
    assert kinds == ["intent", "baseline", "outcome", "intent", "outcome"]


def test_what_came_before_is_not_nothing(world: World, conda_env: str) -> None:
    """``history`` and ``status`` know that the record has begun."""

    def said(verb: str) -> str:
        done = world.run([sys.executable, "-m", "safeinstall", verb, "-p", world.env(conda_env)])
        return " ".join((done.stdout + done.stderr).decode().split())

    assert "nothing in the history yet" in said("history")
    assert "the first guarded command begins the record" in said("status")
    adopt(world, conda_env)
    there = f"-p {world.env(conda_env)}"
    assert f"what was before: safeinstall history --graph {there}" in said("history")
    assert "last nothing since the record began drift none since the last record" in said("status")


def test_history_still_shows_operations_only(world: World, conda_env: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    statuses = [operation["status"] for operation in harness.history(world, conda_env)]
    assert statuses == ["done"]


def test_an_environment_that_we_have_made_needs_none(world: World) -> None:
    try:
        harness.run(world, ["conda", "create", "-y", "-n", "ours", "python", "pip"])
        harness.run(world, ["pip", "install", "six"], "ours")
        kinds = [record["kind"] for record in records(world, "ours")]
        assert kinds == ["intent", "outcome", "intent", "outcome"]
    finally:
        world.remove_env("ours")


def test_adopt(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    said = adopt(world, conda_env)
    assert "packages recorded (" in said
    assert " conda, 1 pip)" in said
    assert "2 earlier operations told by" in said
    assert "handed over to pip on 20" in said
    (begun,) = records(world, conda_env)
    assert begun["kind"] == "baseline"
    assert begun["environment"]["prefix"] == world.env(conda_env)
    assert begun["actor"]["uid"] == os.getuid()
    assert adopt(world, conda_env) == f"{conda_env}: adopted already; nothing has changed\n"
    assert len(records(world, conda_env)) == 1
    world.run(["pip", "install", "six"], conda_env, check=True)
    assert adopt(world, conda_env) == f"{conda_env}: 1 change by others recorded\n"
    assert [r["kind"] for r in records(world, conda_env)] == ["baseline", "drift"]
    assert harness.run(world, ["pip", "install", "six"], conda_env).stderr == b""
    kinds = [r["kind"] for r in records(world, conda_env)]
    assert kinds == ["baseline", "drift", "intent", "outcome"]


def test_adopt_where_nothing_is(world: World) -> None:
    place = "/nonexistent/qxzk"  # no environment of another test has such a name
    done = world.run([sys.executable, "-m", "safeinstall", "adopt", "-p", place])
    assert done.returncode == 64
    assert done.stderr.decode() == f"safeinstall: there is no environment at {place}\n"


def test_an_interrupted_first_operation_leaves_it_to_the_next(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    journal = Journal.open(prefix, settings.read(world.environ()))
    journal.append(intent(ids.operation(), prefix=prefix))
    harness.run(world, ["pip", "install", "six"], conda_env)
    kinds = [record["kind"] for record in records(world, conda_env)]
    assert kinds == ["intent", "intent", "baseline", "outcome"]
