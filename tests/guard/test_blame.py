"""What pip cannot have anyway is not blamed on conda's packages, and conda is not asked for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.distribution import Distribution
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

BACKEND = """
import zipfile
def build_wheel(directory, settings=None, metadata=None):
    name, info = "six-99.0-py3-none-any.whl", "six-99.0.dist-info"
    with zipfile.ZipFile(directory + "/" + name, "w") as wheel:
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: six\\nVersion: 99.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "/RECORD", "")
    return name
"""
PYPROJECT = "[build-system]\nrequires = []\nbuild-backend = 'b'\nbackend-path = ['.']\n"
EXTRA = "Provides-Extra: {0}\nRequires-Dist: {1}; extra == '{0}'\n"
EXTRAS = {
    ("six", "more"): "no-such-thing",
    ("requests", "more"): "cowsay>=99",
    ("requests", "socks"): "PySocks!=1.5.7,>=1.5.6",
    ("idna", "more"): "no-such-thing<2,>=1",
}


@pytest.fixture(scope="module")
def env(world: World) -> Iterator[str]:
    """conda's six and requests, with extras that need what no index has, or not in this version."""
    name = f"blame{os.getpid()}"
    world.create_env(name, "python", "pip", "six", "requests", "idna")
    for (package, extra), requirement in EXTRAS.items():
        (path,) = Path(world.env(name)).glob(f"lib/python*/site-packages/{package}-*/METADATA")
        head = path.read_text().rstrip().partition("\n\n")[0]
        path.unlink()  # it may be a link into the package cache
        path.write_text(f"{head}\n{EXTRA.format(extra, requirement)}")
    yield name
    world.remove_env(name)


@pytest.mark.parametrize(("package", "extra"), EXTRAS)
def test_an_extra_that_no_index_can_meet(
    world: World, env: str, tmp_path: Path, package: str, extra: str
) -> None:
    for wheel in Path(world.wheels).glob("cowsay-*"):  # the others would do without the extra
        (tmp_path / wheel.name).symlink_to(wheel)
    words = ["pip", "install", f"{package}[{extra}]"]
    environ = {"PIP_FIND_LINKS": str(tmp_path)}
    guarded = harness.run(world, words, env, environ=environ)
    assert world.run(words, env, environ=environ).returncode == guarded.returncode == 1
    assert b"safeinstall" not in guarded.stderr, guarded.stderr.decode()


def test_an_extra_that_the_index_has_in_a_bad_version_only(
    world: World, env: str, tmp_path: Path
) -> None:
    """And it is not blamed on conda's requests either once the right one is there."""
    words = ["pip", "install", "requests[socks]"]
    environ = {"PIP_FIND_LINKS": str(tmp_path)}
    for version, status in (("1.5.7", 1), ("1.7.1", 0)):
        name, data = Distribution("PySocks", version, "socks", flat=True).wheel()
        (tmp_path / name).write_bytes(data)
        done = harness.run(world, words, env, environ=environ)
        assert done.returncode == status, done.stderr.decode()
        assert b"safeinstall" not in done.stderr, done.stderr.decode()
    world.run(["pip", "uninstall", "-y", "PySocks"], env, check=True)


def test_requests_that_exclude_each_other(world: World, tmp_path: Path) -> None:
    """pip would refuse them anywhere. Where it would only have to replace conda's, it is blamed."""
    name = f"excluding{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=2.0")
    (tmp_path / "c.txt").write_text("numpy>=2\n")
    (tmp_path / "r.txt").write_text("pandas==2.1.4\nnumpy>1.99\n")
    constrained = ["-c", f"{tmp_path}/c.txt"]
    for words in (
        ["pandas==2.1.4", *constrained],
        ["pandas", *constrained],
        ["pandas[performance]", "numpy>=2"],
        ["-r", f"{tmp_path}/r.txt"],
    ):
        done = harness.run(world, ["pip", "install", *words], name)
        assert done.returncode == 1, done.stderr.decode()
        assert b"safeinstall" not in done.stderr, done.stderr.decode()
    for words in (["pandas"], ["pandas", "numpy"], ["pandas[performance]", "numpy>=1.26"]):
        done = harness.run(world, ["pip", "install", *words], name)
        assert done.returncode == 77, done.stderr.decode()
        assert b"numpy 2.0.2 would have become 1.26.4" in done.stderr
    world.remove_env(name)


def project(directory: Path) -> str:
    """A source of six 99.0."""
    directory.mkdir(exist_ok=True)
    (directory / "pyproject.toml").write_text(PYPROJECT)
    (directory / "b.py").write_text(BACKEND)
    return str(directory)


def repository(directory: Path) -> str:
    """The same in git."""
    git = ["git", "-C", project(directory), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True)
    return f"git+file://{directory}"


@pytest.mark.parametrize("form", ["path", "file", "vcs", "vcs egg", "vcs named", "requirements"])
def test_what_comes_from_a_source_is_not_asked_of_conda(
    world: World, env: str, tmp_path: Path, form: str
) -> None:
    """Its name and version may be known only to pip; no channel has the like."""
    source = tmp_path / "source"
    address = repository(source) if "vcs" in form else project(source)
    (tmp_path / "r.txt").write_text(f"{source}\n")
    words = {
        "file": [f"file://{source}"],
        "vcs egg": [f"{address}#egg=six"],
        "vcs named": [f"six @ {address}"],
        "requirements": ["-r", str(tmp_path / "r.txt")],
    }.get(form, [address])
    done = harness.run(world, ["pip", "install", *words], env)
    assert done.returncode == 77, done.stderr.decode()
    for line in harness.advice(done):
        assert line.startswith(f"conda create -n {env}-new python="), line
        assert "six=" not in line
        assert "'six==" not in line
