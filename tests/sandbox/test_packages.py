"""Packages and wheels made on the spot are what the tools take them for."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.sandbox import SandboxError, archive, channel
from safeinstall.sandbox.archive import PLACEHOLDER, File, Package
from safeinstall.sandbox.distribution import Distribution
from safeinstall.sandbox.interpreter import describe
from safeinstall.sandbox.packages import CONDA_FORGE, conda_packages, module_of, wheels
from safeinstall.sandbox.wheels import write_project
from safeinstall.sandbox.world import World

TINY = Package(
    name="tiny",
    version="1.0",
    files={
        "share/tiny": File(b"data"),
        "bin/tiny": File(f"#!{PLACEHOLDER}/bin/python\n".encode(), executable=True),
        "share/link": File(b"", link="tiny"),
    },
)


@given(st.binary(max_size=300) | st.integers(0, 500_000).map(lambda size: b"x" * size))
def test_any_bytes_survive_the_zstandard_frame(data: bytes) -> None:
    frame = archive._zstandard(data)
    assert zstandard.ZstdDecompressor().stream_reader(frame).read() == data


@pytest.mark.parametrize("old_format", [True, False])
def test_rattler_unpacks_both_formats(tmp_path: Path, old_format: bool) -> None:
    rattler = pytest.importorskip("rattler")
    streaming = pytest.importorskip("rattler.package_streaming")
    archive.write(TINY, "linux-64", str(tmp_path), old_format)
    archive.write_repodata(str(tmp_path), ["linux-64", "noarch"])
    repodata = json.loads((tmp_path / "linux-64" / "repodata.json").read_text())
    ((name, record),) = {**repodata["packages"], **repodata["packages.conda"]}.items()
    packed = tmp_path / "linux-64" / name
    assert record["sha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert record["size"] == packed.stat().st_size
    streaming.extract(packed, tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked"
    assert (unpacked / "share" / "link").read_bytes() == b"data"
    assert os.access(unpacked / "bin" / "tiny", os.X_OK)
    paths = rattler.PathsJson.from_package_directory(unpacked).paths
    assert {str(entry.relative_path) for entry in paths} == set(TINY.files)


def test_a_channel_of_ones_own(fresh_world: World, tmp_path: Path) -> None:
    channel.write_channel(str(tmp_path / "own"), [TINY])
    fresh_world.create_env("own", "tiny", channel=str(tmp_path / "own"))
    prefix = fresh_world.env("own")
    with open(os.path.join(prefix, "bin", "tiny")) as file:
        assert file.read() == f"#!{prefix}/bin/python\n"


@pytest.mark.parametrize("made", list(wheels()), ids=lambda made: made.stem)
def test_every_wheel_has_a_true_record(made: Distribution) -> None:
    name, data = made.wheel()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        (record,) = [path for path in opened.namelist() if path.endswith(".dist-info/RECORD")]
        listed = {line.split(",")[0] for line in opened.read(record).decode().splitlines()}
        assert listed == set(opened.namelist())
    assert name == f"{made.stem}-py3-none-any.whl"


def test_dependencies_in_the_tables_can_be_met() -> None:
    packages = list(conda_packages(CONDA_FORGE, ("3.11",)))
    names = {package.name for package in packages} | {"python", "pip"}
    for package in packages:
        assert {item.split()[0] for item in package.depends} <= names, package.name


def test_a_module_refuses_what_it_was_not_made_for(tmp_path: Path) -> None:
    base = Distribution("base", "1.5.0", "base")
    top = Distribution("top", "1.0", "top", needs=(("base", ">=2.0,<3"),))
    for made in (base, top):
        for path, data in made.files().items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", "import top"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "top 1.0 was built for base >=2.0, but base 1.5.0 is installed" in done.stderr


def test_modules_have_the_names_people_import() -> None:
    assert [module_of(name) for name in ("scikit-learn", "pytorch", "typing-extensions")] == [
        "sklearn",
        "torch",
        "typing_extensions",
    ]


def test_a_project_can_be_installed_editable(world: World, conda_env: str, tmp_path: Path) -> None:
    write_project(str(tmp_path), "mine", "0.1", ("six",))
    world.run(["pip", "install", "-q", "-e", str(tmp_path)], active=conda_env, check=True)
    code = "import mine, six; print(mine.__file__)"
    said = world.run(["python", "-c", code], active=conda_env, check=True).stdout.decode()
    assert said.strip() == str(tmp_path / "src" / "mine" / "__init__.py")


def test_what_is_no_interpreter_is_told_apart() -> None:
    assert describe("/nowhere/python") is None
    assert describe("/bin/sh") is None


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(channel.CACHE, str(tmp_path / "file" / "below"))
    with pytest.raises(SandboxError, match=channel.CACHE):
        channel.open_store()
    monkeypatch.delenv(channel.CACHE)
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert channel._cache_directory() == str(tmp_path / f"safeinstall-sandbox-{os.getuid()}")


@pytest.mark.slow
def test_the_store_is_built_once_by_whoever_comes_first(tmp_path: Path) -> None:
    code = (
        "from safeinstall.sandbox import channel\n"
        "build = channel._build\n"
        "channel._build = lambda *args: (print('built'), build(*args))\n"
        "print(channel.open_store().root)\n"
    )
    environ = os.environ | {channel.CACHE: str(tmp_path)}
    command = [sys.executable, "-c", code]
    started = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate()[0].decode().split() for process in started]
    assert sorted(len(words) for words in said) == [1, 2]
    assert len({words[-1] for words in said}) == 1


def test_an_index_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    channel.write_channel(str(tmp_path / "usual"), [Package("tool", "1")])
    usual = tmp_path / "usual" / "noarch" / "repodata.json"
    before = usual.read_bytes()
    (tmp_path / "own" / "noarch").mkdir(parents=True)
    (tmp_path / "own" / "noarch" / "repodata.json").symlink_to(usual)
    channel.write_channel(str(tmp_path / "own"), [Package("other", "1")])
    assert usual.read_bytes() == before
