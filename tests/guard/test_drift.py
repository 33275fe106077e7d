"""What others do to an environment is seen, told once, and kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def test_what_happens_without_us_is_told_once_and_kept(world: World, conda_env: str) -> None:
    first = harness.run(world, ["pip", "install", "six"], conda_env)
    assert first.stderr == b""
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    second = harness.run(world, ["pip", "install", "idna"], conda_env)
    text = second.stderr.decode()
    assert "warning SI205 drift" in text
    assert "numpy ∅ → 1.23.5 (conda)" in text
    assert "tqdm" in text
    third = harness.run(world, ["pip", "install", "idna"], conda_env)
    assert third.stderr == b""
    statuses = [operation["status"] for operation in harness.history(world, conda_env)]
    assert statuses == ["done", "drift", "done", "done"]
    drift = harness.history(world, conda_env)[1]
    assert {"numpy", "tqdm"} <= {change["name"] for change in drift["changes"]}


def test_a_blocked_command_tells_it_too_and_only_once(world: World, conda_env: str) -> None:
    """Told by whatever comes next; the pip of another environment stands in for what is blocked."""
    harness.run(world, ["pip", "install", "six"], conda_env)
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    path = f"{world.env(conda_env)}/bin:{world.environ()['PATH']}"
    for told in (True, False):
        done = harness.run(world, ["pip", "install", "idna"], "base", environ={"PATH": path})
        assert done.returncode == 77
        assert (b"SI205" in done.stderr) is told
    statuses = [operation["status"] for operation in harness.history(world, conda_env)]
    assert statuses == ["done", "drift", "blocked", "blocked"]


def said(world: World, env: str) -> str:
    """What the next guarded command says of drift, in one line."""
    done = harness.run(world, ["pip", "install", "idna"], env)
    lines = [line for line in done.stderr.decode().splitlines() if "SI205" in line]
    return lines[0] if lines else ""


def test_what_pip_did_to_condas_packages_and_what_conda_list_deleted(
    world: World, conda_env: str
) -> None:
    harness.run(world, ["conda", "install", "-y", "numpy=1.23", "tqdm"], conda_env)
    world.run(["pip", "install", "-U", "numpy==2.1.3"], conda_env, check=True)
    world.run(["pip", "uninstall", "-y", "tqdm"], conda_env, check=True)
    first = said(world, conda_env)
    assert "numpy 1.23.5 (conda) → 2.1.3 (pip), and conda does not know" in first
    assert "tqdm 4.65.0 (conda) → ∅, and conda does not know" in first
    assert said(world, conda_env) == ""
    world.run(["conda", "list"], conda_env, check=True)
    second = said(world, conda_env)
    assert "conda's record of numpy 1.23.5 is gone (pip's 2.1.3 is there)" in second
    assert "conda's record of tqdm 4.65.0 is gone (nothing is there)" in second
    assert said(world, conda_env) == ""
    (_, changes) = [
        item["changes"] for item in harness.history(world, conda_env) if item["status"] == "drift"
    ]
    (numpy,) = [change for change in changes if change["name"] == "numpy"]
    assert numpy["before"] | {"build": ""} == {
        "version": "1.23.5",
        "owner": "conda",
        "source": "record",
        "build": "",
    }
    assert numpy["after"] is None


def test_what_was_deleted_in_the_same_time_is_told_at_once(world: World, conda_env: str) -> None:
    harness.run(world, ["conda", "install", "-y", "numpy=1.23"], conda_env)
    world.run(["pip", "install", "-U", "numpy==2.1.3"], conda_env, check=True)
    world.run(["conda", "list"], conda_env, check=True)
    text = said(world, conda_env)
    assert "numpy 1.23.5 (conda) → 2.1.3 (pip), and conda's record is gone" in text


def test_what_a_blocked_command_told_is_not_told_again(world: World, conda_env: str) -> None:
    harness.run(world, ["conda", "install", "-y", "tqdm"], conda_env)
    world.run(["pip", "uninstall", "-y", "tqdm"], conda_env, check=True)
    assert "tqdm" in said(world, conda_env)
    world.run(["conda", "list"], conda_env, check=True)
    for told in (True, False):
        done = harness.run(world, ["pip", "uninstall", "-y", "pip"], conda_env)
        assert done.returncode == 77
        assert (b"conda's record of tqdm" in done.stderr) is told


def test_what_comes_back_is_no_lost_record(world: World, conda_env: str) -> None:
    harness.run(world, ["conda", "install", "-y", "tqdm"], conda_env)
    world.run(["pip", "uninstall", "-y", "tqdm"], conda_env, check=True)
    assert "tqdm 4.65.0 (conda) → ∅" in said(world, conda_env)
    world.run(["conda", "install", "-y", "--force-reinstall", "tqdm"], conda_env, check=True)
    assert "tqdm ∅ → 4.65.0 (conda)" in said(world, conda_env)


def test_conda_after_pip_without_us_is_named_with_its_moments(world: World, conda_env: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    time.sleep(1.1)  # conda's history counts in seconds
    world.run(["conda", "install", "-y", "tqdm"], conda_env, check=True)
    text = said(world, conda_env)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert "tqdm ∅ → 4.65.0 (conda)" in text
    assert f"conda came after pip there: pip on {today} " in text
    assert f", conda again on {today} " in text
    assert said(world, conda_env) == ""


def test_pip_after_conda_without_us_is_no_return(world: World, conda_env: str) -> None:
    harness.run(world, ["conda", "install", "-y", "tqdm"], conda_env)
    world.run(["pip", "install", "six"], conda_env, check=True)
    assert "came after" not in said(world, conda_env)


def test_what_happened_before_the_guard_is_said_once(world: World, conda_env: str) -> None:
    time.sleep(1.1)
    world.run(["pip", "install", "six"], conda_env, check=True)
    time.sleep(1.1)
    world.run(["conda", "install", "-y", "tqdm"], conda_env, check=True)
    text = said(world, conda_env)
    assert "has been changed by conda after pip, before the guard was here: pip on 2" in text
    assert said(world, conda_env) == ""


def test_conda_and_then_pip_before_the_guard_is_as_it_should_be(
    world: World, conda_env: str
) -> None:
    world.run(["conda", "install", "-y", "tqdm"], conda_env, check=True)
    world.run(["pip", "install", "six"], conda_env, check=True)
    assert said(world, conda_env) == ""


def test_what_the_guard_has_advised_is_not_held_against_who_did_it(
    world: World, conda_env: str
) -> None:
    """Pasted where no guard stands; it is in the history all the same."""
    harness.run(world, ["pip", "install", "six"], conda_env)
    for asked in ("six", "python-dateutil"):
        done = harness.run(world, ["conda", "install", "-y", asked], conda_env)
        assert done.returncode == 77
    world.run(["pip", "install", "python-dateutil"], conda_env, check=True)
    assert said(world, conda_env) == ""
    assert "drift" in [operation["status"] for operation in harness.history(world, conda_env)]
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    assert "cowsay" in said(world, conda_env)


def test_advice_is_no_excuse_for_what_pip_takes_from_conda(world: World, conda_env: str) -> None:
    harness.run(world, ["conda", "install", "-y", "numpy=1.23"], conda_env)
    done = harness.run(world, ["pip", "install", "numpy==2.1.3"], conda_env)
    assert done.returncode == 77
    world.run(["pip", "install", "numpy==2.1.3"], conda_env, check=True)
    assert "numpy 1.23.5 (conda) → 2.1.3 (pip), and conda does not know" in said(world, conda_env)


def test_check_claims_no_record(world: World, conda_env: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    for words in (["pip", "install", "idna"], ["pip", "uninstall", "-y", "six"]):
        (finding,) = harness.check(world, words, conda_env)["findings"]
        assert finding["message"].endswith("tqdm ∅ → 4.66.1 (pip).")
        assert finding["fixes"] == []
    assert "It is in the history now." in said(world, conda_env)


def test_an_environment_that_is_made_anew_does_not_drift(world: World) -> None:
    create = ["conda", "create", "-y", "-n", "anew", "python", "pip"]
    try:
        assert harness.run(world, create).returncode == 0
        assert harness.run(world, ["pip", "install", "six"], "anew").stderr == b""
    finally:
        world.remove_env("anew")
    try:
        assert harness.run(world, create).returncode == 0
        done = harness.run(world, ["pip", "install", "six"], "anew")
        assert b"SI205" not in done.stderr
    finally:
        world.remove_env("anew")
