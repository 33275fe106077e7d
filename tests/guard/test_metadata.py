"""What pip's and conda's packages require, however it is written: real pips, a real solver."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.distribution import Distribution, record
from tests import harness
from tests.court import files

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

BLANKS = (
    "License: BSD 3-Clause\n        Copyright (c) 2008\n        \n        All rights reserved.\n"
)
LONG = BLANKS + "        Redistribution and use in source and binary forms is permitted.\n" * 1000


class Odd(Distribution):
    """With a license in front of what it requires."""

    def files(self, installer: str = "") -> dict[str, bytes]:
        """As the distribution's."""
        files = super().files(installer)
        name = f"{self.stem}.dist-info/METADATA"
        files[name] = with_license(files[name].decode()).encode()
        own = f"{self.stem}.dist-info/RECORD"
        del files[own]
        return {**files, own: record(files, own)}


def with_license(metadata: str) -> str:
    head, _, requires = metadata.partition("Requires-Dist")
    return f"{head}{LONG}Requires-Dist{requires}\n\nDescribed at length.\n"


def wheel(directory: Path, name: str, version: str, *requires: str) -> None:
    made = Odd(name, version, module=name, requires=requires)
    file, data = made.wheel()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        metadata = opened.read(f"{made.stem}.dist-info/METADATA")
    assert metadata.index(b"Requires-Dist") > 1 << 16
    (directory / file).write_bytes(data)


def written_in_place(file: Path, text: str) -> None:
    """The file anew, and the directory as if nothing had come or gone in it."""
    before = os.stat(file.parent)
    file.unlink()  # conda's are hard links
    file.write_text(text)
    os.utime(file.parent, ns=(before.st_atime_ns, before.st_mtime_ns))


def metadata_of(world: World, env: str, name: str) -> Path:
    (found,) = Path(world.env(env)).glob(f"lib/python*/site-packages/{name}-*.dist-info/METADATA")
    return found


def refused(world: World, env: str, words: list[str]) -> harness.Completed:
    """Stopped, and by ``check`` as well; nothing has changed."""
    before = files.tree(world.env(env))
    done = harness.run(world, words, env)
    assert done.returncode == 77, done.stderr.decode()
    answer = harness.check(world, words, env)
    assert (answer["status"], answer["verdict"]) == (77, "block")
    assert files.tree(world.env(env)) == before
    return done


@pytest.fixture
def pips(world: World, conda_env: str, tmp_path: Path) -> str:
    """conda's numpy, and pip's pandas and scipy that need it."""
    wheel(tmp_path, "pandas", "9.2", "numpy<2,>=1.23")
    wheel(tmp_path, "scipy", "9.11", "numpy<1.28.0,>=1.21.6")
    world.run(["conda", "install", "-y", "numpy=1.26.4", "tqdm"], conda_env, check=True)
    find = ["--no-index", "--find-links", str(tmp_path)]
    world.run(["pip", "install", *find, "pandas", "scipy"], conda_env, check=True)
    return conda_env


def test_a_license_hides_nothing_from_conda(world: World, pips: str) -> None:
    done = refused(world, pips, ["conda", "remove", "-y", "numpy"])
    assert b"pandas needs numpy<2,>=1.23, scipy needs numpy<1.28.0,>=1.21.6" in done.stderr
    (way,) = harness.advice(done)
    done = harness.pasted(world, way, pips)
    assert done.returncode == 0, done.stderr.decode()
    assert world.run(["python", "-c", "import pandas"], pips).returncode == 1


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_what_cannot_be_read_is_named(world: World, pips: str, tmp_path: Path, damage: str) -> None:
    """It may need what goes; where nothing goes, no more is said than is known."""
    metadata = metadata_of(world, pips, "pandas")
    if damage == "cut":
        metadata.write_text(metadata.read_text()[:9000])  # within the license
    else:  # pip does not see it any more, and it works as before
        metadata.unlink()
        metadata = metadata.parent
    done = harness.run(world, ["conda", "install", "-y", "six"], pips)
    assert done.returncode == 0, done.stderr.decode()
    said = done.stderr.decode()
    assert f"none of these breaks. What pandas needs cannot be read in {metadata}" in said
    done = refused(world, pips, ["conda", "remove", "-y", "tqdm"])
    said = done.stderr.decode()
    assert "conda may break what pip owns" in said
    assert "pandas may need it" in said
    assert str(metadata) in said
    readable = harness.advice(done)[0]
    find = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    done = harness.pasted(world, readable, pips, environ=find)
    assert done.returncode == 0, done.stderr.decode()
    assert harness.run(world, ["conda", "remove", "-y", "tqdm"], pips).returncode == 0
    assert b"pandas needs numpy" in refused(world, pips, ["conda", "remove", "-y", "numpy"]).stderr


@pytest.fixture
def over(world: World, conda_env: str) -> str:
    """conda's pandas, and pip's numpy in the place of the one that conda brought for it."""
    world.run(["conda", "install", "-y", "numpy=1.26.4", "pandas=2.1.4"], conda_env, check=True)
    world.run(["pip", "install", "numpy==1.24.4"], conda_env, check=True)
    return conda_env


@pytest.mark.parametrize("damage", ["license", "zeros", "gone"])
def test_what_condas_need_is_not_taken_away(world: World, over: str, damage: str) -> None:
    metadata = metadata_of(world, over, "pandas")
    text = metadata.read_text()
    damaged = {"license": with_license(text), "zeros": "\0" * len(text), "gone": "Name"}[damage]
    written_in_place(metadata, damaged)
    done = refused(world, over, ["pip", "uninstall", "-y", "numpy"])
    if damage == "license":
        assert b"conda's pandas needs numpy>=1.23,<2" in done.stderr
    else:
        said = f"conda's pandas may need numpy>=1.23,<2: {metadata} cannot be read"
        assert said in done.stderr.decode()
    back = harness.advice(done)[0]
    yes = back.replace(" uninstall ", " uninstall -y ").replace(" install ", " install -y ")
    done = harness.pasted(world, yes, over)
    assert done.returncode == 0, done.stderr.decode()
    code = "import numpy, pandas; print(numpy.__version__)"
    assert world.run(["python", "-c", code], over).stdout == b"1.26.4\n"


def test_where_not_even_the_record_can_be_read_anything_may_be_needed(
    world: World, over: str
) -> None:
    written_in_place(metadata_of(world, over, "pandas"), "")
    (entry,) = Path(world.env(over), "conda-meta").glob("pandas-*.json")
    text = entry.read_text().replace('"depends"', '"deponds"')
    written_in_place(entry, text)
    done = harness.run(world, ["pip", "uninstall", "-y", "numpy"], over)
    assert done.returncode == 77, done.stderr.decode()
    assert b"conda's pandas may need numpy" in done.stderr
