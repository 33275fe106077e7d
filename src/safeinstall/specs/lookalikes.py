"""Distributions that contain the same modules under different names.

pip compares names, not files, so it writes one over the other without a warning. The table was
made from the wheels on PyPI.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from safeinstall.model import CondaDistribution

_TABLE = """\
attr attrs
cupy cupy-cuda102 cupy-cuda110 cupy-cuda111 cupy-cuda11x cupy-cuda12x cupy-cuda13x
docx python-docx
faiss faiss-cpu faiss-gpu faiss-gpu-cu11 faiss-gpu-cu12
file-magic python-magic
jwt pyjwt
keras keras-nightly
msgpack msgpack-python
mxnet mxnet-cu112
onnxruntime onnxruntime-directml onnxruntime-gpu onnxruntime-openvino
opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless
paddlepaddle paddlepaddle-gpu
pillow pillow-simd
polars polars-lts-cpu polars-u64-idx
progressbar progressbar2 progressbar33
psycopg2 psycopg2-binary
pycrypto pycryptodome
pyserial serial
tensorboard tb-nightly
tensorflow tensorflow-cpu tensorflow-gpu tensorflow-intel intel-tensorflow tf-nightly
websocket websocket-client
xgboost xgboost-cpu
"""

ROWS = tuple(tuple(line.split()) for line in _TABLE.splitlines())
"""Names, normalized (PEP 503). Only one distribution of each row fits into an environment."""


def doubles(
    theirs: Mapping[str, CondaDistribution], there: Collection[str]
) -> dict[str, CondaDistribution]:
    """The distributions that would write over those in ``theirs``, each with the one whose files it
    has. Without distributions that are installed already (``there``).
    """
    return {
        name: theirs[known]
        for row in ROWS
        for known in row
        if known in theirs
        for name in row
        if name not in theirs and name not in there
    }
