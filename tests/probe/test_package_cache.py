"""Where the unpacked packages of a cache are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.probe import package_cache

if TYPE_CHECKING:
    from pathlib import Path


def test_the_directories_of_mamba_s_channels_come_before_the_cache(tmp_path: Path) -> None:
    """As micromamba 2.8.1 lays them out."""
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "numpy-1.26.4-py311_0/info").mkdir(parents=True)
    (old / "linux-64-tools-1.0-0/noarch").mkdir(parents=True)  # a package, not a channel
    (old / "cache").mkdir()
    channels = [
        new / "https/conda.anaconda.org/conda-forge/linux-64",
        new / "https/conda.anaconda.org/conda-forge/noarch",
        new / "https/host_8080/t/label/x-y-z/osx-arm64",
        new / "file/srv/a-b-c/noarch",
        new / "conda-forge/noarch",
    ]
    for place in channels:
        (place / "six-1.17.0-0/noarch").mkdir(parents=True)
    found = package_cache.directories([str(old), str(new), str(tmp_path / "gone")])
    assert set(found) == {*map(str, channels), str(old), str(new), str(tmp_path / "gone")}
    assert found[0] == str(old)
    assert found[-2:] == [str(new), str(tmp_path / "gone")]
