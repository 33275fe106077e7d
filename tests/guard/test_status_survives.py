"""Once the tool has run, no error of ours replaces its exit status."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

INJECTED = """
import importlib, sys
from safeinstall import errors
module, name, error, *words = sys.argv[1:]
kind = getattr(errors, error, None) or getattr(__import__("builtins"), error)
real = getattr(importlib.import_module(module), name)
def fail(*given, **more):
    from safeinstall.rails import process
    if process.attention.result is None:
        return real(*given, **more)
    raise kind("injected")
setattr(importlib.import_module(module), name, fail)
sys.argv = ["safeinstall", "run", "--", *words]
from safeinstall.main import main
sys.exit(main())
"""
PLACES = (
    ("safeinstall.journal.snapshot", "keep"),
    ("safeinstall.journal.record", "outcome"),
    ("safeinstall.guard.standing", "kept"),
    ("safeinstall.guard.aftermath", "look"),
    ("safeinstall.guard.decide", "say"),
)
NAME = "survives"
FAILS = ["pip", "install", "no-such-distribution-at-all"]
BLOCKED = ["pip", "install", "tensorflow"]


@pytest.fixture(scope="module", autouse=True)
def mixed(world: World) -> Iterator[None]:
    world.create_env(NAME, "python", "pip", "numpy=1.21.6")
    yield
    world.remove_env(NAME)


def run(world: World, place: tuple[str, str], error: str, words: list[str]) -> str:
    done = world.run([sys.executable, "-c", INJECTED, *place, error, *words], NAME)
    assert done.returncode == (77 if words is BLOCKED else 1), done
    said = done.stderr.decode()
    assert "injected" in said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[1])
@pytest.mark.parametrize("error", ["ValueError", "PolicyError", "JournalError"])
def test_the_tools_status(world: World, place: tuple[str, str], error: str) -> None:
    said = run(world, place, error, FAILS)
    assert "No matching distribution found" in said


@pytest.mark.parametrize("place", PLACES[:2], ids=lambda place: place[1])
def test_a_block_by_the_rail_stays_one(world: World, place: tuple[str, str]) -> None:
    run(world, place, "ValueError", BLOCKED)
