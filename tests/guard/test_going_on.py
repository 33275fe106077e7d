"""A reason given beforehand: one line tells past what the command goes on, why, and the cost."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.sandbox.world import World

NAME = "going_on"
REASON = "SEC-412 needs the fix"
GIVEN = {"SAFEINSTALL_REASON": REASON}


@pytest.fixture(scope="module")
def mixed(world: World) -> Iterator[str]:
    """What is conda's, and what pip's packages need of it."""
    world.create_env(NAME, "python", "pip", "numpy=1.21.6", "six=1.16.0", "typing_extensions=4.8.0")
    world.run(["pip", "install", "huggingface-hub"], NAME, check=True)
    yield NAME
    world.remove_env(NAME)


def told(world: World, words: Sequence[str], **more: str) -> list[str]:
    """What the guard says, a line each."""
    done = harness.run(world, words, NAME, environ={**GIVEN, **more})
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stderr.decode().splitlines()
    assert not any("instead:" in line for line in lines)
    return [line for line in lines if line.startswith(("safeinstall", "  "))]


def test_one_line_whatever_is_gone_past(world: World, mixed: str) -> None:
    """By the words, by pip's own refusal, by conda's plan."""
    beginning = f"safeinstall: going on past SI202 pip-over-conda, as given: {REASON}. "
    (line,) = told(world, ["pip", "install", "--force-reinstall", "--no-deps", "six==1.16.0"])
    assert line.startswith(f"{beginning}pip would replace conda's six, and conda would not know")
    line, *_ = told(world, ["pip", "install", "tensorflow"])
    assert line == f"{beginning}pip would have replaced conda's numpy."
    (line,) = told(world, ["conda", "remove", "-y", "typing_extensions"])
    beginning = f"safeinstall: going on past SI201 conda-after-pip, as given: {REASON}. "
    assert line.startswith(f"{beginning}conda would break what pip owns in {mixed}")


def test_a_block_without_a_reason_is_shown_in_full(world: World, mixed: str) -> None:
    """So it is where the reason is none, or is not allowed."""
    words = ["pip", "install", "--force-reinstall", "--no-deps", "pip"]
    for given in ("", "x", "why", "asdf asdf", "...", "xxxx yyyy", "test testing"):
        done = harness.run(world, words, NAME, environ={"SAFEINSTALL_REASON": given})
        assert done.returncode == 77, given
        assert b"blocked by SI202" in done.stderr
        assert (b"the reason that was given is none" in done.stderr) is bool(given)


def test_check_says_that_it_would(world: World, mixed: str) -> None:
    words = ["pip", "install", "--force-reinstall", "--no-deps", "pip"]
    done = world.run([*harness.GUARD, "check", "--", *words], NAME, environ=GIVEN)
    assert done.returncode == 0
    assert done.stderr.startswith(b"safeinstall: would go on past SI202 pip-over-conda, as given: ")
    assert done.stderr.count(b"\n") == 1


def test_what_went_on_is_found_again(world: World, mixed: str) -> None:
    def listed(*options: str) -> str:
        command = [sys.executable, "-m", "safeinstall", "history", *options]
        return world.run(command, NAME, check=True).stdout.decode()

    harness.run(world, ["pip", "install", "cowsay"], NAME)
    harness.run(
        world, ["pip", "install", "--force-reinstall", "--no-deps", "pip"], NAME, environ=GIVEN
    )
    found = json.loads(listed("--json", "--overridden"))
    assert found
    assert {item["override"] for item in found} == {REASON}
    assert len(found) < len(json.loads(listed("--json")))
    rows = listed("--csv", "--overridden").splitlines()
    assert rows[0].endswith(",override")
    assert all(row.endswith(f",{REASON}") for row in rows[1:])
    assert "cowsay" not in listed("--overridden")
    assert json.loads(listed("--json", "--overridden", "--tool", "uv")) == []
