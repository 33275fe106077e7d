"""What a coding agent is told, and that nobody asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import harness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.sandbox.world import World

AGENT = {"CLAUDECODE": "1", "COLUMNS": "40"}


def said(world: World, name: str, words: Sequence[str], **more: str) -> list[str]:
    done = harness.run(world, words, name, environ={**AGENT, **more})
    assert done.returncode == 77
    return done.stderr.decode().splitlines()


def test_a_block_says_what_each_line_is(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    words = ["pip", "install", "--force-reinstall", "--no-deps", "numpy==2.1.3"]
    first, what, *facts, override = said(world, conda_env, words)
    assert first == "safeinstall: blocked by SI202 pip-over-conda"
    assert what.startswith("  what: pip would replace conda's numpy")
    assert all(line.startswith(("  fact: ", "  instead: ", "  note: ")) for line in facts)
    assert override == (
        "  override: only where the user agrees, with the user's reason: "
        f'SAFEINSTALL_REASON="why" {" ".join(words)}'
    )
    instead = [line.removeprefix("  instead: ") for line in facts if "  instead: " in line]
    person = harness.run(world, words, conda_env)
    assert instead == harness.advice(person)
    assert harness.history(world, conda_env)[-2]["actor"]["agent"] == "claude-code"


def test_an_agent_that_cannot_override_is_told_so(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    with open(f"{world.work}/never.toml", "w", encoding="utf-8") as policy:
        policy.write('schema = 1\n[rules]\nSI203 = { level = "block", override = "never" }\n')
    words = ["pip", "uninstall", "-y", "numpy"]
    *_, last = said(world, conda_env, words, SAFEINSTALL_POLICY=f"{world.work}/never.toml")
    assert last == "  override: none, the policy allows no override"
