"""Variants: builds of one conda package that differ in what they can do. Pure.

conda's solver takes one variant for another without a word, as both have the same name. The variant
is told by the build string (``cuda118py311h…_300``, ``py3.11_cuda11.8_cudnn8.7.0_0``,
``cpu_py311…``, ``h…_4_cpu``, ``py310_cu118``, ``mpi_openmpi_py311…``, ``nompi_py311…``), by the
name (``faiss-gpu``), else by a dependency on CUDA. The hash in a build string is hexadecimal: none
of these words can be in it.

Which BLAS a package is built with is no variant here: netlib, OpenBLAS and MKL have one interface,
and are made to be exchanged.
"""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Package, PlannedPackage, Spec

    AnyPackage = Package | PlannedPackage

CUDA, ROCM, CPU = "CUDA", "ROCm", "CPU"
GPU = (CUDA, ROCM)
OPENMPI, MPICH, NO_MPI = "Open MPI", "MPICH", "non-MPI"
_MPI = (OPENMPI, MPICH, NO_MPI)

# The first that is part of the build string counts
_MARKS = (
    *(("nocuda", CPU), ("nogpu", CPU), ("cuda", CUDA), ("gpu", CUDA), ("rocm", ROCM), ("cpu", CPU)),
    *(("nompi", NO_MPI), ("openmpi", OPENMPI), ("mpich", MPICH)),
)
# TensorFlow's builds in Anaconda's channels: "gpu_…", "mkl_…" and "eigen_…"
_ALSO_CPU = {"tensorflow": ("mkl", "eigen"), "tensorflow-base": ("mkl", "eigen")}

_ENDINGS = {"gpu": CUDA, "cuda": CUDA, "cpu": CPU}  # of names: "faiss-gpu", "dgl-cuda11.3"

SWITCHES = {
    "cpuonly": CPU,
    "cuda": CUDA,
    "cuda-cudart": CUDA,
    "cuda-libraries": CUDA,
    "cuda-nvrtc": CUDA,
    "cuda-runtime": CUDA,
    "cuda-toolkit": CUDA,
    "cuda-version": CUDA,
    "cudatoolkit": CUDA,
    "cudnn": CUDA,
    "mpich": MPICH,
    "openmpi": OPENMPI,
    "pytorch-cuda": CUDA,
    "_tflow_select": "",
    "arrow-cpp-proc": "",
    "faiss-proc": "",
    "mpi": "",
    "pytorch-mutex": "",
    "tensorflow-mutex": "",
    "xgboost-proc": "",
    "_py-xgboost-mutex": "",
}
"""Packages that only choose the variant of others; "" where the build or the version tells it."""

_RUNTIMES = frozenset(name for name, variant in SWITCHES.items() if variant == CUDA)

# Packages that always have the variant in their build: without a mark, they are built for the CPU
_ALWAYS_TOLD = frozenset(
    ("pytorch", "libtorch", "torchvision", "torchaudio", "tensorflow-base", "jaxlib")
)


class Flip(Value):
    """A package of one variant that is replaced by one of another."""

    before: AnyPackage
    was: str
    after: AnyPackage
    becomes: str

    @property
    def is_gpu(self) -> bool:
        """Is it about the GPU (not about MPI)?"""
        return self.was not in _MPI


def matters(package: AnyPackage) -> bool:
    """Is the package of a variant, or does it choose that of others?"""
    return package.name in SWITCHES or bool(of(package))


def is_for_gpu(package: AnyPackage) -> bool:
    """Is the package built for a GPU, or part of CUDA?"""
    return of(package) in GPU or SWITCHES.get(package.name) == CUDA


def of(package: AnyPackage) -> str:
    """The variant of a package; ``""`` if it has none, or if that cannot be told."""
    name, build = package.name, package.build
    if name in SWITCHES:
        return ""
    found = of_build(name, build) or _ENDINGS.get(_split(name)[1], "")
    if not found and any(need.partition(" ")[0] in _RUNTIMES for need in _depends(package)):
        return CUDA
    return found


def of_build(name: str, build: str) -> str:
    """The variant that a build string, or a pattern for one, tells."""
    for mark, variant in _MARKS:
        if mark in build:
            return variant
    parts = build.split("_")
    if any(part.startswith("cu") and part[2:].isdecimal() for part in parts):
        return CUDA  # py310_torch_2.0.0_cu118
    return CPU if any(part in parts for part in _ALSO_CPU.get(name, ())) else ""


def chosen_by(spec: Spec) -> str:
    """The variant that a conda spec chooses for other packages; ``""`` if it chooses none."""
    if spec.name not in SWITCHES:
        return ""
    return of_build(spec.name, spec.version.rpartition("=")[2]) or SWITCHES[spec.name]


def of_spec(spec: Spec) -> str:
    """The variant that a conda spec asks for in its own build or name; ``""`` if in neither."""
    build = spec.version.replace(" ", "=").rpartition("=")[2]
    return of_build(spec.name, build) or _ENDINGS.get(_split(spec.name)[1], "")


def kept(flip: Flip) -> str:
    """The conda spec that keeps the package in the variant that it has: ``pytorch=*=*cuda*``."""
    return _of_that_variant(flip.before)


def wished(flip: Flip) -> str:
    """The conda spec that asks for the variant that it would become."""
    return _of_that_variant(flip.after)


def _of_that_variant(package: AnyPackage) -> str:
    """By a pattern for the build, else by the exact build. What is installed fits either."""
    name, build = package.name, package.build
    marks = (*(mark for mark, _ in _MARKS), *_ALSO_CPU.get(name, ()))
    mark = next((mark for mark in marks if mark in build), "")
    return f"{name}=*=*{mark}*" if mark else f"{name}=={package.version}={build}"


def flips(gone: Iterable[AnyPackage], come: Iterable[AnyPackage]) -> Iterator[Flip]:
    """The packages that come in another variant than the one that goes, one for each family."""
    before, after = _by_family(gone), _by_family(come)
    for name in sorted(before.keys() & after.keys()):
        old = [(package, of(package)) for package in before[name] if of(package)]
        new = [(package, _becomes(package, old)) for package in after[name]]
        new = [(package, variant) for package, variant in new if variant]
        if old and new and {v for _, v in old}.isdisjoint(v for _, v in new):
            yield Flip(*old[0], *new[0])


def _becomes(package: AnyPackage, old: Iterable[tuple[AnyPackage, str]]) -> str:
    """The variant of a package that comes in the place of others; ``""`` if it is of another kind
    than theirs, or cannot be told.
    """
    was = {variant for _, variant in old}
    variant = of(package)
    if not variant and package.name in _ALWAYS_TOLD and was & {*GPU}:
        return CPU
    return variant if any((variant in _MPI) == (other in _MPI) for other in was) else ""


def _by_family(packages: Iterable[AnyPackage]) -> dict[str, list[AnyPackage]]:
    """The packages by their names without the variant; the one that has this name itself first."""
    found: dict[str, list[AnyPackage]] = {}
    for package in packages:
        of_this = found.setdefault(family(package.name), [])
        of_this.insert(0 if package.name == family(package.name) else len(of_this), package)
    return found


def family(name: str) -> str:
    """The name without the variant: ``faiss-gpu`` and ``faiss-cpu`` → ``faiss``."""
    return _split(name)[0]


def _split(name: str) -> tuple[str, str]:
    stem, _, ending = name.rpartition("-")
    word = ending.rstrip("0123456789.")
    return (stem, word) if stem and word in _ENDINGS and name not in SWITCHES else (name, "")


def _depends(package: AnyPackage) -> tuple[str, ...]:
    depends: tuple[str, ...] = getattr(package, "depends", ())
    return depends
