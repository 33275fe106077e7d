"""``--download-only`` only where conda heeds it: package files are linked, and what is made anew
has gone by then.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

ONLY = "--download-only"


@pytest.fixture
def mixed(world: World) -> Iterator[str]:
    """An environment in which pip's pandas needs conda's numpy."""
    name = f"fetched{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.26")
    world.run(["pip", "install", "pandas==2.1.4"], name, check=True)
    yield name
    world.remove_env(name)


def numpy(world: World, name: str) -> str:
    records = Path(world.env(name), "conda-meta").glob("numpy-*.json")
    return next((path.name.split("-")[1] for path in records), "")


@pytest.mark.parametrize("by", ["list", "address"])
def test_package_files_are_judged(world: World, mixed: str, tmp_path: Path, by: str) -> None:
    (file,) = Path(world.store.channels, "conda-forge").glob("*/numpy-2.0.*-py311*.conda")
    listed = tmp_path / "explicit.txt"
    listed.write_text(f"@EXPLICIT\nfile://{file}\n")
    words = ["--file", str(listed)] if by == "list" else [f"file://{file}"]
    line = ["conda", "install", "-y", "-n", mixed, ONLY, *words]
    assert "SI201" in harness.rules(harness.check(world, line))
    done = harness.run(world, line)
    assert (done.returncode, numpy(world, mixed)) == (77, "1.26.4"), done.stderr.decode()
    reason = {"SAFEINSTALL_REASON": "to see what conda does"}
    done = harness.run(world, line, environ=reason)
    assert done.returncode == 0, done.stderr.decode()
    assert numpy(world, mixed).startswith("2.0")  # conda has linked it: that is why
    assert harness.history(world, mixed)[-1]["status"] == "done"


def test_what_is_solved_is_only_fetched(world: World, mixed: str) -> None:
    before = harness.history(world, mixed)
    done = harness.run(world, ["conda", "install", "-y", "-n", mixed, ONLY, "numpy=2.0"])
    assert (done.returncode, numpy(world, mixed)) == (0, "1.26.4"), done.stderr.decode()
    assert harness.history(world, mixed) == before


def test_what_would_be_taken_away_for_nothing_stays(world: World, mixed: str) -> None:
    line = ["conda", "create", "-y", "-n", mixed, ONLY, "python=3.11"]
    assert harness.check(world, line)["status"] == 77
    done = harness.run(world, line)
    assert (done.returncode, numpy(world, mixed)) == (77, "1.26.4")
    assert "and --download-only puts nothing in its place" in " ".join(done.stderr.decode().split())
    assert harness.advice(done) == [f"conda create -y -n {mixed}-new {ONLY} python=3.11"]
    world.run(["pip", "uninstall", "-y", "pandas"], mixed, check=True)
    assert harness.run(world, line).returncode == 77  # conda's packages are worth no less
    assert numpy(world, mixed) == "1.26.4"


def test_a_clone_is_made_all_the_same(world: World, mixed: str) -> None:
    line = ["conda", "create", "-y", "-n", mixed, ONLY, "--clone", "base"]
    answer = harness.check(world, line)
    assert (harness.rules(answer)[0], answer["status"]) == ("SI201", 0)
    assert "makes it anew" in answer["findings"][0]["message"]


def test_an_environment_without_a_name_is_a_temporary_one(world: World) -> None:
    for option in (ONLY, "--dry-run"):
        answer = harness.check(world, ["conda", "create", option, "python"])
        assert (answer["status"], answer["findings"]) == (0, [])
        assert answer["command"]["understood"]
