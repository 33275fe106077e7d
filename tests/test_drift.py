"""What others do to an environment is seen, told once, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import guard

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def test_what_happens_without_us_is_told_once_and_kept(world: World, conda_env: str) -> None:
    first = guard.run(world, ["pip", "install", "six"], conda_env)
    assert first.stderr == b""
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    second = guard.run(world, ["pip", "install", "idna"], conda_env)
    text = second.stderr.decode()
    assert "warning SI205 drift" in text
    assert "numpy ∅ → 1.23.5 (conda)" in text
    assert "tqdm" in text
    third = guard.run(world, ["pip", "install", "idna"], conda_env)
    assert third.stderr == b""
    statuses = [operation["status"] for operation in guard.history(world, conda_env)]
    assert statuses == ["done", "drift", "done", "done"]
    drift = guard.history(world, conda_env)[1]
    assert {"numpy", "tqdm"} <= {change["name"] for change in drift["changes"]}


def test_a_blocked_command_tells_it_too_and_only_once(world: World, conda_env: str) -> None:
    """Told by whatever comes next; the pip of another environment stands in for what is blocked."""
    guard.run(world, ["pip", "install", "six"], conda_env)
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    path = f"{world.env(conda_env)}/bin:{world.environ()['PATH']}"
    for told in (True, False):
        done = guard.run(world, ["pip", "install", "idna"], "base", environ={"PATH": path})
        assert done.returncode == 77
        assert (b"SI205" in done.stderr) is told
    statuses = [operation["status"] for operation in guard.history(world, conda_env)]
    assert statuses == ["done", "drift", "blocked", "blocked"]


def test_an_environment_that_is_made_anew_does_not_drift(world: World) -> None:
    create = ["conda", "create", "-y", "-n", "anew", "python", "pip"]
    try:
        assert guard.run(world, create).returncode == 0
        assert guard.run(world, ["pip", "install", "six"], "anew").stderr == b""
    finally:
        world.remove_env("anew")
    try:
        assert guard.run(world, create).returncode == 0
        done = guard.run(world, ["pip", "install", "six"], "anew")
        assert b"SI205" not in done.stderr
    finally:
        world.remove_env("anew")
