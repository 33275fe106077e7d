"""Guarding a command in a world, the way the shell functions do it."""

from __future__ import annotations

import ensurepip
import json
import os
import subprocess
import sys
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from packaging.version import Version

import safeinstall
from safeinstall.output.quoting import paste
from safeinstall.sandbox.interpreter import find_interpreters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.sandbox.world import World

# Since 23.1 pip's log tells which releases the resolver has rejected. The world's pip is this one
tells_rejected = pytest.mark.skipif(
    Version(ensurepip.version()) < Version("23.1"), reason="this pip logs no rejected releases"
)

MAIN = os.path.join(os.path.dirname(safeinstall.__file__), "__main__.py")
GUARD = [sys.executable, "-I", "-S", MAIN]

REST = 'id = "E"\nowner = "o"\nexpires = 2999-01-01\n'
"""What an exception of a policy needs besides."""

Item = TypeVar("Item")
Completed = subprocess.CompletedProcess[bytes]


def few(items: Sequence[Item], number: int) -> Sequence[Item]:
    """So many of the items; with SAFEINSTALL_TORTURE, which ``make torture`` sets, all of them."""
    return items if os.environ.get("SAFEINSTALL_TORTURE") == "1" else items[:number]


def other_python() -> str:
    """The minor version of a Python that the worlds have besides: ``3.10``. Skips where there is
    none on this machine.
    """
    found = find_interpreters()
    if len(found) == 1:
        pytest.skip("needs a Python of another minor version on this machine")
    return found[1].minor


def run(world: World, words: Sequence[str], active: str | None = None, **more: Any) -> Completed:
    """``safeinstall run -- WORDS`` in the world."""
    return world.run([*GUARD, "run", "--", *words], active, **more)


def check(world: World, words: Sequence[str], active: str | None = None) -> dict[str, Any]:
    """``safeinstall check --json -- WORDS``; the answer holds the exit status as ``status``."""
    done = world.run([*GUARD, "check", "--json", "--", *words], active)
    assert done.stdout, done.stderr.decode()
    return {**json.loads(done.stdout), "status": done.returncode}


def history(world: World, name: str) -> list[dict[str, Any]]:
    """``safeinstall history --json -n NAME``, oldest first."""
    command = [sys.executable, "-m", "safeinstall", "history", "--json", "-p", world.env(name)]
    done = world.run(command)
    assert done.returncode == 0, done.stderr.decode()
    operations: list[dict[str, Any]] = json.loads(done.stdout)
    return sorted(operations, key=lambda operation: operation["seq"])


def rules(answer: dict[str, Any]) -> list[str]:
    """The codes of the findings."""
    return [finding["rule"] for finding in answer["findings"]]


def advice(done: Completed) -> list[str]:
    """The commands that a block offers in place of the command."""
    lines = done.stderr.decode().partition("\n  instead:\n")[2].splitlines()
    offered = list(takewhile(lambda line: line.startswith("    "), lines))
    assert not any("  # " in line for line in offered)  # zsh would take the note for words
    return [line.strip() for line in offered if not line.startswith("      (")]  # that is a note


def pasted(world: World, line: str, active: str | None = None, **more: Any) -> Completed:
    """A line in a bash that has the shell functions of ``safeinstall init``."""
    text = f'eval "$({paste([*GUARD, "init", "bash"])})"\n{line}'
    return world.run(["bash", "-c", text], active, **more)
