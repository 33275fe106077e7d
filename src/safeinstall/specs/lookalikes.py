"""Distributions that contain the same modules under different names.

pip compares names, not files, so it writes one over the other without a warning. The table was
made from the wheels on PyPI. A word with a slash is the module: conda has packages with a module
and no metadata, which pip does not see at all.
"""

from __future__ import annotations

from safeinstall.specs.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from safeinstall.model import CondaDistribution

_TABLE = """\
attr/ attr attrs
Bio/ biopython
bs4/ beautifulsoup4
cairo/ pycairo
Crypto/ pycrypto pycryptodome
cupy/ cupy cupy-cuda102 cupy-cuda110 cupy-cuda111 cupy-cuda11x cupy-cuda12x cupy-cuda13x
cv2/ opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless
dateutil/ python-dateutil
dbus/ dbus-python
docx/ docx python-docx
faiss/ faiss faiss-cpu faiss-gpu faiss-gpu-cu11 faiss-gpu-cu12
fitz/ pymupdf
gi/ pygobject
igraph/ igraph python-igraph
jwt/ jwt pyjwt
keras keras-nightly
Levenshtein/ levenshtein
libsbml/ python-libsbml
magic/ file-magic python-magic
msgpack/ msgpack msgpack-python
mxnet mxnet-cu112
netCDF4/ netcdf4
onnxruntime/ onnxruntime onnxruntime-directml onnxruntime-gpu onnxruntime-openvino
openbabel/ openbabel openbabel-wheel
OpenGL/ pyopengl
osgeo/ gdal pygdal
paddlepaddle paddlepaddle-gpu
PIL/ pillow pillow-simd
polars/ polars polars-lts-cpu polars-u64-idx
progressbar progressbar2 progressbar33
psycopg2/ psycopg2 psycopg2-binary
PyQt5/ pyqt5
rdkit/ rdkit rdkit-pypi
serial/ pyserial serial
skimage/ scikit-image
sklearn/ scikit-learn
tensorboard tb-nightly
tensorflow/ tensorflow tensorflow-cpu tensorflow-gpu tensorflow-intel intel-tensorflow tf-nightly
usb/ pyusb
vtkmodules/ vtk
websocket/ websocket websocket-client
wx/ wxpython
xgboost/ xgboost xgboost-cpu
yaml/ pyyaml
zmq/ pyzmq
"""

ROWS = tuple(tuple(line.split()) for line in _TABLE.splitlines())
"""Names, normalized (PEP 503), behind their module. Only one of each row fits in an environment."""

_MODULES = {row[0]: row[1:] for row in ROWS if row[0].endswith("/")}


def names_with(module: str) -> tuple[str, ...]:
    """The distributions with the module, as far as known: else the one with the module's name."""
    return _MODULES.get(f"{module}/") or (normalize(module),)


def with_same_files(names: Collection[str]) -> set[str]:
    """The names, and those of the distributions that have files of these."""
    known = set(names)
    return known.union(*(row for row in ROWS if not known.isdisjoint(row)))


def doubles(
    theirs: Mapping[str, CondaDistribution],
    there: Collection[str],
    modules: Mapping[str, CondaDistribution] | None = None,
) -> dict[str, CondaDistribution]:
    """The distributions that would write over those in ``theirs``, or over ``modules`` of packages
    without metadata, each with the one whose files it has. Without distributions that are installed
    already (``there``).
    """
    found = {name: mine for module, mine in (modules or {}).items() for name in names_with(module)}
    found |= {
        name: theirs[known]
        for row in ROWS
        for known in row
        if known in theirs
        for name in row
        if not name.endswith("/")
    }
    return {n: mine for n, mine in found.items() if n not in theirs and n not in there}
