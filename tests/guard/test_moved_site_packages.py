"""A Python that looks for packages elsewhere leaves what pip has installed behind."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.channel import write_channel
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeinstall.sandbox.world import World

NAME = "moved"


def pythons(version: str) -> list[Package]:
    """Builds of the same Python, and the packages that ask for them."""
    minor = version.rpartition(".")[0]
    tag = minor.replace(".", "")

    def python(build: str, place: str = "", directory: str = f"python{minor}") -> Package:
        files = {f"lib/{directory}/site-packages/README.txt": File(b"")}
        return Package("python", version, build, 9, files=files, site_packages=place)

    def wanting(name: str, build: str) -> Package:
        return Package(name, minor, depends=(f"python {version} {build}",), noarch="generic")

    declared = f"lib/python{minor}t/site-packages"
    return [
        python(f"h0_9_cp{tag}t", declared, f"python{minor}t"),
        wanting("python-freethreading", f"*_cp{tag}t"),
        python("h0_9_pypy"),
        wanting("pypy", "*_pypy"),
        python("h0_9_own", "lib/own/site-packages", "own"),
        wanting("relocated", "*_own"),
        python("h0_9_rebuilt"),
        wanting("rebuilt", "*_rebuilt"),
        Package("pip", "23.2.1", depends=("python",), noarch="generic"),  # for each of them
    ]


@pytest.fixture(scope="module")
def channel(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The channel, and an environment with a package of pip's."""
    world.create_env(NAME, "python", "pip")
    world.run(["pip", "install", "cowsay"], NAME, check=True)
    directory = str(tmp_path_factory.mktemp("channel"))
    records = os.listdir(os.path.join(world.env(NAME), "conda-meta"))
    (python,) = [name for name in records if name.startswith("python-3")]
    write_channel(directory, pythons(python.split("-")[1]))
    yield f"file://{directory}"
    world.remove_env(NAME)


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("python-freethreading", "move to lib/python{minor}t/site-packages"),
        ("pypy", r"(replace it by |move to lib/)pypy"),  # conda's plugin knows the files as well
        ("relocated", "move to lib/own/site-packages"),
    ],
)
def test_the_same_version_elsewhere(world: World, channel: str, asked: str, where: str) -> None:
    words = ["conda", "install", "-y", "-c", channel, asked]
    minor = describe(world.env(NAME)).python
    done = harness.run(world, words, NAME)
    text = done.stderr.decode()
    assert done.returncode == 77, text
    assert re.search(where.format(minor=minor), text), text
    assert "cowsay stays behind" in text
    (anew,) = harness.advice(done)  # no pip can make this Python another one
    assert anew == f"safeinstall rebuild --add {asked} --channel {channel}"
    answer = harness.check(world, words, NAME)
    assert (answer["status"], harness.rules(answer)) == (77, ["SI201"])


def test_another_build_in_the_same_place(world: World, channel: str) -> None:
    answer = harness.check(world, ["conda", "install", "-y", "-c", channel, "rebuilt"], NAME)
    assert answer["status"] == 0


@pytest.mark.parametrize("verb", ["remove", "remove --force"])
def test_python_goes(world: World, channel: str, verb: str) -> None:
    done = harness.run(world, ["conda", *verb.split(), "-y", "python"], NAME)
    assert done.returncode == 77
    assert "cowsay stays behind" in done.stderr.decode()


# ---- where the packages are then -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "others", "found"),
    [
        ("python-3.13.1-h9a34b6e_5_cp313t", ["python3.13"], "python3.13t"),
        ("python-3.13.1-h9a34b6e_105_cp313", ["python3.13t"], "python3.13"),
        ("python-3.9.18-0_73_pypy", ["python3.8"], "pypy3.9"),
        ("python-3.12.2-hab00c5b_0_cpython", [], "python3.12"),
        ("python-3.13.0-0", [], "python3.13t"),
    ],
)
def test_the_inventory_finds_them(
    tmp_path: Path, record: str, others: list[str], found: str
) -> None:
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / f"{record}.json").write_text('{"files": []}')
    for name in (found, *others):
        (tmp_path / "lib" / name / "site-packages" / f"in_{name}-1.dist-info").mkdir(parents=True)
        (tmp_path / f"lib/{name}/site-packages/in_{name}-1.dist-info/METADATA").write_text("")
    environment = describe(str(tmp_path))
    assert environment.site_packages[0] == str(tmp_path / "lib" / found / "site-packages")
    names = [p.name for p in inventory.scan(environment).packages if p.owner == "pip"]
    assert f"in-{found}".replace(".", "-") in names
    version = found.removeprefix("python").removeprefix("pypy").removesuffix("t")
    assert environment.python == version


# ---- without pip ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["remove", "remove --force"])
def test_pip_goes(world: World, channel: str, verb: str) -> None:
    answer = harness.check(world, ["conda", *verb.split(), "-y", "-n", NAME, "pip"])
    (finding,) = answer["findings"]
    if world.real and verb == "remove":  # it counts pip as needed by python, and takes both
        assert (answer["status"], "cowsay stays behind" in finding["evidence"][1]) == (77, True)
        return
    assert (answer["status"], finding["rule"]) == (0, "SI201")
    assert f"conda takes pip away from {NAME}, where pip owns 1 package." in finding["message"]
    assert finding["fixes"] == [f"conda install -n {NAME} pip"]


def test_pip_goes_where_it_owns_nothing(world: World, conda_env: str) -> None:
    assert harness.check(world, ["conda", "remove", "-y", "pip"], conda_env)["findings"] == []
