"""SI202 and SI203 before pip starts: what the words alone give away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.model import CondaDistribution, Package
from safeinstall.rules import pip_over_conda, pip_removes_conda
from safeinstall.rules.shared import conda_owned
from safeinstall.rules.shared.pip_conflicts import Objection
from safeinstall.sandbox.wheels import write_project
from tests.rails import railway
from tests.rules.facts import facts_of, packages

if TYPE_CHECKING:
    from safeinstall.model import Finding
    from safeinstall.sandbox.world import World


@pytest.fixture(scope="module")
def mixed(world: World) -> Iterator[str]:
    """An environment of conda's, with one package of pip's; no test changes it."""
    name = f"words{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.21.6", "pytorch", "ffmpeg")
    world.run(["pip", "install", "cowsay"], name, check=True)
    yield name
    world.remove_env(name)


HARM = {
    "numpy==1.26.4": "numpy 1.21.6: numpy==1.26.4 asks for another version",
    "numpy==1.21.*,>1.21.6": "asks for another version",
    "NumPy<1.20": "numpy<1.20 asks for another version",
    "-U numpy>=1.24 cowsay": "numpy>=1.24 asks for another version",
    "--force-reinstall numpy": "--force-reinstall would write pip's files over it",
    "-I numpy": "--ignore-installed would write pip's files over it",
    "--no-deps -I torch": "torch 2.0.1 (conda's pytorch 2.0.1): --ignore-installed",
    "./numpy-1.22.0-py3-none-any.whl": "would take its place",
    "--force-reinstall ./numpy-1.21.6-py3-none-any.whl": "would take its place",
    "numpy@git+https://git.example/numpy": "would take its place",
    "-e git+https://git.example/numpy#egg=numpy": "-e git+https://git.example/numpy#egg=numpy",
    "https://files.example/numpy-1.21.6.tar.gz#egg=numpy": "would take its place",
    "./numpy-1.21.6.tar.gz": "would take its place",
}
NO_HARM = (
    "numpy",
    "numpy==1.21.6",
    "numpy>=1.20,<1.22",
    "numpy[extra]~=1.21.0",
    "./numpy-1.21.6-py3-none-any.whl",  # pip says that this is there already
    "numpy>=1.24;python_version<'3.0'",
    "cowsay==99",
    "-I cowsay",
    "--force-reinstall ffmpeg",  # conda's ffmpeg is no Python distribution
    "pytorch==9",  # nor is torch's name on PyPI pytorch
    "-t /tmp/elsewhere numpy==1.26.4",
    "--user numpy==1.26.4",
    "numpy===strange",
)


@pytest.mark.parametrize("arguments", HARM)
def test_harm(world: World, mixed: str, arguments: str) -> None:
    found = pip_over_conda.look(railway.meet(world, mixed, ["pip", "install", *arguments.split()]))
    assert found is not None
    assert (found.rule, found.level) == ("SI202", "block")
    assert HARM[arguments] in found.evidence[0]
    assert found.packages in (("numpy",), ("torch",))
    if "pip's files over it" in found.evidence[0]:
        assert found.fixes[0].startswith(f"conda install -n {mixed} --force-reinstall ")
    else:  # pip has been here: not into this one
        assert found.fixes[0].startswith("conda create -n ")


@pytest.mark.parametrize("arguments", NO_HARM)
def test_no_harm(world: World, mixed: str, arguments: str) -> None:
    words = ["pip", "install", *arguments.split()]
    assert pip_over_conda.look(railway.meet(world, mixed, words)) is None


@pytest.mark.parametrize(
    ("wanted", "replaced"),
    [
        ("numpy==1.26+cu118", False),
        ("numpy==1.26.0+CU118", False),
        ("numpy===1.26.0+CU118", False),
        ("numpy==1.26", False),
        ("numpy!=1.26+cu117", False),
        ("./numpy-1.26+cu118-py3-none-any.whl", False),
        ("numpy==1.26+cu117", True),
        ("numpy===1.26+cu118", True),  # PEP 440: another text
        ("numpy!=1.26+cu118", True),
        ("./numpy-1.26-py3-none-any.whl", True),
    ],
)
def test_a_local_version_has_several_spellings(wanted: str, replaced: bool) -> None:
    rows = packages("conda numpy 1.26.0+cu118")
    there = CondaDistribution("numpy", "1.26.0+cu118", rows.packages[0])
    met = facts_of(f"pip install {wanted}", inventory=rows.replace(conda_distributions=(there,)))
    assert (pip_over_conda.look(met) is not None) == replaced


def test_an_upgrade_is_told_as_what_it_is(world: World, mixed: str) -> None:
    words = ["pip", "install", "-U", "numpy", "torch", "cowsay"]
    found = pip_over_conda.look(railway.meet(world, mixed, words))
    assert found is not None
    assert found.level == "warn"
    assert found.packages == ("numpy", "torch")
    assert found.fixes == (f"conda update -n {mixed} numpy pytorch",)


@pytest.mark.parametrize("name", ["pip", "setuptools", "wheel"])
def test_what_is_upgraded_by_habit_is_not(name: str) -> None:
    theirs = Package(name, "24.0", "conda")
    there = packages(f"conda {name} 24.0", "conda six 1.16.0").replace(
        conda_distributions=(
            CondaDistribution(name, "24.0", theirs),
            CondaDistribution("six", "1.16.0", theirs),
        )
    )
    line = f"pip install --upgrade {name}"
    assert pip_over_conda.look(facts_of(line, inventory=there)) is None
    found = pip_over_conda.look(facts_of(f"{line} six", inventory=there))
    assert found is not None
    assert (found.level, found.packages) == ("warn", ("six",))


@pytest.mark.parametrize("kind", ["pyproject", "poetry", "setup.cfg", "setup.py", "PKG-INFO"])
@pytest.mark.parametrize("option", [[], ["-e"]])
def test_a_local_project_that_shadows(
    world: World, mixed: str, tmp_path: Path, kind: str, option: list[str]
) -> None:
    texts = {
        "pyproject": ("pyproject.toml", '[project]\nname = "NumPy"\n'),
        "poetry": ("pyproject.toml", '[tool.poetry]\nname = "numpy"\n'),
        "setup.cfg": ("setup.cfg", "[options]\nname = x\n[metadata]\nname = numpy\n"),
        "setup.py": ("setup.py", "from s import setup\nfull_name='x'\nsetup(name='numpy')\n"),
        "PKG-INFO": ("PKG-INFO", "Metadata-Version: 2.1\nName: numpy\n"),
    }
    file, text = texts[kind]
    (tmp_path / file).write_text(text)
    for place in (str(tmp_path), f"{tmp_path}[extra]", f"file://{tmp_path}"):
        words = ["pip", "install", *option, place]
        found = pip_over_conda.look(railway.meet(world, mixed, words))
        assert found is not None, place
        assert "would take its place" in found.evidence[0]


def test_another_project_is_nobodys_business(world: World, mixed: str, tmp_path: Path) -> None:
    write_project(str(tmp_path), "thing", "1.0", ("numpy",))
    for place in (str(tmp_path), str(tmp_path / "missing"), "."):
        words = ["pip", "install", "-e", place]
        assert pip_over_conda.look(railway.meet(world, mixed, words)) is None


def test_requirements_files_say_where(world: World, mixed: str, tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_text("cowsay\nnumpy==1.26.4\n")
    found = pip_over_conda.look(railway.meet(world, mixed, ["pip", "install", "-r", str(file)]))
    assert found is not None
    assert found.evidence[0].endswith(f"({file}:2)")


def test_uninstalling(world: World, mixed: str, tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_text("numpy\n")
    for words, gone in (
        (["pip", "uninstall", "-y", "numpy"], ("numpy",)),
        (["pip", "uninstall", "cowsay", "torch", "NumPy"], ("torch", "numpy")),
        (["pip", "uninstall", "-yr", str(file)], ("numpy",)),
    ):
        found = pip_removes_conda.look(railway.meet(world, mixed, words))
        assert found is not None
        assert (found.rule, found.level, found.packages) == ("SI203", "block", gone)
        assert found.fixes[0].startswith(f"conda remove -n {mixed} numpy")
    mixed_list = pip_removes_conda.look(
        railway.meet(world, mixed, ["pip", "uninstall", "cowsay", "torch"])
    )
    assert mixed_list is not None
    assert mixed_list.fixes[1].endswith("-m pip uninstall cowsay")
    for harmless in ("cowsay", "ffmpeg", "pytorch", "no-such-thing"):
        words = ["pip", "uninstall", "-y", harmless]
        assert pip_removes_conda.look(railway.meet(world, mixed, words)) is None


def test_what_conda_is_asked_for(world: World, mixed: str) -> None:
    found = railway.meet(world, mixed, ["pip", "install", "x"])
    numpy = conda_owned.owned(found)["numpy"]
    assert conda_owned.conda_spec(numpy, "<2.0.0,>=1.24") == "numpy>=1.24,<2.0.0"
    assert conda_owned.conda_spec(numpy, "===1.2") == "numpy"
    assert conda_owned.conda_spec(numpy, "==1.2+local") == "numpy"
    assert conda_owned.conda_spec(conda_owned.owned(found)["torch"], "~=2.1") == "pytorch~=2.1"


def test_uv_takes_away(world: World, mixed: str, tmp_path: Path) -> None:
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    path = {"PATH": f"{uv.parent}:{world.environ(mixed)['PATH']}"}
    here = ["--python", f"{world.env(mixed)}/bin/python"]
    file = tmp_path / "r.txt"
    file.write_text("cowsay\nnumpy\n")

    def look(*words: str) -> Finding | None:
        found = railway.meet(world, mixed, ["uv", "pip", *words, *here], path)
        return pip_removes_conda.look(found)

    for words, gone in (
        (["uninstall", "numpy", "cowsay"], ("numpy",)),
        (["sync", str(file)], ("pip", "torch", "typing-extensions")),
        (["install", "--exact", "cowsay", "torch"], ("numpy", "pip", "typing-extensions")),
    ):
        found = look(*words)
        assert found is not None
        assert (found.level, found.packages) == ("block", gone)
    assert look("uninstall", "cowsay") is None
    assert look("install", "cowsay") is None
    assert look("sync", str(file), "--target", str(tmp_path / "t")) is None


def test_what_has_to_stay_is_not_asked_of_conda_once_more() -> None:
    """conda's scipy is there, and would be the same after ``conda install scipy``."""
    rows = ("conda scipy 1.11.4", "pip numpy 1.26.4")
    met = facts_of("pip install albumentations", *rows)
    scipy = met.inventory.packages[0]
    there = CondaDistribution("scipy", "1.11.4", scipy, "/nowhere/scipy-1.11.4.dist-info")
    objection = Objection(there, needs="numpy<1.28", stays=True)
    finding = pip_over_conda.stopped(met, [objection])
    (fix,) = finding.fixes
    new, then = fix.split(" && ")
    assert new == "conda create -n nlp-new python=3.11 pip"
    assert then == "conda run -n nlp-new python -m pip install albumentations scipy"
    by_a_file = facts_of("conda env update -f e.yml", *rows, files={"e.yml": "dependencies: []"})
    assert pip_over_conda.stopped(by_a_file, [objection]).fixes == ()
