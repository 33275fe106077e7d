"""The GPU stacks and the CUDA runtimes behind them. Data, and how to read it.

Names as of what PyPI, the CUDA wheels of NVIDIA, conda-forge and Anaconda's channels use. A CUDA
is known by its major number: two of the same number share their libraries, two of different
numbers do not.
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
"""The distributions that are a stack, as pip calls them."""

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
"""The same as conda calls them."""

CPU_ONLY = frozenset(
    ("pytorch-cpu", "tensorflow-cpu", "tensorflow-mkl", "tensorflow-intel", "intel-tensorflow")
)
"""Names that say that there is no GPU in it. ``cpuonly`` is conda's word for all of a command."""

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
"""conda packages whose own version is that of the CUDA in them."""

PIP_RUNTIMES = frozenset(("nvidia-cuda-runtime", "nvidia-cuda-nvrtc", "cuda-toolkit"))
"""The same on PyPI, where since CUDA 13 the number is no longer part of the name."""

_NUMBERED = (11, 12)  # from 13 on the names of the wheels go without
_LIBRARIES = (
    *("cublas", "cuda-cupti", "cuda-nvrtc", "cuda-runtime", "cudnn", "cufft", "cufile", "curand"),
    *("cusolver", "cusparse", "cusparselt", "nccl", "nvjitlink", "nvshmem", "nvtx"),
)
CUDA_WHEELS = tuple(f"nvidia-{name}-cu{major}" for name in _LIBRARIES for major in _NUMBERED)
"""What brings parts of a CUDA to whatever needs it on PyPI."""
NEWEST_NUMBERED = max(_NUMBERED)

# Of a wheel of these releases, the CUDA that its own build on PyPI brings (Linux); later ones are
# known to bring one of MODERN.
PYPI_CUDA: dict[str, tuple[tuple[tuple[int, int], frozenset[int]], ...]] = {
    "torch": (
        ((1, 13), frozenset((10, 11))),  # up to here
        ((2, 0), frozenset((11,))),
        ((2, 8), frozenset((12,))),
    ),
    "tensorflow": (((2, 14), frozenset((11,))), ((2, 20), frozenset((12,)))),
}
MODERN = frozenset((12, 13))
ALWAYS_GPU = frozenset(("torch", "paddlepaddle-gpu"))  # wheels on PyPI that bring CUDA unasked
GPU_EXTRAS = ("and-cuda", "cuda")  # "tensorflow[and-cuda]", "jax[cuda12]"


_NAMES = frozenset((*PIP_STACKS, *CONDA_STACKS, *CONDA_RUNTIMES, *PIP_RUNTIMES))


def may_mean(name: str, version: str) -> bool:
    """Might a stack or a runtime be asked for by this? Errs on the side of yes."""
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
    """``118`` → 11, ``12`` → 12, ``92`` → 9: a single-digit CUDA has no number above it."""
    return int(digits[:2]) if digits[0] == "1" else int(digits[0])
