"""Tables of GPU stacks and CUDA runtimes, and functions that find the CUDA version in a name.

The names are those on PyPI (NVIDIA's CUDA wheels among them), on conda-forge and in Anaconda's
channels. A CUDA is identified by its major version: packages for the same major version can share
their libraries, packages for different ones cannot.
"""

from __future__ import annotations

PIP_STACKS = {
    "torch": "torch",
    "pytorch": "torch",
    "tensorflow": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-intel": "tensorflow",
    "tf-nightly": "tensorflow",
    "intel-tensorflow": "tensorflow",
    "jax": "jax",
    "jaxlib": "jax",
    "jax-cuda11-plugin": "jax",
    "jax-cuda12-plugin": "jax",
    "jax-cuda13-plugin": "jax",
    "jax-cuda12-pjrt": "jax",
    "jax-cuda13-pjrt": "jax",
    "cupy": "cupy",
    "cupy-cuda102": "cupy",
    "cupy-cuda110": "cupy",
    "cupy-cuda111": "cupy",
    "cupy-cuda11x": "cupy",
    "cupy-cuda12x": "cupy",
    "cupy-cuda13x": "cupy",
    "paddlepaddle": "paddle",
    "paddlepaddle-gpu": "paddle",
    "mxnet": "mxnet",
    "mxnet-cu112": "mxnet",
}
"""The stack of each PyPI distribution that is a build of one."""

CONDA_STACKS = {
    "pytorch": "torch",
    "pytorch-gpu": "torch",
    "pytorch-cpu": "torch",
    "libtorch": "torch",
    "tensorflow": "tensorflow",
    "tensorflow-base": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-mkl": "tensorflow",
    "jax": "jax",
    "jaxlib": "jax",
    "cupy": "cupy",
    "cupy-core": "cupy",
    "paddlepaddle": "paddle",
    "paddlepaddle-gpu": "paddle",
    "mxnet": "mxnet",
}
"""The stack of each conda package that is a build of one."""

CPU_ONLY = frozenset(
    ("pytorch-cpu", "tensorflow-cpu", "tensorflow-mkl", "tensorflow-intel", "intel-tensorflow")
)
"""Names of builds without GPU support. The conda package ``cpuonly`` applies to a whole command."""

CONDA_RUNTIMES = frozenset(
    (
        "cudatoolkit",
        "cuda-version",
        "pytorch-cuda",
        "cuda-cudart",
        "cuda-runtime",
        "cuda-toolkit",
        "cuda",
        "cuda-libraries",
        "cuda-nvrtc",
    )
)
"""conda packages whose version is the version of CUDA."""

PIP_RUNTIMES = frozenset(("nvidia-cuda-runtime", "nvidia-cuda-nvrtc", "cuda-toolkit"))
"""Distributions on PyPI whose version is the version of CUDA: since CUDA 13 their names have no
number.
"""

_NUMBERED = (11, 12)  # CUDA versions with a number in the wheels' names; 13 and later have none
_LIBRARIES = (
    *("cublas", "cuda-cupti", "cuda-nvrtc", "cuda-runtime", "cudnn", "cufft", "cufile", "curand"),
    *("cusolver", "cusparse", "cusparselt", "nccl", "nvjitlink", "nvshmem", "nvtx"),
)
CUDA_WHEELS = tuple(f"nvidia-{name}-cu{major}" for name in _LIBRARIES for major in _NUMBERED)
"""The wheels on PyPI with the libraries of one CUDA version, required by GPU stacks."""
NEWEST_NUMBERED = max(_NUMBERED)

# The CUDA that the wheels on PyPI require (Linux), up to and including the release in each row;
# later releases require one of MODERN.
PYPI_CUDA: dict[str, tuple[tuple[tuple[int, int], frozenset[int]], ...]] = {
    "torch": (
        ((1, 13), frozenset((10, 11))),  # up to 1.13
        ((2, 0), frozenset((11,))),
        ((2, 8), frozenset((12,))),
    ),
    "tensorflow": (((2, 14), frozenset((11,))), ((2, 20), frozenset((12,)))),
}
MODERN = frozenset((12, 13))
ALWAYS_GPU = frozenset(("torch", "paddlepaddle-gpu"))  # require CUDA without an extra
GPU_EXTRAS = ("and-cuda", "cuda")  # "tensorflow[and-cuda]", "jax[cuda12]"


_NAMES = frozenset((*PIP_STACKS, *CONDA_STACKS, *CONDA_RUNTIMES, *PIP_RUNTIMES))


def may_mean(name: str, version: str) -> bool:
    """Might the spec name a GPU stack or a CUDA runtime? In doubt, yes."""
    return name in _NAMES or "cu" in name or "+cu" in version


def major_in_name(name: str) -> int | None:
    """``nvidia-cublas-cu12``, ``cupy-cuda12x``, ``jax-cuda12-plugin``, ``mxnet-cu112`` → 12, 11."""
    for part in name.split("-"):
        for mark in ("cuda", "cu"):
            digits = part.removeprefix(mark).removesuffix("x")
            if part.startswith(mark) and digits.isdecimal() and len(digits) <= 4:
                return _major(digits)
    return None


def major_in_build(build: str) -> int | None:
    """``py3.10_cuda11.8_cudnn8.7.0_0``, ``cuda118py310h…``, ``cuda_12_py311…`` → 11, 12."""
    at = build.find("cuda")
    if at < 0:
        return None
    rest = build[at + 4 :].lstrip("_")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return _major(digits) if digits else None


def major_in_local(version: str) -> int | None:
    """``2.1.0+cu118`` → 11."""
    local = version.partition("+")[2]
    digits = local[2:].partition(".")[0]
    return _major(digits) if local.startswith("cu") and digits.isdecimal() else None


def word_in_index(address: str) -> str:
    """``https://download.pytorch.org/whl/cu118`` → ``cu118``; ``cpu``; ``""``."""
    for part in reversed(address.rstrip("/").split("/")):
        if part == "cpu" or (part.startswith("cu") and part[2:].isdigit()):
            return part
    return ""


def _major(digits: str) -> int:
    """``118`` → 11, ``12`` → 12, ``92`` → 9: only CUDA 10 and later begin with the digit 1."""
    return int(digits[:2]) if digits[0] == "1" else int(digits[0])
