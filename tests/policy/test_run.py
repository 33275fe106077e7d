"""A policy that cannot be used stops the command: 78, one line, and the tool is not started."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeinstall.sandbox.world import World

WORDS = ["pip", "install", "cowsay"]
INVALID = {
    "nested arrays": ("a = " + "[" * 100_000, ":1:70: deeper than 64 levels"),
    "digits": ("schema = " + "7" * 6000, ":1:10: a number that is too long"),
    "more digits": ("schema = 0x" + "7" * 6000, ":1:10: schema a number as long as that"),
    "a long id": (f"[policy]\nid = '{'x' * 200_000}'\n", ":2:6: id is longer than 200 characters"),
    "a long file": (f"[policy]\nid = '{'x' * 50_000_000}'\n", ": larger than 256 KiB"),
    "a lock": ("[policy]\nlocked = ['SI101']\n", ":2:11: locked: 'SI101' names nothing that can"),
    "true": ("schema = true\n", ":1:10: schema true is not known; this version reads 1"),
    "a name": (
        "[[exceptions]]\nrules=3\nreason=3\n",
        ":2:1: unknown name 'rules' in [[exceptions]]",
    ),
}


@pytest.fixture(scope="module")
def name(world: World) -> Iterator[str]:
    created = f"invalid{os.getpid()}"
    world.create_env(created, "python", "pip")
    yield created
    world.remove_env(created)


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_policy(world: World, name: str, tmp_path: Path, case: str) -> None:
    """The project's, which nobody has chosen, as well as the user's."""
    text, message = INVALID[case]
    policy = tmp_path / "safeinstall.toml"
    policy.write_text(text)
    environ = {"SAFEINSTALL_POLICY": str(policy), "SAFEINSTALL_REASON": "please"}
    for more in ({"environ": environ}, {"cwd": tmp_path}):
        done = harness.run(world, WORDS, name, **more)
        told = done.stderr.decode()
        assert (done.returncode, done.stdout) == (78, b""), told
        assert told.startswith(f"safeinstall: {policy}{message}"), told
        assert told.count("\n") == 1
        assert told[:-1].isprintable()


def test_a_pipe_or_nothing_in_place_of_a_policy(world: World, name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.toml")
    for path in ("fifo.toml", "none.toml", "."):
        place = os.path.join(tmp_path, path)
        done = harness.run(world, WORDS, name, environ={"SAFEINSTALL_POLICY": place})
        assert done.returncode == 78
        assert done.stderr.decode().startswith(f"safeinstall: {place}: cannot be read")


def test_a_number_from_the_environment_takes_no_memory(world: World, name: str) -> None:
    """It took all there was, and the command ran unguarded."""
    limited = f"ulimit -v 1000000; {' '.join(harness.GUARD)} check -- pip install cowsay"
    for variable in ("PIP_VERBOSE", "PIP_QUIET"):
        environ = {variable: "9999999999"}
        done = world.run(["bash", "-c", limited], name, environ=environ)
        assert (done.returncode, done.stderr) == (0, b"")
