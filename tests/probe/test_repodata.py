"""Names and versions from the repodata caches that conda, mamba and rattler leave behind."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import settings
from safeinstall.model import Channels, Command, Offer
from safeinstall.probe import channels, repodata
from safeinstall.probe.place import conda_installation
from safeinstall.settings import Session

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

FORGE = "https://conda.anaconda.org/conda-forge"
CHANNELS = Channels(names=("conda-forge", "bioconda"))


def channel(
    directory: Path, address: str, *files: str, state: str = ".info.json", key: str = "0a1b2c3d"
) -> Path:
    """A cached repodata file and what is said of it."""
    directory.mkdir(parents=True, exist_ok=True)
    packages: dict[str, Any] = {file: {"fn": file, "depends": ["x-1-2"]} for file in files}
    content = {
        "info": {"subdir": "noarch"},
        "packages": {k: v for k, v in packages.items() if k.endswith("bz2")},
        "packages.conda": {k: v for k, v in packages.items() if k.endswith("conda")},
        "removed": ["gone-1.0-0.tar.bz2"],
    }
    path = directory / f"{key}.json"
    path.write_text(json.dumps(content))
    (directory / f"{key}{state}").write_text(json.dumps({"url": address}))
    return path


def ask(cache: Path, *names: str, channels: Channels = CHANNELS) -> tuple[Offer, ...]:
    return repodata.offers({name: (name,) for name in names}, channels, str(cache), "linux-64")


@pytest.mark.parametrize(
    ("state", "address"),
    [
        (".info.json", f"{FORGE}/linux-64"),  # conda
        (".info.json", f"{FORGE}/linux-64/repodata.json.zst"),  # rattler
        (".state.json", f"{FORGE}/linux-64/repodata.json.zst"),  # mamba
        (".info.json", "https://me:secret@conda.anaconda.org/t/tk-1/conda-forge/linux-64/"),
    ],
)
def test_what_is_there_is_found(tmp_path: Path, state: str, address: str) -> None:
    files = ("numpy-1.26.4-py311h_0.conda", "numpy-2.0.0-py311h_0.conda", "six-1.15.0-0.tar.bz2")
    channel(tmp_path / "pkgs", address, *files, state=state)
    cache = tmp_path / "cache"
    assert ask(cache, "numpy") == ()
    assert repodata.refresh([str(tmp_path / "pkgs")], str(cache)) == 1
    assert ask(cache, "numpy", "six", "gone", "x", "num") == (
        Offer("numpy", "numpy", "conda-forge", ("1.26.4", "2.0.0")),
        Offer("six", "six", "conda-forge", ("1.15.0",)),
    )
    assert b"secret" not in b"".join(f.read_bytes() for f in (cache / "repodata").iterdir())


def test_only_configured_channels_and_this_platform(tmp_path: Path) -> None:
    pkgs = tmp_path / "pkgs"
    channel(pkgs, f"{FORGE}/osx-64", "a-1-0.conda", key="1")
    channel(pkgs, "https://conda.anaconda.org/other/noarch", "b-1-0.conda", key="2")
    channel(pkgs, "https://conda.anaconda.org/bioconda/noarch", "c-1-0.conda", key="3")
    repodata.refresh([str(pkgs)], str(tmp_path / "cache"))
    (offer,) = ask(tmp_path / "cache", "a", "b", "c")
    assert offer == Offer("c", "c", "bioconda", ("1",))
    elsewhere = CHANNELS.replace(
        names=("defaults",), groups=(("defaults", ("https://conda.anaconda.org/other",)),)
    )
    (offer,) = ask(tmp_path / "cache", "b", channels=elsewhere)
    assert offer.channel == "defaults"


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    pkgs, cache = tmp_path / "pkgs", tmp_path / "cache"
    path = channel(pkgs, f"{FORGE}/noarch", "a-1-0.conda")
    assert repodata.refresh([str(pkgs)], str(cache)) == 1
    assert repodata.refresh([str(pkgs)], str(cache)) == 0
    channel(pkgs, f"{FORGE}/noarch", "a-1-0.conda", "bcd-2-0.conda")
    assert repodata.refresh([str(pkgs)], str(cache)) == 1
    assert len(ask(cache, "a", "bcd")) == 2
    path.unlink()
    assert ask(cache, "a") == ()
    repodata.refresh([str(pkgs)], str(cache))
    assert os.listdir(cache / "repodata") == ["places"]


def test_told_to_stop(tmp_path: Path) -> None:
    pkgs, cache = tmp_path / "pkgs", tmp_path / "cache"
    channel(pkgs, f"{FORGE}/noarch", "a-1-0.conda")
    assert repodata.refresh([str(pkgs)], str(cache), stop=lambda: True) == 0
    assert ask(cache, "a") == ()
    assert repodata.refresh([str(pkgs)], str(cache)) == 1


@pytest.mark.parametrize("broken", ["places", "list", "state", "directory"])
def test_what_is_broken_counts_as_nothing(tmp_path: Path, broken: str) -> None:
    pkgs, cache = tmp_path / "pkgs", tmp_path / "cache"
    channel(pkgs, f"{FORGE}/noarch", "a-1-0.conda")
    if broken == "state":
        (pkgs / "0a1b2c3d.info.json").write_text("{")
    if broken == "directory":
        cache.mkdir()
        (cache / "repodata").write_text("")
    repodata.refresh([str(pkgs)], str(cache))
    if broken == "places":
        (cache / "repodata" / "places").write_bytes(b"\x00nonsense")
    if broken == "list":
        for file in (cache / "repodata").iterdir():
            if file.name != "places":
                file.write_bytes(os.urandom(3000))
    assert ask(cache, "a") == ()


names = st.text(alphabet="abc-_.09", min_size=1, max_size=6).filter(lambda n: n.strip("-") == n)


@given(st.sets(names, min_size=1, max_size=30), names)
def test_the_search_finds_exactly_what_is_there(there: set[str], other: str) -> None:
    lines = repodata._lines({name.encode(): {b"1", b"2.0" * 300} for name in there})
    descriptor = os.memfd_create("lines")
    try:
        os.write(descriptor, lines)
        searched = repodata._Lines(descriptor, len(lines))
        for name in there | {other}:
            assert (searched.find(name.encode()) is not None) == (name in there)
    finally:
        os.close(descriptor)


def test_a_lookup_is_quick_and_a_big_file_is_read_in_blocks(tmp_path: Path) -> None:
    files = [f"package{n}-{v}.{n}-py311h0123456_{v}.conda" for n in range(30000) for v in range(5)]
    pkgs, cache = tmp_path / "pkgs", tmp_path / "cache"
    path = channel(pkgs, f"{FORGE}/noarch", *files)
    assert path.stat().st_size > repodata._BLOCK
    repodata.refresh([str(pkgs)], str(cache))
    found = ask(cache, *(f"package{n}" for n in range(0, 30000, 997)))
    assert len(found) == 31
    assert all(len(offer.versions) == 5 for offer in found)
    begin = time.perf_counter()
    for _ in range(100):
        ask(cache, "package17000")
    assert (time.perf_counter() - begin) / 100 < 0.005  # 0.2 ms where nothing else is running


@pytest.mark.real_conda
def test_what_a_real_conda_leaves_behind(world: World, conda_env: str) -> None:
    environ = world.environ(conda_env)
    configuration = settings.read(environ)
    installation = conda_installation(Session(configuration, environ, world.work))
    where = repodata.directories(installation, world.env(conda_env))
    assert repodata.refresh(where, configuration.cache_dir) > 0
    command = Command(("pip",), "pip", verb="install")
    found = channels.effective(command, installation, world.env(conda_env))
    offers = repodata.offers(
        {"torch": ("pytorch",), "numpy": ("numpy",), "cowsay": ("cowsay",)},
        found,
        configuration.cache_dir,
    )
    assert [offer.name for offer in offers] == ["torch", "numpy"]
    assert "1.26.4" in offers[1].versions


def test_what_is_not_read_yet_is_searched(tmp_path: Path) -> None:
    """Where something is offered: on the first day, and where conda has newer lists than we."""
    pkgs, cache = tmp_path / "pkgs", tmp_path / "cache"
    forge = Channels(names=("conda-forge",))

    def versions(*names: str) -> dict[str, list[str]] | None:
        where = [str(pkgs)]
        return repodata.versions(names, forge, str(cache), "linux-64", where)

    channel(pkgs, f"{FORGE}/linux-64", "a-1-0.conda", "a-1-1.conda", "a-b-2-0.conda", key="1")
    assert versions("a") is None  # what is in noarch is not known
    channel(pkgs, f"{FORGE}/noarch", "a-0.9-0.tar.bz2", key="2")
    assert versions("a", "b", "gone") == {"a": ["1", "0.9"], "b": [], "gone": []}
    assert not cache.exists()
    repodata.refresh([str(pkgs)], str(cache))
    assert versions("a", "a-b") == {"a": ["1", "0.9"], "a-b": ["2"]}
    channel(pkgs, f"{FORGE}/noarch", "a-2.0-0.conda", key="2")
    assert versions("a") == {"a": ["1", "2.0"]}


def test_a_key_across_two_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = channel(tmp_path, f"{FORGE}/noarch", *(f"a-{n}-0.conda" for n in range(200)))
    for size in (1024, 1031, 4000):
        monkeypatch.setattr(repodata, "_BLOCK", size)
        assert repodata._searched(str(path), ["a"]) == {"a": [str(n) for n in range(200)]}
