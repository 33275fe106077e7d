"""What the operations ask for: the names and versions that the court's world has."""

from __future__ import annotations

from dataclasses import dataclass

from safeinstall.sandbox.packages import CONDA_FORGE, PYTORCH, WHEELS
from tests.court import store


def _versions(*tables: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in filter(None, "".join(tables).splitlines()):
        name, version = line.lstrip("*!&~").split()[:2]
        found.setdefault(name, {})[version] = None
    return {name: tuple(versions) for name, versions in found.items()}


CONDA = {
    name: versions
    for name, versions in _versions(CONDA_FORGE, PYTORCH).items()
    if name not in ("conda", "libtorch", "typing-extensions")
}
PIP = _versions(WHEELS)
EVERYTHING = (_versions(CONDA_FORGE, PYTORCH, store.CONDA), _versions(WHEELS, store.WHEELS))
"""conda's and pip's, with what only the families below ask for."""

CONDA_NAMES = {
    "torch": "pytorch",
    "opencv-python": "opencv",
    "typing-extensions": "typing_extensions",
}
"""What conda calls a distribution, where that differs."""

POPULAR = (
    "numpy", "numpy", "numpy", "scipy", "pandas", "scikit-learn", "requests", "urllib3", "tqdm",
    "typing-extensions", "typing-extensions", "six", "packaging", "torch", "tensorflow", "h5py",
    "opencv-python", "albumentations", "joblib", "transformers", "accelerate",
)  # fmt: skip
"""What is asked for more often than the rest, and meets itself on the other side."""

STARTS = (
    ("numpy",),
    ("numpy=1.23", "scipy"),
    ("numpy=1.26", "pandas"),
    ("scikit-learn", "requests"),
    ("pytorch", "torchvision", "cudatoolkit=11.8"),
    ("pytorch", "requests=2.28"),
    ("tensorflow",),
    ("jupyterlab",),
    ("typing_extensions=4.5", "six=1.15", "tqdm"),
    ("opencv", "pyyaml"),
    ("cudatoolkit=11.8", "numpy"),
    ("requests", "packaging", "filelock"),
    (),
)
"""What the environments start with, beside Python and pip."""

PROJECTS = {
    "mytool": ("mytool", "0.1", ("numpy>=1.21", "requests")),
    "modern": ("modern", "2.0", ("numpy>=2",)),
    "lonely": ("lonely", "1.0", ()),
    "six": ("six", "9.9", ()),
    "tqdm": ("tqdm", "9.9", ()),
}
"""Local projects: directory, and what they are: name, version, requirements."""


@dataclass(frozen=True)
class Family:
    """Packages of both tools that have to do with each other."""

    conda: tuple[str, ...]  # the environment starts with the first, most likely
    pip: tuple[str, ...]


THEMES = {
    "no metadata": (
        Family(("rdkit",), ("rdkit-pypi", "molvs", "molvs")),
        Family(("vtk",), ("vtk", "pyvista", "pyvista")),
        Family(("faiss",), ("faiss-cpu", "sentence-index")),
        Family(("py-gridlib",), ("gridlib-wheel", "gridplot")),
    ),
    "shared files": (
        Family(("azure-core",), ("azure-storage-blob", "azure-nspkg", "azure-core")),
        Family(("zope.interface",), ("zope.event", "zope.event", "zope.all")),
        Family(("sphinxcontrib-jsmath",), ("sphinxcontrib-mermaid", "sphinxcontrib-plain")),
        Family(("backports.tempfile",), ("backports.weakref", "backports.shadow")),
    ),
    "false friends": (
        Family(("graphviz",), ("graphviz", "diagrams")),
        Family(("snappy",), ("snappy",)),
        Family(("leveldb",), ("leveldb",)),
    ),
    "same command": (
        Family(("ninja",), ("ninja",)),
        Family(("cmake",), ("cmake",)),
    ),
    "variants": (
        Family(("jax=0.4.23", "jax"), ("jaxlib", "einops")),
        Family(("darts=0.27.0", "darts"), ("lightgbm", "einops")),
    ),
    "moved site-packages": (
        Family(("six", store.MOVED), ("cowsay", "einops", "idna")),
        Family(("tqdm", store.MOVED), ("six", "certifi")),
    ),
}
"""How packages of the two tools meet, beyond having one name."""

SETTINGS = (
    {"PIP_USER": "1"},
    {"PIP_USER": "yes", "PIP_NO_WARN_SCRIPT_LOCATION": "1"},
    {"PIP_TARGET": "{outside}/target"},
    {"PIP_CONFIG_FILE": "{work}/user.conf"},
    {"PIP_CONFIG_FILE": "{work}/target.conf"},
)
"""A user's settings that send packages elsewhere."""

SETTINGS_FILES = {
    "user.conf": "[install]\nuser = true\n",
    "target.conf": "[install]\ntarget = [[outside]]/target\n",
}

INDEX_LINES = ("--pre", "--find-links [[wheels]]", "--no-index", "--prefer-binary")
"""Options that a list of requirements may have."""

ALONE = ("six", "numpy", "tqdm", "certifi", "idna", "packaging", "typing-extensions", "filelock")
"""What needs nothing else: it can be asked for with hashes, or by the address of its file."""

_SITE = "cd {{prefix}}/lib/python3*/site-packages && "
_DIRECTORY = "{stem}-[0-9]*.dist-info"
DAMAGES = (
    f"{_SITE}rm -rf {_DIRECTORY}",
    f"{_SITE}rm -f {_DIRECTORY}/RECORD",
    f"{_SITE}rm -f {_DIRECTORY}/METADATA",
    f"{_SITE}truncate -s 45 {_DIRECTORY}/METADATA",
    f"{_SITE}truncate -s 45 {_DIRECTORY}/RECORD",
    f"{_SITE}find {_DIRECTORY} -type f ! -name REQUESTED -delete; touch {_DIRECTORY}/REQUESTED",
    "rm -f {{prefix}}/conda-meta/{package}-[0-9]*.json",
    "{{python}} {{work}}/forget_files.py {{prefix}}/conda-meta/{package}-[0-9]*.json",
)
"""What happens to environments: commands of a shell."""

FORGET_FILES = """\
import json, sys

for path in sys.argv[1:]:
    with open(path) as file:
        record = json.load(file)
    record["files"] = record["paths_data"]["paths"] = []
    with open(path, "w") as file:
        json.dump(record, file)
"""


def conda_name(name: str) -> str:
    """A distribution's name as conda has it."""
    return CONDA_NAMES.get(name, name)


def pip_name(name: str) -> str:
    """A conda package's name as pip has it."""
    return next((pip for pip, conda in CONDA_NAMES.items() if conda == name), name)
