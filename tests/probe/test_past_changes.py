"""Who changed an environment and when, from the files that conda and pip left."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.clock import instant
from safeinstall.model import Environment, Inventory, Package
from safeinstall.probe import inventory, past_changes
from safeinstall.probe.environment import describe
from safeinstall.probe.past_changes import Episode

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def told(prefix: str) -> tuple[Episode, ...]:
    environment = describe(prefix)
    return past_changes.episodes(environment, inventory.scan(environment))


def test_conda_then_pip_then_conda(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy"], conda_env, check=True)
    time.sleep(1.1)  # conda's history counts in seconds
    world.run(["pip", "install", "six", "tqdm"], conda_env, check=True)
    time.sleep(1.1)
    world.run(["conda", "install", "-y", "pandas"], conda_env, check=True)
    seen = told(world.env(conda_env))
    assert [episode.owner for episode in seen] == ["conda", "conda", "pip", "conda"]
    assert seen[2].names == ("six", "tqdm")
    assert "pandas" in seen[3].names
    assert [episode.time for episode in seen] == sorted(episode.time for episode in seen)
    assert past_changes.handed_over(seen) == seen[2].time


@pytest.mark.real_conda
def test_a_clone_begins_when_it_was_cloned(world: World, conda_env: str) -> None:
    """Its files have the times of the original, and conda's history starts anew."""
    world.run(["pip", "install", "six"], conda_env, check=True)
    site = describe(world.env(conda_env)).site_packages[0]
    for name in os.listdir(site):
        if name.startswith("six-"):
            for file in os.listdir(os.path.join(site, name)):
                os.utime(os.path.join(site, name, file), (1e9, 1e9))
    world.run(
        ["conda", "create", "-y", "-n", "cloned", "--clone", conda_env], conda_env, check=True
    )
    try:
        first, second = told(world.env("cloned"))
        assert (first.owner, second.owner, second.names) == ("conda", "pip", ("six",))
        assert second.time == first.time
    finally:
        world.remove_env("cloned")


def test_uv_is_named(world: World, conda_env: str, tmp_path: Path) -> None:
    uv = os.path.join(os.path.dirname(sys.executable), "uv")
    if not os.path.exists(uv):
        pytest.skip("uv is not installed beside this Python")
    python = f"{world.env(conda_env)}/bin/python"
    command = [uv, "pip", "install", "--offline", "--no-index", "-f", world.wheels]
    more = {"UV_CACHE_DIR": str(tmp_path)}
    world.run([*command, "--python", python, "six"], conda_env, environ=more, check=True)
    *_, last = told(world.env(conda_env))
    assert (last.owner, last.names) == ("uv", ("six",))


# ---- on made-up files, for moments that cannot be waited for -----------------------------------


def package(directory: Path, name: str, moment: float, owner: str = "pip") -> Package:
    location = directory / f"{name}-1.0.dist-info"
    location.mkdir()
    (location / "INSTALLER").write_text(owner)
    os.utime(location / "INSTALLER", (moment, moment))
    return Package(name, "1.0", owner, location=str(location))


def record(prefix: Path, name: str, moment: float) -> Package:
    path = prefix / "conda-meta" / f"{name}-1.0-0.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    os.utime(path, (moment, moment))
    return Package(name, "1.0", "conda", build="0", location=str(path))


def history(prefix: Path, *revisions: tuple[float, str]) -> None:
    (prefix / "conda-meta").mkdir(exist_ok=True)
    text = "".join(
        f"==> {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(moment))} <==\n{change}\n"
        for moment, change in revisions
    )
    (prefix / "conda-meta" / "history").write_text(text)


def seen(prefix: Path, *packages: Package) -> list[tuple[str, str, tuple[str, ...]]]:
    found = past_changes.episodes(Environment(str(prefix), "conda"), Inventory(packages))
    return [(episode.time, episode.owner, episode.names) for episode in found]


T = 1_700_000_000


def at(moment: float) -> str:
    return instant(int(moment * 1e9))


def test_packages_of_one_operation_are_one_episode(tmp_path: Path) -> None:
    history(tmp_path, (T, "+c/noarch::a-1.0-0"), (T + 500, "+c/noarch::b-1.0-0"))
    found = seen(
        tmp_path,
        package(tmp_path, "x", T + 100),
        package(tmp_path, "y", T + 140),
        package(tmp_path, "z", T + 300),
        package(tmp_path, "u", T + 310, "uv"),
        package(tmp_path, "v", T + 499.5),
        package(tmp_path, "w", T + 501),
    )
    assert found == [
        (at(T), "conda", ("a",)),
        (at(T + 100), "pip", ("x", "y")),
        (at(T + 300), "pip", ("z",)),
        (at(T + 310), "uv", ("u",)),
        (at(T + 499.5), "pip", ("v",)),
        (at(T + 500), "conda", ("b",)),
        (at(T + 501), "pip", ("w",)),
    ]


def test_a_history_from_another_time_zone_is_set_right_by_the_records(tmp_path: Path) -> None:
    """Built where it was four hours later: conda did not come after pip."""
    history(tmp_path, (T + 14400, "+c/noarch::a-1.0-0"), (T + 14500, "+c/noarch::b-1.0-0"))
    packages = record(tmp_path, "a", T - 3), record(tmp_path, "b", T + 97)
    found = seen(tmp_path, *packages, package(tmp_path, "x", T + 200))
    assert [(moment, owner) for moment, owner, _ in found] == [
        (at(T), "conda"),
        (at(T + 100), "conda"),
        (at(T + 200), "pip"),
    ]


def test_records_that_were_copied_say_nothing_of_the_zone(tmp_path: Path) -> None:
    history(tmp_path, (T, "+c/noarch::a-1.0-0"))
    found = seen(tmp_path, record(tmp_path, "a", T + 4321))
    assert found == [(at(T), "conda", ("a",))]


def test_without_a_history_the_records_have_times_too(tmp_path: Path) -> None:
    packages = record(tmp_path, "a", T), record(tmp_path, "b", T + 1000)
    found = seen(tmp_path, *packages, package(tmp_path, "x", T + 500))
    assert [owner for _, owner, _ in found] == ["conda", "pip", "conda"]


def test_what_is_gone_has_no_time(tmp_path: Path) -> None:
    assert seen(tmp_path, Package("x", "1", "pip", location=str(tmp_path / "none"))) == []
    assert past_changes.handed_over(()) is None


def test_only_what_comes_after_conda_hands_over(tmp_path: Path) -> None:
    pip = Episode("1", "pip", ("x",))
    conda = Episode("2", "conda", ("y",))
    assert past_changes.handed_over((pip, conda)) is None
    assert past_changes.handed_over((pip, conda, Episode("3", "conda-pypi", ("z",)))) is None
    assert past_changes.handed_over((conda, Episode("3", "uv", ("z",)), pip)) == "3"


def test_turns_are_taken_by_sides(tmp_path: Path) -> None:
    owners = ("conda", "conda-pypi", "pip", "uv", "conda", "pip")
    episodes = [Episode(str(at), owner, ()) for at, owner in enumerate(owners)]
    found = [(turn.time, turn.owner) for turn in past_changes.turns(episodes)]
    assert found == [("0", "conda"), ("2", "pip"), ("4", "conda"), ("5", "pip")]
