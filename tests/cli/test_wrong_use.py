"""Help is help, wrong use is 64, and what is meant is guessed."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from safeinstall.model import Finding
from safeinstall.output import stderr
from safeinstall.render import plain
from safeinstall.render.look import look
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from safeinstall.sandbox.world import World


def ours(world: World, *words: str, active: str | None = None) -> harness.Completed:
    return world.run([sys.executable, "-m", "safeinstall", *words], active)


@pytest.mark.parametrize("command", ["run", "check", "init", "completion"])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(world: World, command: str, option: str) -> None:
    done = ours(world, command, option)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(f"usage: safeinstall {command} ".encode())


def test_help_of_the_tool_is_the_tools(world: World, conda_env: str) -> None:
    done = ours(world, "run", "--", "pip", "--help", active=conda_env)
    assert done.returncode == 0
    assert b"pip <command> [options]" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["check", "--nope", "--", "pip"],
        ["init"],
        ["history", "--nope"],
        ["history", "--status", "nope"],
        ["rule", "SI201", "--json"],
        ["policy", "explain"],
        ["policy", "show", "--as", "nobody"],
        ["rule", "SI999"],
        ["no-such-command"],
        ["status", "-n", "a", "-p", "/b"],
    ],
)
def test_wrong_use_is_64(world: World, words: Sequence[str]) -> None:
    done = ours(world, *words)
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"__main__" not in done.stderr


def test_the_name_of_the_program(world: World) -> None:
    assert b"Usage: safeinstall [OPTIONS]" in ours(world, "--help").stdout


COMMANDS = [["history"], ["history", "show", "last"], ["history", "verify"], ["status"], ["adopt"]]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_environment_of_that_name(world: World, conda_env: str, command: list[str]) -> None:
    for selector in (["-n", f"{conda_env}x"], ["-p", world.env(f"{conda_env}x")]):
        done = ours(world, *command, *selector, active=conda_env)
        assert done.returncode == 64
        assert b"there is no environment " in done.stderr
        assert f"did you mean {conda_env} ({world.env(conda_env)})" in done.stderr.decode()
    far = ours(world, *command, "-n", "zzzzzzzz")
    assert (far.returncode, b"did you mean" in far.stderr) == (64, False)


def test_a_mere_directory_is_no_environment(world: World, tmp_path: Path) -> None:
    """Nothing is claimed of it."""
    for command in ("status", "adopt"):
        done = ours(world, command, "-p", str(tmp_path))
        assert (done.returncode, done.stdout) == (64, b"")
        assert b"there is no environment at" in done.stderr


def test_one_that_is_gone_has_a_history(world: World) -> None:
    name = "gone_again"
    words = ["conda", "create", "-y", "-n", name, "six"]
    assert harness.run(world, words).returncode == 0
    shutil.rmtree(world.env(name))
    for selector in (["-n", name], ["-p", world.env(name)]):
        done = ours(world, "history", *selector)
        assert done.returncode == 0
        assert b"conda create" in done.stdout
        assert f"{world.env(name)}: gone" in done.stdout.decode()
    done = ours(world, "status", "-n", name)
    assert done.returncode == 64
    assert f"what is known of it: safeinstall history -p {world.env(name)}" in done.stderr.decode()


@pytest.mark.parametrize(
    ("environ", "terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR": "0"}, True, False),
        ({"CLICOLOR": "1"}, False, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colours(environ: dict[str, str], terminal: bool, wanted: bool) -> None:
    assert stderr.wants_colour(environ, terminal=terminal) is wanted


def test_widths(tmp_path: Path) -> None:
    for said, width in (("120", 120), ("50", 50), ("7", 40), ("", 0), ("x", 0), ("9" * 50, 0)):
        assert stderr.columns({"COLUMNS": said}) == width
    with open(tmp_path / "page", "w") as out:
        assert look({"COLUMNS": "50"}, out).width == 50
        assert look({}, out).width == 80


def test_a_block_keeps_to_the_width(world: World, conda_env: str) -> None:
    words = ["pip", "install", "--force-reinstall", "pip"]
    done = harness.run(world, words, conda_env, environ={"COLUMNS": "44", "CLICOLOR_FORCE": "1"})
    assert done.returncode == 77
    said = done.stderr.decode()
    assert "\x1b[" in said
    message = said.partition("\n    ")[0].splitlines()[1:]
    assert len(message) > 2
    assert max(map(len, message)) <= 44


def test_a_table_folds_where_the_width_is_known() -> None:
    row = "numpy    conda 1.26.4  replace it by 1.21.6  pandas needs numpy<2,>=1.23, scipy needs it"
    finding = Finding("SI201", "n", "block", "No.", evidence=(row, "/a/long/path/" + "x" * 60))
    whole = plain.block(finding, colour=False).splitlines()
    assert f"    {row}" in whole
    for columns in (40, 60, 79):
        lines = plain.block(finding, colour=False, columns=columns).splitlines()
        assert lines[-1] == whole[-1]  # a word is never cut
        assert max(map(len, lines[:-1])) <= columns
        assert " ".join("".join(lines[2:-1]).split()) == " ".join(row.split())


def test_base_can_be_closed_for_good(fresh_world: World, tmp_path: Path) -> None:
    """By the line on the page of SI101."""
    policy = tmp_path / "policy.toml"
    words = ["conda", "install", "-y", "-n", "base", "six"]
    for mild, status in (("", 0), ('mild = "block", ', 77)):
        policy.write_text(f'[rules]\nSI101 = {{ level = "block", {mild}override = "never" }}\n')
        environ = {"SAFEINSTALL_POLICY": str(policy), "SAFEINSTALL_REASON": "to see what happens"}
        done = harness.run(fresh_world, words, environ=environ)
        assert done.returncode == status, done.stderr.decode()
