"""The court's own channel and wheels: what the sandbox has, and packages that meet in other ways.

Rows read ``name version module [more …] : requirement, …``. What ``more`` may be:
``+PATH=TEXT``, another file in site-packages, its content by name; ``!PATH``, a file of the prefix;
``=BUILD``, the beginning of conda's build string; ``>SCRIPT``, a command in ``bin``.
A module of ``-`` is none: a native program. ``~name``: no Python metadata at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from safeinstall.sandbox.archive import File, Package, write, write_repodata
from safeinstall.sandbox.channel import Store
from safeinstall.sandbox.distribution import Distribution
from safeinstall.sandbox.interpreter import Interpreter, find_interpreters
from safeinstall.sandbox.packages import python_range, shared_library
from safeinstall.sandbox.platforms import subdir

CONDA = """
~rdkit 2023.9.6 rdkit : numpy
~vtk 9.2.6 vtkmodules
~faiss 1.7.4 faiss : numpy
~py-gridlib 3.1.0 gridlib
azure-core 1.29.5 azure/core +azure/__init__.py=pkgutil
zope.interface 6.1 zope/interface +zope/__init__.py=pkg_resources
sphinxcontrib-jsmath 1.0.1 sphinxcontrib/jsmath +sphinxcontrib/__init__.py=code
backports.tempfile 1.0 backports/tempfile +backports/__init__.py=pkgutil
graphviz 9.0.0 - !bin/dot
snappy 1.1.10 -
leveldb 1.23 -
ninja 1.11.1 - !bin/ninja
cmake 3.27.8 - !bin/cmake
jaxlib 0.4.23 jaxlib =cuda120 : numpy
jaxlib 0.4.25 jaxlib =cpu_ : numpy
jax 0.4.23 jax : jaxlib >=0.4.23,<0.4.25
jax 0.4.25 jax : jaxlib >=0.4.25
lightgbm 4.1.0 lightgbm =cuda118 : numpy
lightgbm 4.3.0 lightgbm =cpu_ : numpy
darts 0.27.0 darts : lightgbm >=4.0,<4.2
darts 0.28.0 darts : lightgbm >=4.2
"""

WHEELS = """
rdkit-pypi 2022.9.5 rdkit : numpy
molvs 0.1.1 molvs : rdkit-pypi>=2022.9
vtk 9.3.0 vtkmodules
pyvista 0.43.0 pyvista : vtk>=9.0
faiss-cpu 1.8.0 faiss : numpy
sentence-index 1.0.0 sentence_index : faiss-cpu>=1.7
gridlib-wheel 3.2.0 gridlib
gridplot 0.5.0 gridplot : gridlib-wheel>=3.0
azure-storage-blob 12.19.0 azure/storage +azure/__init__.py=pkgutil : azure-core>=1.28
azure-nspkg 3.0.2 azure/nspkg +azure/__init__.py=code
azure-core 1.30.0 azure/core +azure/__init__.py=pkgutil
zope.event 5.0 zope/event +zope/__init__.py=pkg_resources
zope.all 1.0 zope/all +zope/__init__.py=code
sphinxcontrib-mermaid 0.9.2 sphinxcontrib/mermaid +sphinxcontrib/__init__.py=code
sphinxcontrib-plain 0.2.0 sphinxcontrib/plain +sphinxcontrib/__init__.py=other
backports.weakref 1.0 backports/weakref +backports/__init__.py=pkgutil
backports.shadow 2.0 backports/shadow +backports/__init__.py=code
graphviz 0.20.3 graphviz
diagrams 0.23.4 diagrams : graphviz>=0.13
snappy 3.1.0 snappy
leveldb 0.201 leveldb
ninja 1.11.1.1 ninja >ninja
cmake 3.28.1 cmake >cmake
jaxlib 0.4.26 jaxlib
lightgbm 4.5.0 lightgbm
"""

_TEXTS = {
    "pkgutil": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
    "pkg_resources": "__import__('pkg_resources').declare_namespace(__name__)\n",
    "code": "VERSION = 1\n\n\ndef registry():\n    return []\n",
    "other": "VERSION = 2\n",
}
NAMESPACES = frozenset(
    hashlib.sha256(_TEXTS[name].encode()).hexdigest() for name in ("pkgutil", "pkg_resources")
)
"""The sums of files that only say that a directory is open to others: nobody misses them."""

_ON_GPU = "_cuda.so"
MOVED = "python-freethreading"
_SCHEME = """
for _scheme in _INSTALL_SCHEMES.values():
    for _key in ("purelib", "platlib"):
        _scheme[_key] = _scheme[_key].replace(
            "{py_version_short}/site-packages", "{py_version_short}t/site-packages")
"""
_CUSTOMIZE = """\
import os, site, sys, sysconfig
_place = sysconfig.get_path("purelib")
_usual = _place.replace("t/site-packages", "/site-packages")
sys.path[:] = [path for path in sys.path if path != _usual]
site.addsitedir(_place)
"""


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    name: str
    version: str
    module: str
    more: tuple[str, ...]
    requires: tuple[str, ...]

    def marked(self, mark: str) -> list[str]:
        """What ``more`` has with this mark."""
        return [item[1:] for item in self.more if item[0] == mark]


def rows(table: str) -> Iterator[Row]:
    """The lines of a table."""
    for line in filter(None, table.splitlines()):
        head, _, tail = line.partition(" : ")
        name, version, module, *more = head.split()
        yield Row(name, version, module, tuple(more), tuple(tail.split(", ")) if tail else ())


def open_court_store(usual: Store, directory: str) -> Store:
    """A store below ``directory``: what the usual one has, by links, and the packages above."""
    store = Store(directory)
    os.makedirs(usual.packages, exist_ok=True)
    for name in ("pkgs", "transformers", "channels/pytorch", "wheels", "channels/conda-forge"):
        source, place = os.path.join(usual.root, name), os.path.join(directory, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if name in ("wheels", "channels/conda-forge"):
            shutil.copytree(source, place, copy_function=os.symlink)
        else:
            os.symlink(source, place)
    _fill_wheels(store.wheels)
    _fill_channel(os.path.join(store.channels, "conda-forge"))
    return store


# ---- pip's -------------------------------------------------------------------------------------


def _fill_wheels(directory: str) -> None:
    for row in rows(WHEELS):
        name, data = _distribution(row, row.requires).wheel()
        with open(os.path.join(directory, name), "wb") as file:
            file.write(data)


def _distribution(row: Row, requires: tuple[str, ...], native: bool = False) -> Distribution:
    extra = dict(_more_files(row))
    if native:
        extra[f"{row.module}/_native.so"] = shared_library()
    if row.marked("=") and "cuda" in row.marked("=")[0]:
        extra[f"{row.module}/{_ON_GPU}"] = shared_library()
    scripts = tuple(f"{name} = {row.module}:main" for name in row.marked(">"))
    code = "\n\ndef main():\n    print(__version__)\n" if scripts else ""
    return Distribution(
        row.name, row.version, row.module, requires, code=code, extra=extra, scripts=scripts
    )


def _more_files(row: Row) -> Iterator[tuple[str, bytes]]:
    for item in row.marked("+"):
        path, _, text = item.partition("=")
        yield path, _TEXTS[text].encode()


# ---- conda's -----------------------------------------------------------------------------------


def _fill_channel(directory: str) -> None:
    interpreters = find_interpreters()
    for row in rows(CONDA):
        for package in _packages(row, [interpreter.minor for interpreter in interpreters]):
            write(package, subdir(), directory)
    _patch(directory, interpreters[0])
    for package in _moved(directory, interpreters[0]):
        write(package, subdir(), directory)
        if package.name == "python":
            _say_where(directory, package)
    write_repodata(directory, ("noarch", subdir()))


def _packages(row: Row, pythons: list[str]) -> Iterator[Package]:
    name = row.name.lstrip("~")
    if row.module == "-":
        files = {f"lib/lib{name}.so.{row.version}": File(shared_library())}
        for path in row.marked("!"):
            files[path] = File(f"#!/bin/sh\necho {name} {row.version}\n".encode(), executable=True)
        yield Package(name, row.version, "h0_0", files=files)
    elif row.marked("+") or not (row.marked("=") or row.name[0] == "~"):
        content = _content(row)
        yield Package(
            name,
            row.version,
            "pyhd8ed1ab_0",
            depends=("python >=3.8", *row.requires),
            noarch="python",
            files={f"site-packages/{path}": File(data) for path, data in content.items()},
        )
    else:
        for python in pythons:
            content = _content(row, native=True)
            place = f"lib/python{python}/site-packages"
            yield Package(
                name,
                row.version,
                f"{''.join(row.marked('='))}py{python.replace('.', '')}_0",
                depends=(python_range(python), *row.requires),
                files={f"{place}/{path}": File(data) for path, data in content.items()},
            )


def _content(row: Row, native: bool = False) -> dict[str, bytes]:
    requires = tuple(re.sub(r" ", "", item) for item in row.requires)
    files = _distribution(row, requires, native).files(installer="conda")
    bare = row.name[0] == "~"
    return {path: data for path, data in files.items() if not (bare and ".dist-info/" in path)}


# ---- a Python whose site-packages is elsewhere ---------------------------------------------------


def _patch(directory: str, interpreter: Interpreter) -> None:
    """What is compiled for the usual build of Python is not for the other one."""
    usual = python_range(interpreter.minor)
    for name in os.listdir(os.path.join(directory, subdir())):
        path = os.path.join(directory, subdir(), name)
        if not name.endswith(".conda.json"):
            continue
        with open(path) as file:
            entry = json.load(file)
        if usual in entry["depends"]:
            entry["depends"] = [f"{d} *_cpython" if d == usual else d for d in entry["depends"]]
            entry["build_number"] += 1  # the solver prefers it
            _rewrite(path, entry)


def _rewrite(path: str, entry: dict[str, object]) -> None:
    os.unlink(path)  # it may be a link to what all worlds share
    with open(path, "w") as file:
        json.dump(entry, file)


def _moved(directory: str, interpreter: Interpreter) -> Iterator[Package]:
    """``python`` with packages in ``lib/python3.Xt``, as the free-threading builds have them; its
    pip; and the package by which it is asked for."""
    minor = interpreter.minor
    library, build = f"lib/python{minor}", f"cp{minor.replace('.', '')}t"
    files = _unpacked(directory, f"python-{interpreter.version}-h0_0_cpython")
    files = {path: file for path, file in files.items() if "/__pycache__/sysconfig." not in path}
    scheme = files[f"{library}/sysconfig.py"]
    files[f"{library}/sysconfig.py"] = replace(scheme, data=scheme.data + _SCHEME.encode())
    files[f"{library}/sitecustomize.py"] = File(_CUSTOMIZE.encode())
    files.pop(f"{library}/site-packages/README.txt", None)
    files[f"{library}t/site-packages/README.txt"] = File(b"Installed packages live here.\n")
    yield Package("python", interpreter.version, f"h0_0_{build}", files=files)
    wanted = f"python {minor}.* *_{build}"
    stem = next(
        name.removesuffix(".conda")
        for name in os.listdir(os.path.join(directory, subdir()))
        if name.startswith("pip-") and name.endswith(f"py{minor.replace('.', '')}_0.conda")
    )
    pip = {
        path.replace(f"{library}/", f"{library}t/"): file
        for path, file in _unpacked(directory, stem).items()
    }
    yield Package("pip", stem.split("-")[1], f"{build}_0", depends=(wanted,), files=pip)
    yield Package(MOVED, minor, "0", depends=(wanted,), noarch="generic")


def _say_where(directory: str, python: Package) -> None:
    path = os.path.join(directory, subdir(), f"{python.stem}.conda.json")
    with open(path) as file:
        entry = json.load(file)
    place = next(path for path in python.files if path.endswith("t/site-packages/README.txt"))
    _rewrite(path, entry | {"python_site_packages_path": os.path.dirname(place)})


def _unpacked(directory: str, stem: str) -> dict[str, File]:
    from rattler.package_streaming import extract

    with tempfile.TemporaryDirectory() as place:
        extract(Path(directory, subdir(), f"{stem}.conda"), Path(place))
        with open(os.path.join(place, "info", "paths.json")) as file:
            entries = json.load(file)["paths"]
        return {entry["_path"]: _read(place, entry) for entry in entries}


def _read(place: str, entry: dict[str, str]) -> File:
    path = os.path.join(place, entry["_path"])
    if entry["path_type"] == "softlink":
        return File(b"", link=os.readlink(path))
    with open(path, "rb") as file:
        data = file.read()
    return File(data, os.access(path, os.X_OK), shared="no_link" not in entry)
