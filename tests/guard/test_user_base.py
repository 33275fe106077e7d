"""PYTHONUSERBASE and PYTHONPATH that lead into a conda environment: its own, or another one."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

OWN, OTHER = "mine", "theirs"
BLOCKED = 77


@pytest.fixture(scope="module")
def names(world: World) -> Iterator[tuple[str, str]]:
    world.create_env(OWN, "python", "pip", "six=1.16", "numpy=1.26")
    world.create_env(OTHER, "python", "pip", "six=1.16", "idna=3.4")
    yield OWN, OTHER
    for name in (OWN, OTHER, f"{OWN}-new"):
        world.remove_env(name)


def variables(world: World, name: str, which: str) -> dict[str, str]:
    prefix = world.env(name)
    places = {"PYTHONUSERBASE": prefix, "PYTHONPATH": describe(prefix).site_packages[0]}
    return {which: places[which]}


def versions(world: World, name: str) -> dict[str, tuple[str, str]]:
    found = inventory.scan(describe(world.env(name)))
    return {p.name: (p.version, p.owner) for p in found.packages} | {
        d.name: (d.version, d.package.owner) for d in found.conda_distributions
    }


def stopped(world: World, line: str, environ: dict[str, str], rule: str) -> list[str]:
    """The commands that are offered. Neither environment is changed, and ``check`` agrees."""
    before = versions(world, OWN), versions(world, OTHER)
    done = harness.run(world, line.split(), OWN, environ=environ)
    assert done.returncode == BLOCKED, done.stderr.decode()
    assert f"blocked by {rule}" in done.stderr.decode()
    asked = world.run([*harness.GUARD, "check", "--", *line.split()], OWN, environ=environ)
    assert asked.returncode == BLOCKED
    assert (versions(world, OWN), versions(world, OTHER)) == before
    return harness.advice(done)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("which", ["PYTHONUSERBASE", "PYTHONPATH"])
def test_its_own_packages_are_still_condas(world: World, which: str) -> None:
    environ = variables(world, OWN, which)
    offered = stopped(world, "pip uninstall -y numpy", environ, "SI203")
    assert offered == [f"unset {which} && conda remove -n {OWN} numpy"]
    stopped(world, "pip install six==1.17.0", environ, "SI202")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("line", ["pip install --user six==1.17.0", "pip install six==1.17.0"])
def test_a_user_install_into_itself(world: World, line: str) -> None:
    environ = variables(world, OWN, "PYTHONUSERBASE")
    user = {} if "--user" in line else {"PIP_USER": "1"}
    offered = stopped(world, line, environ | user, "SI202")
    (line,) = [each for each in offered if "create" in each]
    assert line.startswith("unset PYTHONUSERBASE")
    assert "--user" not in line
    done = harness.pasted(world, line, OWN, environ=environ | user)
    assert done.returncode == 0, done.stderr.decode()
    assert versions(world, f"{OWN}-new")["six"] == ("1.17.0", "pip")
    assert versions(world, OWN)["six"] == ("1.16.0", "conda")
    world.remove_env(f"{OWN}-new")


@pytest.mark.usefixtures("names")
def test_what_it_leaves_is_no_install_into_the_home(world: World) -> None:
    environ = variables(world, OWN, "PYTHONUSERBASE")
    words = [*harness.GUARD, "check", "--json", "--", "pip", "install", "--user", "cowsay"]
    found = json.loads(world.run(words, OWN, environ=environ).stdout)
    assert harness.rules(found) == []


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("line", ["pip install --user six==1.17.0", "pip install --user cowsay"])
def test_a_user_install_into_another(world: World, line: str) -> None:
    environ = variables(world, OTHER, "PYTHONUSERBASE")
    offered = stopped(world, line, environ, "SI202")
    assert offered
    assert all(each.startswith("unset PYTHONUSERBASE && ") for each in offered)
    environ |= {"PIP_USER": "1"}
    offered = stopped(world, line.replace("--user ", ""), environ, "SI202")
    assert all(each.startswith("unset PYTHONUSERBASE PIP_USER && ") for each in offered)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("which", ["PYTHONUSERBASE", "PYTHONPATH"])
def test_what_pip_finds_in_another(world: World, which: str) -> None:
    """pip takes away what it finds first, wherever that is."""
    environ = variables(world, OTHER, which)
    offered = stopped(world, "pip uninstall -y idna", environ, "SI203")
    assert offered == [f"unset {which} && conda remove -p {world.env(OTHER)} idna"]
    stopped(world, "pip install six==1.17.0", environ, "SI202")
    (line,) = stopped(world, "pip install idna==3.7", environ, "SI202")
    assert line == f"unset {which} && pip install idna==3.7"
    done = harness.pasted(world, line, OWN, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    assert versions(world, OWN)["idna"] == ("3.7", "pip")
    assert versions(world, OTHER)["idna"] == ("3.4", "conda")
    world.run(["pip", "uninstall", "-y", "idna"], OWN, check=True)


@pytest.mark.usefixtures("names")
def test_the_resolver_is_held_to_it(world: World) -> None:
    environ = variables(world, OTHER, "PYTHONUSERBASE")
    before = versions(world, OTHER)
    done = harness.run(world, ["pip", "install", "-U", "idna"], OWN, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    assert versions(world, OTHER) == before


@pytest.mark.usefixtures("names")
def test_a_directory_within_is_another_place(world: World) -> None:
    """Nothing of conda's is there."""
    environ = {"PYTHONUSERBASE": os.path.join(world.env(OTHER), "share", "user")}
    words = [*harness.GUARD, "check", "--json", "--", "pip", "install", "--user", "cowsay"]
    found = json.loads(world.run(words, OWN, environ=environ).stdout)
    assert harness.rules(found) == ["SI103"]
