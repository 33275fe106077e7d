"""Going on all the same, at a real terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pexpect
import pytest

from safeinstall.guard.override import MOMENT
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

ASKED = {"PIP_NO_INPUT": "0"}  # the world's own configuration says that nobody is

QUESTION = "Type a reason to go on all the same, or press Enter to stop: "


@pytest.fixture
def blocked(world: World, conda_env: str) -> Iterator[pexpect.spawn[str]]:
    """``conda install six`` at the question."""
    world.run(["pip", "install", "six"], conda_env, check=True)
    child = at_a_terminal(world, conda_env, ["conda", "install", "six"])
    if world.real:  # its plan is seen when conda is about to carry it out
        child.expect_exact("Proceed ([y]/n)?")
        child.sendline("y")
    child.expect_exact("blocked by SI201 conda-after-pip")
    child.expect_exact(QUESTION)
    time.sleep(MOMENT + 0.2)  # what is typed at once is no answer
    yield child
    child.close(force=True)


def at_a_terminal(world: World, active: str, words: list[str], **more: str) -> pexpect.spawn[str]:
    command = [*harness.GUARD, "run", "--", *words]
    environ = world.environ(active, NO_COLOR="1", **more)
    return pexpect.spawn(
        command[0], command[1:], env=environ, cwd=world.work, encoding="utf-8", timeout=60
    )


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        ("pip uninstall -y numpy", ASKED),
        ("pip --no-input uninstall numpy", ASKED),
        ("pip uninstall numpy", {"PIP_NO_INPUT": "1"}),
        ("pip uninstall numpy", {"CI": "true", **ASKED}),
        ("conda run -n {env} pip uninstall -y numpy", ASKED),
        ("pip uninstall numpy", {"SAFEINSTALL_ASK_TIMEOUT": "0", **ASKED}),
        ("conda remove numpy", {"CLAUDECODE": "1"}),
        ("conda remove -y numpy", {}),
        ("conda remove numpy", {"CONDA_ALWAYS_YES": "true"}),
    ],
)
def test_nobody_is_asked_where_nobody_answers(
    world: World, conda_env: str, words: str, environ: dict[str, str]
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    world.run(["pip", "install", "h5py"], conda_env, check=True)
    child = at_a_terminal(world, conda_env, words.format(env=conda_env).split(), **environ)
    if world.real and "CLAUDECODE" in environ:
        child.expect_exact("Proceed ([y]/n)?")  # conda asks, whoever is there
        child.sendline("y")
    child.expect_exact("blocked by SI20")
    assert child.expect_exact([QUESTION, pexpect.EOF]) == 1
    child.close()
    assert child.exitstatus == 77


@pytest.mark.parametrize("no", [{"CI": "false"}, {"CONDA_ALWAYS_YES": "off"}, {"CONDA_YES": "n"}])
def test_who_may_answer_is_asked(world: World, conda_env: str, no: dict[str, str]) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    child = at_a_terminal(world, conda_env, ["pip", "uninstall", "numpy"], **ASKED, **no)
    child.expect_exact(QUESTION)
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
    assert [item["status"] for item in harness.history(world, conda_env)] == ["blocked"]


def test_a_reason_goes_on_and_the_tool_asks_its_own_question(
    blocked: pexpect.spawn[str], world: World, conda_env: str
) -> None:
    blocked.sendline("we know what we do")
    if not world.real:
        blocked.expect_exact("Proceed ([y]/n)?")
        blocked.sendline("y")
    assert end_of(blocked) == 0
    (operation,) = harness.history(world, conda_env)
    assert operation["override"] == "we know what we do"
    assert operation["status"] == "done"
    assert "six" in [change["name"] for change in operation["changes"]]


def test_a_program_that_waits_for_the_end_gets_it(world: World, conda_env: str) -> None:
    """So does a user who is away; but who has begun to type may take their time."""
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    words = ["pip", "uninstall", "numpy"]
    several = [
        at_a_terminal(world, conda_env, words, SAFEINSTALL_ASK_TIMEOUT="2.5", **ASKED)
        for _ in range(2)
    ]
    for child in several:
        child.expect_exact(QUESTION)
    silent, typing = several
    time.sleep(MOMENT + 0.5)
    typing.send("we know ")
    silent.expect_exact("The block stands: nobody has begun to type a reason within 2.5 seconds.")
    assert end_of(silent) == 77
    time.sleep(1)
    typing.sendline("what we do")
    typing.expect_exact("Proceed (Y/n)?")
    typing.close(force=True)
