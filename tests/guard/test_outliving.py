"""Clones, renamed and removed environments, made so by conda itself and by the shell."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World


def ours(world: World, *words: str) -> str:
    done = world.run([sys.executable, "-m", "safeinstall", *words])
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    assert done.stderr == b"", words
    return done.stdout.decode()


def status(world: World, prefix: str) -> str:
    (journal,) = json.loads(ours(world, "history", "verify", "--json", "-p", prefix))["journals"]
    return str(journal["status"])


def listed(world: World, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        ours(world, "history", "--json", "--limit", "0", *words)
    )
    return found


def specs(operations: list[dict[str, Any]]) -> list[str]:
    return [operation["argv"][-1] for operation in operations]


def lines(prefix: str) -> list[dict[str, Any]]:
    with open(os.path.join(prefix, ".safeinstall", "journal.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture
def second(world: World, conda_env: str) -> Iterator[str]:
    """The name of an environment that is to be made of the first."""
    name = f"{conda_env}2"
    yield name
    world.remove_env(name)


@pytest.mark.real_conda
def test_a_clone_by_conda(world: World, conda_env: str, second: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    clone = ["conda", "create", "-y", "-n", second, "--clone", conda_env]
    assert harness.run(world, clone).returncode == 0
    prefix = world.env(second)
    # the create, and what was done to the original, restored; no damage is told of
    assert specs(listed(world, "-p", prefix)) == [conda_env, "six"]
    done = harness.run(world, ["pip", "install", "idna"], second)
    assert (done.returncode, done.stderr) == (0, b"")
    assert specs(listed(world, "-p", prefix)) == ["idna", conda_env, "six"]
    assert status(world, prefix) == "verified"
    assert status(world, world.env(conda_env)) == "verified"
    assert specs(listed(world, "-n", conda_env)) == ["six"]
    # conda copied the journal along, and wrote the new prefix over the old one in it
    (origin,) = [r["origin"] for r in lines(prefix) if r["kind"] == "origin"]
    first = lines(world.env(conda_env))
    assert (origin["what"], origin["prefix"]) == ("copied", world.env(conda_env))
    assert (origin["chain"], origin["hash"]) == (first[-1]["chain"], first[-1]["hash"])
    assert lines(prefix)[0]["chain"] != lines(world.env(conda_env))[0]["chain"]


def test_a_clone_by_cp(world: World, conda_env: str, second: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    prefix = world.env(second)
    world.run(["cp", "-a", world.env(conda_env), prefix], check=True)
    assert specs(listed(world, "-p", prefix)) == ["six"]
    adopted = ours(world, "adopt", "-p", prefix)
    assert "recorded" in adopted
    assert [record["kind"] for record in lines(prefix)] == ["origin", "baseline"]
    assert status(world, prefix) == "verified"
    assert specs(listed(world, "-p", prefix)) == ["six"]
    both = (prefix, world.env(conda_env))
    everything = [i for i in listed(world, "--all") if i["environment"]["prefix"] in both]
    assert specs(everything) == ["six"]


def test_renamed_by_mv(world: World, conda_env: str, second: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    prefix = world.env(second)
    os.rename(world.env(conda_env), prefix)
    assert specs(listed(world, "-p", prefix)) == ["six"]
    assert f"its journal came along from {world.env(conda_env)}" in ours(
        world, "adopt", "-p", prefix
    )
    assert [record["kind"] for record in lines(prefix)][-1:] == ["origin"]
    assert status(world, prefix) == "verified"
    mine = [i for i in listed(world, "--all") if conda_env in i["environment"]["prefix"]]
    assert specs(mine) == ["six"]


@pytest.mark.real_conda
def test_renamed_by_conda(world: World, conda_env: str, second: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    rename = harness.run(world, ["conda", "rename", "-n", conda_env, second])
    assert rename.returncode == 0, rename.stderr
    prefix = world.env(second)
    assert specs(listed(world, "-p", prefix)) == [second, "six"]
    done = harness.run(world, ["pip", "install", "idna"], second)
    assert done.returncode == 0
    assert specs(listed(world, "-p", prefix)) == ["idna", second, "six"]
    assert status(world, prefix) == "verified"
    (origin,) = [r["origin"] for r in lines(prefix) if r["kind"] == "origin"]
    assert (origin["what"], origin["prefix"]) == ("moved", world.env(conda_env))


@pytest.mark.parametrize("by", ["conda", "rm"])
def test_removed(world: World, conda_env: str, by: str) -> None:
    prefix = world.env(conda_env)
    harness.run(world, ["pip", "install", "six"], conda_env)
    if by == "conda":
        done = harness.run(world, ["conda", "env", "remove", "-y", "-n", conda_env])
        assert done.returncode == 0, done.stderr
    else:
        shutil.rmtree(prefix)
    assert not os.path.exists(prefix)
    mine = [i for i in listed(world, "--all") if i["environment"]["prefix"] == prefix]
    assert specs(mine) == ([conda_env, "six"] if by == "conda" else ["six"])
    assert specs(listed(world, "-n", conda_env)) == specs(mine)
    assert status(world, prefix) == "verified"


def test_what_the_list_says_of_beginnings_and_ends(
    world: World, conda_env: str, second: str
) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    harness.run(world, ["pip", "install", "idna"], conda_env)
    shutil.copytree(world.env(conda_env), world.env(second), symlinks=True)
    pip = [f"{world.env(second)}/bin/python", "-m", "pip"]
    harness.run(world, [*pip, "uninstall", "-y", "six"], second)
    prefix = ("-p", world.env(second))
    text = ours(world, "history", *prefix)
    assert f"copied from {world.env(conda_env)}" in text
    assert " of conda's and 2 of pip's" in text
    net = ours(world, "history", "diff", "baseline..", "-p", world.env(conda_env))
    assert net.splitlines() == ["idna ∅ → 3.7", "six ∅ → 1.17.0"]
    assert "gone" not in ours(world, "history", *prefix)
    world.remove_env(second)
    assert ours(world, "history", *prefix).endswith(f"{world.env(second)}: gone\n")
    everything = ours(world, "history", "--all", "--limit", "0").splitlines()
    assert [line for line in everything if "(gone" in line]
