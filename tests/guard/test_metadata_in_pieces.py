"""pip has put its own in the place of conda's, and conda takes away what it still has on record.

What pip wrote besides would stay: a metadata directory with one file in it, which pip calls an
installed distribution, or modules of a package that is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeinstall.probe.environment import describe
from safeinstall.sandbox import channel
from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.distribution import Distribution
from safeinstall.sandbox.world import World
from tests import harness

NAME = "pieces"
KINDS = ("in-noarch", "in-compiled", "in-egg-info", "in-wider")


def made(name: str, version: str, **modules: bytes) -> Distribution:
    module = name.replace("-", "_")
    extra = {f"{module}/{each}.py": data for each, data in modules.items()}
    return Distribution(name, version, module=module, extra=extra)


def by_conda(what: Distribution, site_packages: str, *, egg: str = "") -> Package:
    """As conda has it; ``egg``: with the metadata that setuptools once wrote, and no list."""
    files = what.files(installer="conda")
    if egg:
        old = {path: files.pop(path) for path in list(files) if ".dist-info/" in path}
        home = f"{what.stem}-{egg}.egg-info"
        files[f"{home}/PKG-INFO"] = old[f"{what.stem}.dist-info/METADATA"]
        files[f"{home}/top_level.txt"] = what.module.encode()
    return Package(
        what.name,
        what.version,
        "py_0",
        depends=("python >=3.8",),
        noarch="python" if site_packages == "site-packages" else "",
        files={f"{site_packages}/{path}": File(data) for path, data in files.items()},
    )


class Place:
    def __init__(self, world: World) -> None:
        self.world = world
        self.prefix = world.env(NAME)
        self.site_packages = describe(self.prefix).site_packages[0]

    def conda(self, *words: str) -> harness.Completed:
        return harness.run(self.world, ["conda", words[0], "-y", "-n", NAME, *words[1:]])

    def metadata(self, name: str) -> list[str]:
        stem = f"{name.replace('-', '_')}-"
        return [entry for entry in os.listdir(self.site_packages) if entry.startswith(stem)]

    def imports(self, name: str) -> bool:
        line = f"import {name.replace('-', '_')}.core"
        return self.world.run(["python", "-c", line], NAME).returncode == 0


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """By the bare tools: pip's, of the version and in the place of conda's."""
    world.create_env(NAME, "python", "pip")
    found = Place(world)
    own = os.path.relpath(found.site_packages, found.prefix)
    python = "py" + describe(found.prefix).python
    directory = tmp_path_factory.mktemp(NAME)
    packages = []
    for version in ("1.0", "2.0"):
        noarch, compiled, egg, wider, dependency = (
            made(name, version, core=b"1") for name in (*KINDS, "in-dependency")
        )
        packages += [by_conda(one, "site-packages") for one in (noarch, wider, dependency)]
        packages += [by_conda(compiled, own), by_conda(egg, own, egg=python)]
    channel.write_channel(str(directory / "channel"), packages)
    wheels = [made(name, "1.0", core=b"1") for name in (*KINDS[:3], "in-dependency")]
    wheels += [made("in-wider", "1.0", core=b"1", more=b"2")]
    wheels += [Distribution("in-user", "1.0", "in_user", requires=("in-dependency==1.0",))]
    for wheel in wheels:
        file, data = wheel.wheel()
        (directory / file).write_bytes(data)
    condarc = Path(world.home, ".condarc")
    before = condarc.read_text()
    condarc.write_text(
        before.replace("channels:\n", f"channels:\n  - file://{directory}/channel\n", 1)
    )
    names = [*KINDS, "in-dependency"]
    world.run(["conda", "install", "-y", "-n", NAME, *(f"{n}=1.0" for n in names)], check=True)
    world.run(["pip", "uninstall", "-y", *names], NAME, check=True)
    for name in names:  # what setuptools' metadata does not list, pip leaves in its place
        assert not found.metadata(name)
    words = ["pip", "install", "--find-links", str(directory), *KINDS, "in-user"]
    world.run(words, NAME, check=True)
    yield found
    condarc.write_text(before)
    world.remove_env(NAME)


def test_it_does_not_go_in_pieces(place: Place) -> None:
    before = {name: place.metadata(name) for name in KINDS}
    for words in (["install", *(f"{name}=2.0" for name in KINDS)], ["update", "--all"]):
        done = place.conda(*words)
        assert done.returncode == 77, done.stderr.decode()
        for name in KINDS:
            assert name in done.stderr.decode().partition("instead:")[0]
    assert {name: place.metadata(name) for name in KINDS} == before
    assert all(map(place.imports, KINDS))


@pytest.mark.parametrize("name", KINDS)
def test_it_goes_whole_by_the_advice(place: Place, name: str) -> None:
    done = place.conda("remove", name)
    assert done.returncode == 77, done.stderr.decode()
    assert place.imports(name)
    line = harness.advice(done)[0].replace("uninstall ", "uninstall -y ", 1)
    done = harness.pasted(place.world, line.replace(" -y -y ", " -y "), NAME)
    assert done.returncode == 0, done.stderr.decode()
    assert (place.metadata(name), place.imports(name)) == ([], False)


def test_what_goes_whole_may_go(place: Place) -> None:
    """As a dependency it has no note of pip's: conda takes all of it, and pip will say so."""
    place.world.run(["pip", "uninstall", "-y", "in-user"], NAME, check=True)
    done = place.conda("remove", "in-dependency")
    assert done.returncode == 0, done.stderr.decode()
    assert (place.metadata("in-dependency"), place.imports("in-dependency")) == ([], False)
