"""What the operations ask for: the names and versions that the throw-away world has."""

from __future__ import annotations

from safeinstall.sandbox.packages import CONDA_FORGE, PYTORCH, WHEELS


def _versions(*tables: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in filter(None, "".join(tables).splitlines()):
        name, version = line.lstrip("*!&").split()[:2]
        found.setdefault(name, {})[version] = None
    return {name: tuple(versions) for name, versions in found.items()}


CONDA = {
    name: versions
    for name, versions in _versions(CONDA_FORGE, PYTORCH).items()
    if name not in ("conda", "libtorch", "typing-extensions")
}
PIP = _versions(WHEELS)

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


def conda_name(name: str) -> str:
    """A distribution's name as conda has it."""
    return CONDA_NAMES.get(name, name)


def pip_name(name: str) -> str:
    """A conda package's name as pip has it."""
    return next((pip for pip, conda in CONDA_NAMES.items() if conda == name), name)
