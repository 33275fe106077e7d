"""What was put into base by hand, told from files as installers and conda write them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import safeinstall
from safeinstall.probe import by_hand, inventory
from safeinstall.probe.environment import describe

HEADER = "==> 2026-11-22 18:21:0{number} <==\n# cmd: {command}\n"
INSTALLER = {
    "python": [],
    "pip": ["python"],
    "requests": ["python", "urllib3"],
    "urllib3": ["python"],
    "conda": ["python", "requests"],
    "numpy": ["python"],  # as Anaconda's brings it
}
LATER = {
    "jupyterlab": ["python", "requests", "tornado"],
    "tornado": ["python"],
    "conda-build": ["python", "conda", "patch"],
    "patch": [],
    "frozendict": ["python"],
}


def added(*names: str) -> str:
    return "".join(f"+conda-forge/noarch::{name}-1.0-0\n" for name in names)


def base(
    place: Path, *sections: tuple[str, str], depends: dict[str, list[str]] | None = None
) -> Path:
    meta = place / "conda-meta"
    meta.mkdir(parents=True)
    (place / "lib/python3.11/site-packages").mkdir(parents=True)
    every = {**INSTALLER, **LATER} if depends is None else depends
    for name, needs in every.items():
        version, build = ("3.11.7", "h1_cpython") if name == "python" else ("1.0", "0")
        listed = [f"lib/python3.11/site-packages/{name}-1.0.dist-info/METADATA"]
        record = {"name": name, "version": version, "build": build, "depends": needs}
        record["files"] = [] if name == "python" else listed
        (meta / f"{name}-{version}-{build}.json").write_text(json.dumps(record))
        if name != "python":
            distribution(place, name, *needs, installer="conda")
    text = [HEADER.format(number=n, command=c) + body for n, (c, body) in enumerate(sections)]
    (meta / "history").write_text("".join(text))
    return place


def distribution(place: Path, name: str, *requires: str, installer: str = "pip") -> None:
    info = place / f"lib/python3.11/site-packages/{name}-1.0.dist-info"
    info.mkdir()
    lines = [f"Requires-Dist: {needed}" for needed in requires if needed != "python"]
    text = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *lines])
    (info / "METADATA").write_text(text + "\n")
    (info / "INSTALLER").write_text(f"{installer}\n")
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n{info.name}/RECORD,,\n")


def read(place: Path) -> by_hand.ByHand:
    environment = describe(str(place), str(place))
    assert environment.base
    return by_hand.read(environment, inventory.scan(environment))


MADE = ("constructor --output-dir .", added(*INSTALLER) + "# update specs: ['conda', 'numpy']\n")
EXPLICIT = (
    "/opt/conda/_conda install --offline --file /opt/conda/pkgs/env.txt -yp /opt/conda",
    "# update specs: ['conda-forge/noarch::numpy==1.0=0', 'conda-forge/noarch::conda==1.0=0']\n",
)
WANTED = ("conda install -n base jupyterlab", "# update specs: ['jupyterlab>=1']\n")
TOOLS = ("conda install -n base conda-build", "# update specs: ['conda-build']\n")
ITSELF = ("conda update -n base conda", added("frozendict") + "# update specs: ['conda']\n")


def test_what_was_asked_for_since_conda_was_installed(tmp_path: Path) -> None:
    found = read(base(tmp_path, MADE, EXPLICIT, WANTED, TOOLS, ITSELF))
    assert found.asked == {"jupyterlab": "jupyterlab>=1"}
    assert found.conda == ("jupyterlab",)


def test_what_the_installer_brought_and_somebody_asked_for_stays(tmp_path: Path) -> None:
    more = ("conda install -n base numpy requests", "# update specs: ['numpy', 'requests']\n")
    found = read(base(tmp_path, MADE, WANTED, more))
    assert set(found.asked) == {"jupyterlab", "numpy", "requests"}
    assert found.conda == ("jupyterlab",)


def test_a_list_of_the_installer_counts_before_the_history(tmp_path: Path) -> None:
    place = base(tmp_path, MADE, WANTED)
    address = "https://conda.anaconda.org/conda-forge/noarch/jupyterlab-1.0-0.conda"
    (place / "conda-meta/initial-state.explicit.txt").write_text(f"@EXPLICIT\n{address}\n")
    assert read(place).conda == ()


@pytest.mark.parametrize("text", ["", "@EXPLICIT\nno address\n"])
def test_nothing_was(tmp_path: Path, text: str) -> None:
    place = base(tmp_path, MADE, EXPLICIT, ITSELF, depends=INSTALLER)
    (place / "conda-meta/initial-state.explicit.txt").write_text(text)
    assert read(place) == by_hand.ByHand()


def test_without_a_history_it_is_what_nothing_needs(tmp_path: Path) -> None:
    place = base(tmp_path)
    assert set(read(place).conda) == {"jupyterlab", "numpy", "frozendict"}


def test_what_pip_has_put_there(tmp_path: Path) -> None:
    """But what conda needs, or what lies over conda's, or is pip itself."""
    depends = {**INSTALLER, "urllib3": ["python"]}
    place = base(tmp_path, MADE, depends=depends)
    site = place / "lib/python3.11/site-packages"
    for path in (site / "urllib3-1.0.dist-info").iterdir():
        path.unlink()
    (site / "urllib3-1.0.dist-info").rmdir()
    for name, *needs in (
        ("torch", "numpy", "sympy", "urllib3"),
        ("sympy",),
        ("urllib3x",),
        ("setuptools",),
        ("conda-lock", "conda", "ruamel"),
        ("ruamel",),
    ):
        distribution(place, name, *needs)
    assert [p.name for p in read(place).pip] == ["sympy", "torch", "urllib3x"]


def test_a_conda_that_pip_has_installed(tmp_path: Path) -> None:
    place = base(tmp_path, depends={"python": [], "pip": ["python"]})
    for name, *needs in (("conda", "requests"), ("requests",), ("cowsay", "requests")):
        distribution(place, name, *needs)
    assert [p.name for p in read(place).pip] == ["cowsay"]


def test_it_finds_the_libraries_that_it_needs(tmp_path: Path) -> None:
    """The guard starts without site-packages."""
    place = base(tmp_path, MADE, depends=INSTALLER)
    distribution(place, "torch", "numpy>=1; python_version > '3'")
    source = os.path.dirname(os.path.dirname(safeinstall.__file__))
    code = (
        f"import sys; sys.path.insert(0, {source!r})\n"
        "from safeinstall.probe import by_hand, inventory\n"
        "from safeinstall.probe.environment import describe\n"
        f"base = describe({str(place)!r}, {str(place)!r})\n"
        "print(by_hand.read(base, inventory.scan(base)).removable)\n"
    )
    words = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == "('torch',)\n"
