"""SI207 and SI306 with a real pip: what is told before, what afterwards, and what never."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.archive import Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.distribution import Distribution
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeinstall.sandbox.world import World

NAME = "maps"
WHEELS = [
    Distribution("rasterio", "1.4", "rasterio"),
    Distribution("pyproj", "3.7", "pyproj"),
    Distribution("psycopg2-binary", "2.9", "psycopg2"),
    Distribution("geo", "1.0", "geo", requires=("pyproj>=3.0",)),
    Distribution("h5py", "3.11", "h5py"),
    Distribution("enum34", "1.1.10", "enum34_backport"),
    Distribution("conda", "4.3.16", "conda_of_2017"),
    Distribution("old", "1.0", "old", requires=("enum34>=1.0",)),
    Distribution("careful", "1.0", "careful", requires=('enum34>=1.0; python_version<"3.4"',)),
]


class Place:
    def __init__(self, world: World, wheels: Path) -> None:
        self.world, self.wheels = world, wheels

    def pip(self, *words: str, **environ: str) -> harness.Completed:
        environ |= {"PIP_FIND_LINKS": str(self.wheels)}
        return harness.run(self.world, ["pip", "install", "-q", *words], NAME, environ=environ)

    def uninstall(self, *names: str) -> None:
        done = harness.run(self.world, ["pip", "uninstall", "-qy", *names], NAME)
        assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("twins")
    libraries = [Package("proj", "9.3"), Package("libgdal-core", "3.8"), Package("libpq", "16.1")]
    write_channel(str(directory / "channel"), libraries)
    channel = f"file://{directory}/channel"
    world.create_env(NAME, "python", "pip")
    more = ["proj", "libgdal-core", "libpq"]
    add = ["conda", "install", "-yq", "-n", NAME, "--override-channels", "-c", channel, *more]
    world.run(add, check=True)
    for distribution in WHEELS:
        name, data = distribution.wheel()
        (directory / name).write_bytes(data)
    yield Place(world, directory)
    world.remove_env(NAME)


@pytest.mark.parametrize(
    ("name", "libraries"),
    [("rasterio", "PROJ and GDAL"), ("pyproj", "PROJ"), ("psycopg2-binary", "libpq")],
)
def test_a_second_native_library_is_told_before(place: Place, name: str, libraries: str) -> None:
    answer = harness.check(place.world, ["pip", "install", name], NAME)
    assert (harness.rules(answer), answer["status"]) == (["SI207"], 0)
    done = place.pip(name)
    assert done.returncode == 0
    assert done.stderr.count(b"SI207") == 1, done.stderr.decode()
    assert f"with a copy of {libraries} beside conda's".encode() in done.stderr
    assert b"SI207" not in place.pip("-U", name).stderr  # it is there
    place.uninstall(name)


def test_a_dependency_with_a_native_library_is_told_afterwards(place: Place) -> None:
    done = place.pip("geo")
    assert done.returncode == 0
    assert b"pip has brought pyproj with a copy of PROJ" in done.stderr, done.stderr.decode()
    place.uninstall("geo", "pyproj")


@pytest.mark.parametrize("words", [["h5py"], ["--no-binary", "pyproj", "--dry-run", "pyproj"]])
def test_nothing_is_said_of_what_conda_has_no_library_for(place: Place, words: list[str]) -> None:
    assert b"SI207" not in place.pip(*words).stderr
    place.uninstall("h5py")


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("enum34", ""),
        ("conda", "conda update -n base conda"),
        ("sklearn", "python -m pip install scikit-learn"),
        ("typing", ""),
    ],
)
def test_an_impostor_is_stopped(place: Place, name: str, fix: str) -> None:
    done = place.pip(name)
    assert done.returncode == 77
    assert b"blocked by SI306 impostor" in done.stderr
    assert b"policy" not in done.stderr
    assert harness.advice(done) == ([fix] if fix else [])


def test_what_a_marker_keeps_out_is_none(place: Place, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text('typing; python_version < "3.5"\nh5py\n')
    done = place.pip("-r", str(tmp_path / "r.txt"), "careful")
    assert (done.returncode, b"SI306" in done.stderr) == (0, False), done.stderr.decode()
    (tmp_path / "r.txt").write_text("enum34\nh5py\n")
    done = place.pip("-r", str(tmp_path / "r.txt"))
    assert (done.returncode, b"SI306" in done.stderr) == (77, True)
    place.uninstall("careful", "h5py")


def test_a_dependency_is_told_afterwards_with_the_way_back(place: Place) -> None:
    done = place.pip("old")
    assert done.returncode == 0
    assert b"SI306" in done.stderr, done.stderr.decode()
    assert b"enum34 from PyPI has come" in done.stderr
    assert b"python -m pip uninstall enum34" in done.stderr
    place.uninstall("old", "enum34")


def test_an_exception_of_the_policy_lets_it_in(place: Place, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(
        '[[exceptions]]\nrule = "SI306"\npackages = ["enum34"]\nreason = "a frozen program"\n'
        + harness.REST
    )
    done = place.pip("enum34", SAFEINSTALL_POLICY=str(tmp_path / "policy.toml"))
    assert (done.returncode, b"SI306" in done.stderr) == (0, False), done.stderr.decode()
    place.uninstall("enum34")
