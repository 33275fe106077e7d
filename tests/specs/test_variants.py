"""Variants of conda packages, by real build strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.model import Package, PlannedPackage
from safeinstall.specs import matchspec, variants


@pytest.mark.parametrize(
    ("name", "build", "variant"),
    [
        ("pytorch", "cuda118_py311h98d4e9c_300", "CUDA"),
        ("pytorch", "cuda118py311h4ee7bbc_200", "CUDA"),
        ("pytorch", "py3.11_cuda11.8_cudnn8.7.0_0", "CUDA"),
        ("pytorch", "gpu_cuda118py311h01dc5b4_100", "CUDA"),
        ("pytorch", "cpu_generic_py311h6a7eb0a_5", "CPU"),
        ("pytorch", "cpu_mkl_py311hf8dd4a1_102", "CPU"),
        ("pytorch", "py3.11_cpu_0", "CPU"),
        ("pytorch", "rocm5.4_py311_0", "ROCm"),
        ("torchvision", "py311_cu118", "CUDA"),
        ("torchvision", "py311_cpu", "CPU"),
        ("pytorch-scatter", "py310_torch_2.0.0_cu118", "CUDA"),
        ("libarrow", "h8c7f5f5_4_cpu", "CPU"),
        ("libarrow", "h8c7f5f5_4_cuda", "CUDA"),
        ("xgboost", "rapidsai_py3.10_cuda_3", "CUDA"),
        ("faiss-cpu", "py3.11_hash_0", "CPU"),
        ("dgl-cuda11.3", "py39_0", "CUDA"),
        ("tensorflow", "mkl_py311h34a0fa1_0", "CPU"),
        ("tensorflow-base", "eigen_py311h3d9b6b3_0", "CPU"),
        ("tensorflow-base", "gpu_py311h1d9ee63_0", "CUDA"),
        ("h5py", "mpi_openmpi_py311h1b8b4d1_0", "Open MPI"),
        ("h5py", "nompi_py311hebc2b07_101", "non-MPI"),
        ("netcdf4", "mpi_mpich_py311h_0", "MPICH"),
        ("numpy", "py311h64a7726_0", ""),
        ("numpy", "py311_mkl_0", ""),
        ("ffmpeg", "gpl_h8657690_705", ""),
        ("libblas", "20_linux64_mkl", ""),
        ("libblas", "20_linux64_openblas", ""),
        ("pytorch-cuda", "h7e8668a_3", ""),  # chooses the variant of others
        ("cuda-version", "h70ddcb2_3", ""),
        ("pytorch-mutex", "cuda", ""),
        ("psutil", "py311h459d7ec_0", ""),
        ("pycuda-tools", "0", ""),
    ],
)
def test_the_variant_of_a_build(name: str, build: str, variant: str) -> None:
    assert variants.of(Package(name, "1", "conda", build)) == variant


@given(st.text("0123456789abcdef", min_size=7, max_size=7), st.integers(0, 500))
def test_no_hash_is_taken_for_a_variant(digest: str, number: int) -> None:
    for name in ("pytorch", "tensorflow", "numpy"):
        assert not variants.of_build(name, f"py311h{digest}_{number}")


def test_a_dependency_tells_what_the_build_does_not() -> None:
    cupy = PlannedPackage("cupy", "12", "py311h1_0", depends=("python", "cuda-version >=11.2,<12"))
    assert variants.of(cupy) == "CUDA"


@pytest.mark.parametrize(
    ("spec", "variant"),
    [
        ("cpuonly", "CPU"),
        ("pytorch-cuda=11.8", "CUDA"),
        ("cuda-version", "CUDA"),
        ("pytorch-mutex=1.0=cpu", "CPU"),
        ("_tflow_select=2.2.0=eigen", ""),
        ("openmpi", "Open MPI"),
        ("pytorch=*=*cuda*", ""),  # its own alone
        ("faiss-cpu", ""),
        ("numpy", ""),
    ],
)
def test_the_variant_that_a_spec_chooses_for_others(spec: str, variant: str) -> None:
    assert variants.chosen_by(matchspec.parse(spec)) == variant


def planned(*rows: str) -> list[PlannedPackage]:
    found = []
    for row in rows:
        name, version, build = row.split()
        found.append(PlannedPackage(name, version, build))
    return found


@pytest.mark.parametrize(
    ("gone", "come", "flips"),
    [
        ("pytorch 2.4 cuda118_py311_0", "pytorch 2.5 cpu_py311_0", "CUDA CPU"),
        ("pytorch 2.4 cpu_py311_0", "pytorch 2.5 cuda126_py311_0", "CPU CUDA"),
        ("pytorch 2.4 cuda118_py311_0", "pytorch 2.5 py311h0_0", "CUDA CPU"),
        ("faiss-gpu 1.7 py311_0_cuda11.4", "faiss-cpu 1.8 py311_0_cpu", "CUDA CPU"),
        ("tensorflow-base 2.4 gpu_py39_0", "tensorflow-base 2.5 mkl_py39_0", "CUDA CPU"),
        ("h5py 3.8 mpi_openmpi_py311_0", "h5py 3.9 nompi_py311_0", "Open_MPI non-MPI"),
        ("pytorch 2.4 cuda118_py311_0", "pytorch 2.5 cuda126_py311_0", ""),
        ("pytorch 2.4 cuda118_py311_0", "torchvision 1 cpu_py311_0", ""),
        ("numpy 1.26 py311_0", "numpy 2.0 py312_0", ""),
        ("magma 2.7 cuda118_0", "magma 2.8 h0_0", ""),  # whether it lost CUDA cannot be told
        ("libblas 3.9 20_linux64_mkl", "libblas 3.9 20_linux64_openblas", ""),
        ("pytorch-mutex 1.0 cuda", "pytorch-mutex 1.0 cpu", ""),
    ],
)
def test_flips(gone: str, come: str, flips: str) -> None:
    found = [(flip.was, flip.becomes) for flip in variants.flips(planned(gone), planned(come))]
    assert found == ([tuple(part.replace("_", " ") for part in flips.split())] if flips else [])


def test_a_metapackage_does_not_hide_the_package() -> None:
    gone = planned("pytorch-gpu 2.4 cuda118_0", "pytorch 2.4 cuda118_py311_0")
    (flip,) = variants.flips(gone, planned("pytorch 2.5 cpu_py311_0"))
    assert flip.before.name == "pytorch"
    assert variants.kept(flip) == "pytorch=*=*cuda*"
    assert variants.wished(flip) == "pytorch=*=*cpu*"
