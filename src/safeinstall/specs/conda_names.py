"""The conda names of distributions on PyPI, if they differ; names that mean something else to conda
than on PyPI; and the distributions to install by conda rather than by pip. Data.

A row of ``_TABLE`` has the PyPI name, then the conda names: that of conda-forge first, then those
of other channels. The first name that a channel has is used. A conda name that differs only by
``_`` for ``-`` needs no row.
"""

from __future__ import annotations

_TABLE = """
annoy python-annoy
antlr4-python3-runtime antlr-python-runtime
apache-airflow airflow
backports-zoneinfo backports.zoneinfo
beautifulsoup4 beautifulsoup4 bs4
blosc python-blosc
blosc2 python-blosc2
brotli brotli-python
bs4 beautifulsoup4
build python-build build
chess python-chess
clang python-clang
confluent-kafka python-confluent-kafka
crfsuite python-crfsuite
cudf-cu12 cudf
cugraph-cu12 cugraph
cuml-cu12 cuml
cupy-cuda11x cupy
cupy-cuda12x cupy
cupy-cuda13x cupy
dask-cudf-cu12 dask-cudf
discord-py discord.py
docker docker-py
duckdb python-duckdb duckdb
eccodes python-eccodes
eccodeslib eccodes
etcd3 python-etcd3
faiss faiss-cpu faiss
faiss-cpu faiss-cpu faiss
faiss-gpu faiss-gpu faiss
fastjsonschema python-fastjsonschema
fasttext-wheel fasttext
flatbuffers python-flatbuffers
graphviz python-graphviz
h3 h3-py
hnswlib hnswlib python-hnswlib
igraph python-igraph
intel-tensorflow tensorflow
isal python-isal
jaraco-classes jaraco.classes
jaraco-context jaraco.context
jaraco-functools jaraco.functools
jaraco-text jaraco.text
jq pyjq jq.py
kaleido python-kaleido
kerberos pykerberos
levenshtein python-levenshtein levenshtein
libclang python-clang
libsass python-libsass libsass
lief py-lief
louvain python-louvain louvain
lz4 lz4 python-lz4
matplotlib matplotlib-base matplotlib
msgpack msgpack-python
mujoco mujoco-python mujoco
neo4j neo4j-python-driver
nodejs-bin nodejs
nvidia-cublas-cu12 libcublas
nvidia-cuda-runtime-cu11 cudatoolkit
nvidia-cuda-runtime-cu12 cuda-cudart
nvidia-cudnn-cu11 cudnn
nvidia-cudnn-cu12 cudnn
nvidia-cufft-cu12 libcufft
nvidia-curand-cu12 libcurand
nvidia-cusolver-cu12 libcusolver
nvidia-cusparse-cu12 libcusparse
nvidia-dali-cuda120 nvidia-dali-python
nvidia-nccl-cu12 nccl
onnxruntime-gpu onnxruntime
opencv-contrib-python opencv py-opencv
opencv-contrib-python-headless opencv py-opencv
opencv-python opencv py-opencv
opencv-python-headless opencv py-opencv
ortools ortools-python
osmium pyosmium
psycopg-binary psycopg-c psycopg
psycopg2-binary psycopg2
pyaudio pyaudio python-pyaudio
pyct pyct-core
pylibraft-cu12 pylibraft
pyqt5 pyqt
pyqt5-qt5 pyqt
pyqt6 pyqt
pyqt6-qt6 pyqt
pyside6-addons pyside6
pyside6-essentials pyside6
qdldl qdldl-python
qt-py qt.py
quantlib quantlib-python
ray ray-default ray-core
rdkit-pypi rdkit
redis redis-py
rmm-cu12 rmm
ruamel-yaml ruamel.yaml
ruamel-yaml-clib ruamel.yaml.clib
ruamel-yaml-jinja2 ruamel.yaml.jinja2
sentencepiece sentencepiece python-sentencepiece
skimage scikit-image
sklearn scikit-learn
soundfile pysoundfile
symengine python-symengine
tables pytables
tensorflow-cpu tensorflow-cpu tensorflow
tensorflow-gpu tensorflow-gpu tensorflow
tensorflow-intel tensorflow
tensorflow-macos tensorflow
tiledb tiledb-py
torch pytorch
torch-cluster pytorch_cluster
torch-geometric pytorch_geometric
torch-scatter pytorch_scatter
torch-sparse pytorch_sparse
torch-spline-conv pytorch_spline_conv
tree-sitter tree-sitter py-tree-sitter
tzdata python-tzdata
ucx-py-cu12 ucx-py
xgboost py-xgboost xgboost
xgboost-cpu py-xgboost-cpu
xxhash python-xxhash
zmq pyzmq
zope-event zope.event
zope-interface zope.interface
zstd python-zstd
"""

_COMPILED = """
blis catboost cudf cuml cupy cupy-cuda11x cupy-cuda12x cupy-cuda13x cvxopt cvxpy cython cytoolz
dlib duckdb ecos eccodes faiss faiss-cpu faiss-gpu fiona gdal geopandas gmpy2 grpcio gym h5py
horovod igraph imagecodecs jax jaxlib kaldi keras levenshtein lightgbm llvmlite lxml matplotlib
mkl mpi4py mxnet netcdf4 numba numexpr numpy onnx onnxruntime opencv-contrib-python
opencv-contrib-python-headless opencv-python opencv-python-headless openmm ortools osqp pandas
petsc4py pillow polars prophet psycopg2 psycopg2-binary pyarrow pybullet pycocotools pycuda pyfftw
pygraphviz pymc pyopencl pyproj pyqt5 pyqt6 pyside2 pyside6 pysam pystan pytables pytensor pytorch
pytorch3d pywavelets rasterio rdkit rdkit-pypi ray rtree scikit-image scikit-learn scikit-sparse
scipy scs sentencepiece shapely simpleitk slepc4py soundfile spacy statsmodels tables tensorflow
tensorflow-cpu tensorflow-gpu tensorrt thinc tiledb tokenizers torch torch-cluster torch-geometric
torch-scatter torch-sparse torchaudio torchtext torchvision triton ucx-py vtk wxpython xarray
xformers xgboost
"""

COMPILED = frozenset(_COMPILED.split())
"""Compiled, numeric and GPU packages by their PyPI names: two builds of these do not mix."""

_NAMES = {pip: tuple(conda) for pip, *conda in map(str.split, _TABLE.strip().splitlines())}


def conda_names(name: str) -> tuple[str, ...]:
    """The possible conda names of a distribution (its name normalized), likeliest first."""
    if name in FALSE_FRIENDS and name not in _NAMES:
        return (f"python-{name}",)
    return _NAMES.get(name) or (name, name.replace("-", "_"))


# Programs, C libraries and languages: the distribution with this name on PyPI is something else.
_OTHER_THINGS = """
aria2 bazel bison boost bwa bzip2 cairo cgal curl dbus deno ffmpeg fftw flex fmt fontconfig
freetype gap geos ghostscript git glib gmp gnuplot go graphicsmagick gtk harfbuzz hdf5 hmmer icu
imagemagick jansson jpeg julia lame leveldb libsodium libxml2 llvm lmdb lua mafft make mpfr muscle
mysql nasm nginx nodejs octave openssl pandoc parallel pari perl poppler postgresql proj qt
rapidjson re2 readline redis rocksdb ruby rust samtools snappy sox spdlog sqlite star tesseract tk
tmux ucx vim wget x264 xz yarn zeromq zlib
"""

FALSE_FRIENDS = frozenset(_OTHER_THINGS.split()) | {
    name for name, conda in _NAMES.items() if not {name, name.replace("-", "_")} & {*conda}
}
"""Names that do not mean the same to conda and on PyPI: conda's ``graphviz`` is a C program."""

# The distribution in a conda package, if its name differs.
_PIP_NAMES = {
    "msgpack-python": "msgpack",
    "opencv": "opencv-python",
    "py-opencv": "opencv-python",
    "pytables": "tables",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "tensorflow-base": "tensorflow",
}

PRIVATE_COPIES = {"ruamel_yaml": "ruamel.yaml"}
"""Copies that conda once made for its own use, by conda package, each with the package of the true
one. pip takes the name of such a copy for the true one, whose modules it does not have.
"""


def pip_name(conda: str) -> str:
    """The distribution in a conda package: a guess, for where the package's files are not known.

    ``""`` where there is none, as the package with this name is no Python package.
    """
    if conda in _PIP_NAMES:
        return _PIP_NAMES[conda]
    if conda in FALSE_FRIENDS or conda in PRIVATE_COPIES:
        return ""
    if conda.startswith(("python-", "py-")) or conda.endswith(("-python", "-py")):
        known = [pip for pip, names in _NAMES.items() if names[0] == conda]
        return known[0] if len(known) == 1 else conda
    return conda
