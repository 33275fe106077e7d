"""Which packages a ``clean`` of each tool would take from under an environment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from safeinstall.argv import Context, parse
from safeinstall.probe import soft_links
from safeinstall.probe.conda import Installation


class Disk:
    """A root prefix with a package cache; the environments are made by the tests."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.root = directory / "root"
        self.cache = self.root / "pkgs"
        (self.root / "conda-meta").mkdir(parents=True)

    def package(self, name: str) -> Path:
        place = self.cache / f"{name}-1-0"
        (place / "lib").mkdir(parents=True, exist_ok=True)
        (place / "lib" / name).write_text(name)
        return place

    def env(self, prefix: Path, name: str, how: str) -> str:
        """An environment with one file of the package: linked, hard-linked or copied."""
        source, target = self.package(name) / "lib" / name, prefix / "lib" / name
        for directory in (target.parent, prefix / "conda-meta"):
            directory.mkdir(parents=True, exist_ok=True)
        if how == "soft":
            target.symlink_to(source)
        elif how == "hard":
            target.hardlink_to(source)
        else:
            target.touch()
        (prefix / "conda-meta" / f"{name}-1-0.json").write_text(f'{{"files": ["lib/{name}"]}}')
        return str(prefix)

    def at_stake(self, line: str, executable: str = "/bin/nothing") -> dict[str, tuple[str, ...]]:
        command = parse(line.split(), Context({}, "/", lambda _: None, {}))
        home = str(self.directory)
        return soft_links.at_stake(
            command, executable, Installation(str(self.root), {}, home, "/", home)
        )


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.mark.parametrize("how", ["hard", "copy"])
def test_hard_links_and_copies_are_safe(disk: Disk, how: str) -> None:
    disk.env(disk.root / "envs" / "work", "zlib", how)
    for line in ("conda clean -p", "conda clean -f", "micromamba clean -a"):
        assert disk.at_stake(line) == {}


def test_conda_sees_hard_links_only(disk: Disk) -> None:
    work = disk.env(disk.root / "envs" / "work", "zlib", "soft")
    disk.env(disk.root / "envs" / "work", "xz", "soft")
    assert disk.at_stake("conda clean -p") == {work: ("xz-1-0", "zlib-1-0")}
    disk.env(disk.root / "envs" / "other", "zlib", "hard")
    assert disk.at_stake("conda clean -p") == {work: ("xz-1-0",)}
    assert disk.at_stake("conda clean -f") == {work: ("xz-1-0", "zlib-1-0")}


def test_mamba_sees_what_is_in_its_own_envs(disk: Disk) -> None:
    work = disk.env(disk.root / "envs" / "work", "zlib", "soft")
    far = disk.env(disk.directory / "far", "xz", "soft")
    listed = disk.directory / ".conda" / "environments.txt"
    listed.parent.mkdir()
    listed.write_text(f"{far}\n/gone\n\n")
    for line in ("micromamba clean -p", "mamba clean -a"):
        assert disk.at_stake(line) == {far: ("xz-1-0",)}
    assert disk.at_stake("micromamba clean -f") == {work: ("zlib-1-0",), far: ("xz-1-0",)}


def test_the_cache_may_have_its_packages_by_channel(disk: Disk) -> None:
    disk.cache = disk.root / "pkgs" / "https" / "conda.anaconda.org" / "conda-forge" / "noarch"
    work = disk.env(disk.root / "envs" / "work", "zlib", "soft")
    far = disk.env(disk.directory / "far", "xz", "soft")
    disk.env(disk.root / "envs" / "work", "bz2", "hard")
    (disk.directory / ".conda").mkdir()
    (disk.directory / ".conda" / "environments.txt").write_text(f"{far}\n")
    assert disk.at_stake("micromamba clean -p") == {far: ("xz-1-0",)}
    assert disk.at_stake("micromamba clean -f") == {work: ("zlib-1-0",), far: ("xz-1-0",)}


def test_damage(disk: Disk) -> None:
    """What is lost already, or cannot be read, is nobody's business here."""
    prefix = disk.root / "envs" / "work"
    disk.env(prefix, "zlib", "soft")
    shutil.rmtree(disk.cache / "zlib-1-0")
    for content in ("", "[]", '{"files": [', '{"files": ["\\u0000", "../x", 3]}'):
        (prefix / "conda-meta" / "bad-1-0.json").write_text(content)
        assert disk.at_stake("conda clean -f") == {}
