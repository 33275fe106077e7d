"""Going on all the same, at a real terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pexpect
import pytest

from tests import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

QUESTION = "Type a reason to go on all the same, or press Enter to stop: "


@pytest.fixture
def blocked(world: World, conda_env: str) -> Iterator[pexpect.spawn[str]]:
    """``conda install six`` at the question."""
    world.run(["pip", "install", "six"], conda_env, check=True)
    words = [*guard.GUARD, "run", "--", "conda", "install", "six"]
    environ = world.environ(conda_env, NO_COLOR="1")
    child = pexpect.spawn(
        words[0], words[1:], env=environ, cwd=world.work, encoding="utf-8", timeout=60
    )
    if world.real:  # its plan is seen when conda is about to carry it out
        child.expect_exact("Proceed ([y]/n)?")
        child.sendline("y")
    child.expect_exact("blocked by SI201 conda-after-pip")
    child.expect_exact(QUESTION)
    yield child
    child.close(force=True)


def end_of(child: pexpect.spawn[str]) -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


@pytest.mark.parametrize("typed", ["", "   "])
def test_enter_stops(blocked: pexpect.spawn[str], typed: str) -> None:
    blocked.sendline(typed)
    assert end_of(blocked) == 77


def test_control_c_and_end_of_input_stop(
    blocked: pexpect.spawn[str], world: World, conda_env: str
) -> None:
    blocked.sendintr()
    assert end_of(blocked) == 77
    assert [item["status"] for item in guard.history(world, conda_env)] == ["blocked"]


def test_a_reason_goes_on_and_the_tool_asks_its_own_question(
    blocked: pexpect.spawn[str], world: World, conda_env: str
) -> None:
    blocked.sendline("we know what we do")
    if not world.real:
        blocked.expect_exact("Proceed ([y]/n)?")
        blocked.sendline("y")
    assert end_of(blocked) == 0
    (operation,) = guard.history(world, conda_env)
    assert operation["override"] == "we know what we do"
    assert operation["status"] == "done"
    assert "six" in [change["name"] for change in operation["changes"]]
