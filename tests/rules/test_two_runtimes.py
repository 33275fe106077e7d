"""SI204: two builds of a GPU stack, two CUDAs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.model import CondaDistribution, Plan, PlannedPackage
from safeinstall.rules import registry, two_runtimes
from safeinstall.rules.shared import other_cuda
from safeinstall.specs import cuda, cuda_pieces
from tests.rules.facts import facts_of, packages

CONDA_11 = ("conda pytorch 2.0.1 py3.11_cuda11.8_cudnn8_0", "conda cudatoolkit 11.8.0 h_0")
CONDA_12 = ("conda pytorch 2.5.1 cuda126_py311_300", "conda cuda-version 12.6 h_3")
CONDA_CPU = ("conda pytorch 2.0.1 cpu_py311_0",)
PIP_12 = ("pip torch 2.5.1", "pip nvidia-cuda-runtime-cu12 12.4.127")
PIP_11 = ("pip torch 2.0.1+cu118", "pip nvidia-cuda-runtime-cu11 11.8.89")

HARM = [
    ("pip install -U torch", CONDA_11),
    ("pip install torch==2.1.0", CONDA_11),
    ("pip install --force-reinstall torch", CONDA_11),
    ("pip install wheels/torch-2.0.1+cu118-py3-none-any.whl", CONDA_11),
    ("pip install --ignore-installed wheels/torch-2.0.1-py3-none-any.whl", CONDA_11),
    ("pip install torch==2.0.1+cu118 --index-url https://download.pytorch.org/whl/cu118", CONDA_11),
    ("pip install torch==2.1.0+cpu", CONDA_11),  # cuda.is_available() turns False
    ("pip install torch==2.1.0", CONDA_CPU),
    ("pip install https://example.org/torch-2.1.0-cp311-cp311-linux_x86_64.whl", CONDA_11),
    ("uv pip install torch==2.1.0", CONDA_11),
    ("conda install pytorch", PIP_12),
    ("conda install -c pytorch pytorch cpuonly", PIP_12),
    ("mamba install pytorch-gpu", PIP_12),
    ("conda update pytorch", PIP_12),
    # a second CUDA
    ("pip install cupy-cuda12x", CONDA_11),
    ("pip install nvidia-cublas-cu12", CONDA_11),
    ("pip install jax[cuda12]", CONDA_11),
    ("pip install tensorflow[and-cuda]", CONDA_11),
    ("pip install cupy-cuda12x;python_version>='3.9'", CONDA_11),
    ("pip install tensorflow[and-cuda]==2.16.1", CONDA_11),
    ("pip install torch", ("conda cudatoolkit 11.8.0 h_0",)),
    ("pip install -U torch", ("conda cudatoolkit 11.8.0 h_0", "pip torch 2.0.1")),
    ("pip install torch==2.5.0", ("conda cuda-version 11.8 h_0",)),
    ("pip install cupy-cuda11x", PIP_12),
    ("pip install cupy-cuda12x", PIP_11),
    ("pip install torch cupy-cuda11x", ()),
    ("conda install cudatoolkit=11.8", PIP_12),
    ("conda install cuda-version=11.8", PIP_12),
    ("conda install cuda-version==11.8", PIP_12),
]

HARMLESS = [
    ("pip install -U torch", ("conda cudatoolkit 11.8.0 h0_0", *PIP_12)),  # at odds already
    ("pip install torch", CONDA_11),  # already satisfied
    ("pip install torch>=1.13,<3", CONDA_11),
    ("pip install torch==2.0.1", CONDA_11),
    (
        "pip install wheels/torch-2.0.1-py3-none-any.whl",
        ("conda libtorch 2.0.1 0", "pip torch 2.0.1"),
    ),
    ("pip install torch --index-url https://download.pytorch.org/whl/cu118", CONDA_11),
    ("pip install torch==2.1.0+cpu", CONDA_CPU),
    ("pip install torch==2.1.0 --index-url https://download.pytorch.org/whl/cpu", CONDA_CPU),
    ("pip install torch", ()),
    ("pip install -U torch", ("conda libtorch 2.0.1 py311_0", "pip torch 2.1.2")),  # both are there
    ("pip install -U torch", PIP_11),  # its own CUDA goes with it
    ("pip install torch==2.5.1", PIP_12),
    ("pip install torch", ("conda cuda-version 12.6 h_0",)),
    ("pip install cupy-cuda12x;python_version<'3.9'", CONDA_11),
    ("pip install jax[cuda12];sys_platform=='nowhere'", CONDA_11),
    ("pip install cupy-cuda12x", CONDA_12),
    ("pip install cupy-cuda12x", PIP_12),
    ("pip install jax", CONDA_11),  # from PyPI without CUDA
    ("pip install tensorflow", CONDA_11),
    ("pip install tensorflow-cpu", CONDA_11),
    ("pip install transformers accelerate", CONDA_11),
    ("pip uninstall -y torch", CONDA_11),
    ("pip install --target lib torch==2.1.0", CONDA_11),
    ("conda install pytorch", CONDA_11),
    ("conda install pytorch=2.5 cuda-version=12.6", CONDA_11),  # conda's solver sees to it
    ("conda remove pytorch", PIP_12),
    ("conda create -n other pytorch", PIP_12),
    ("conda install cuda-version>=11", PIP_12),
    ("pip install custom-cuda-thing cudf-something", CONDA_11),
]


@pytest.mark.parametrize(("line", "rows"), HARM, ids=lambda value: str(value)[:60])
def test_harm(line: str, rows: tuple[str, ...]) -> None:
    finding = registry.look_of("SI204", facts_of(line, *rows))
    assert finding is not None
    assert finding.level == "block"
    assert len(finding.evidence) == 2


@pytest.mark.parametrize(("line", "rows"), HARMLESS, ids=lambda value: str(value)[:60])
def test_harmless(line: str, rows: tuple[str, ...]) -> None:
    assert two_runtimes.look(facts_of(line, *rows)) is None


def test_an_environment_file_that_asks_for_both() -> None:
    text = "dependencies:\n  - pytorch\n  - pip:\n    - torch==2.1.0\n"
    files = {"environment.yml": text}
    finding = two_runtimes.look(facts_of("conda env create -n x", files=files))
    assert finding is not None
    assert finding.evidence == ("asked  torch==2.1.0  pip  CUDA 12", "asked  pytorch  conda")


@pytest.mark.parametrize(
    ("line", "rows", "link", "evidence"),
    [
        ("conda install torchvision", PIP_12, "pytorch 2.0.1 py3.11_cuda11.8_0", "comes  pytorch"),
        ("conda install ffmpeg", PIP_12, "cudatoolkit 11.8.0 h_0", "comes  cudatoolkit"),
        ("conda install ffmpeg", PIP_12, "cuda-version 12.6 h_0", ""),
        ("conda install ffmpeg", PIP_12, "cudatoolkit 12.1.0 h_0", ""),
        ("conda install ffmpeg", CONDA_11, "cudatoolkit 11.8.0 h_1", ""),
        # mixed before, and no more so afterwards
        ("conda install ffmpeg", (*PIP_12, *CONDA_11), "cudatoolkit 11.8.0 h_1", ""),
        # asked for by name: said before the plan was known
        ("conda install pytorch", PIP_12, "pytorch 2.0.1 py3.11_cuda11.8_0", ""),
        ("conda install torchvision", ("pip torch 2.1.0+cpu",), "pytorch 2.0.1 cpu_py311_0", ""),
    ],
)
def test_what_the_solver_brings(line: str, rows: tuple[str, ...], link: str, evidence: str) -> None:
    name, version, build = link.split()
    plan = Plan(link=(PlannedPackage(name, version, build),))
    finding = two_runtimes.look_at_plan(facts_of(line, *rows), plan)
    assert (finding.evidence[0] if finding else "").startswith(evidence)
    assert bool(finding) == bool(evidence)


@pytest.mark.parametrize("held", [True, False])
def test_what_constraints_hold_is_not_upgraded(held: bool) -> None:
    inventory = packages(*CONDA_11)
    torch = CondaDistribution("torch", "2.0.1", inventory.packages[0], "/nowhere/torch")
    inventory = inventory.replace(conda_distributions=(torch,))
    exempt = {"SI202": frozenset[str]()} if held else {}
    for line, harmless in (("pip install -U torch", held), ("pip install -U torch>=2.1", False)):
        met = facts_of(line).replace(inventory=inventory, exempt=exempt)
        assert (two_runtimes.look(met) is None) == harmless


def test_what_is_said() -> None:
    finding = two_runtimes.look(facts_of("pip install torch==2.1.0", *CONDA_11))
    assert finding is not None
    assert "second torch" in finding.message
    assert finding.evidence[1] == ("there  pytorch 2.0.1 py3.11_cuda11.8_cudnn8_0  conda  CUDA 11")
    assert finding.fixes[0] == "conda install -n nlp pytorch==2.1.0"
    assert finding.packages == ("torch", "pytorch")
    libtorch = "conda libtorch 2.0.1 cuda118_h_0"  # stands before pytorch
    finding = two_runtimes.look(facts_of("pip install torch==2.1.0", libtorch, *CONDA_11))
    assert finding is not None
    assert finding.fixes[0] == "conda install -n nlp pytorch==2.1.0"
    finding = two_runtimes.look(facts_of("conda install pytorch", *PIP_12))
    assert finding is not None
    assert finding.fixes[0] == "python -m pip install --upgrade torch"
    finding = two_runtimes.look(facts_of("micromamba install pytorch=2.6", *PIP_12))
    assert finding is not None
    assert finding.fixes == (
        "python -m pip install --upgrade 'torch==2.6.*'",
        "micromamba create -n nlp-new python=3.11 pip pytorch=2.6  # then pip, last",
    )
    finding = two_runtimes.look(facts_of("pip install torch==2.1.0+cu121", *CONDA_11))
    assert finding is not None
    assert finding.fixes[0] == "conda install -n nlp pytorch"
    finding = two_runtimes.look(facts_of("pip install cupy-cuda12x", *CONDA_11))
    assert finding is not None
    assert "CUDA 12" in finding.message
    assert "CUDA 11" in finding.message


@pytest.mark.parametrize(
    ("name", "major"),
    [
        ("nvidia-cublas-cu12", 12),
        ("nvidia-nccl-cu13", 13),
        ("cupy-cuda11x", 11),
        ("cupy-cuda102", 10),
        ("jax-cuda12-plugin", 12),
        ("mxnet-cu92", 9),
        ("cudf-cu12", 12),
        ("custom", None),
        ("cudf", None),
        ("pycuda", None),
        ("cu2qu", None),
        ("", None),
    ],
)
def test_majors_in_names(name: str, major: int | None) -> None:
    assert cuda.major_in_name(name) == major


@pytest.mark.parametrize(
    ("build", "major"),
    [
        ("py3.10_cuda11.8_cudnn8.7.0_0", 11),
        ("cuda118py310h1234_200", 11),
        ("cuda_12_py311h_0", 12),
        ("cuda126_mkl_py311", 12),
        ("gpu_cuda120py39", 12),
        ("cpu_py311_0", None),
        ("py311_0", None),
    ],
)
def test_majors_in_builds(build: str, major: int | None) -> None:
    assert cuda.major_in_build(build) == major


@pytest.mark.parametrize(
    ("rows", "wheels"),
    [
        (CONDA_11, {"nvidia-cuda-runtime-cu12", "nvidia-cuda-runtime"}),
        (CONDA_12, {"nvidia-cuda-runtime-cu11", "nvidia-cuda-runtime"}),
        (
            ("conda cuda-version 13.0 h_0",),
            {"nvidia-cuda-runtime-cu11", "nvidia-cuda-runtime-cu12"},
        ),
        ((*CONDA_11, *PIP_12), {"nvidia-cuda-runtime"}),  # mixed already
        (CONDA_CPU, set()),
        (PIP_12, set()),
        ((), set()),
    ],
)
def test_wheels_that_are_kept_out(rows: tuple[str, ...], wheels: set[str]) -> None:
    barred = other_cuda.barred(packages(*rows).packages)
    assert {name for name in barred if name.startswith("nvidia-cuda-runtime")} == wheels


def test_all_wheels_of_another_cuda_are_kept_out_and_none_of_this_one() -> None:
    barred = set(other_cuda.barred(packages(*CONDA_11, "pip cupy-cuda13x 13.0").packages))
    assert {"nvidia-cublas-cu12", "jax-cuda12-plugin"} <= barred
    assert not barred & {"nvidia-cublas-cu11", "cupy-cuda11x", "cupy-cuda13x", "torch", "cupy"}


@given(
    st.one_of(
        st.sampled_from(sorted({*cuda.PIP_STACKS, *cuda.CONDA_STACKS})),
        st.sampled_from(sorted(cuda.PIP_RUNTIMES | cuda.CONDA_RUNTIMES)),
        st.from_regex(r"[a-z]{1,4}(-(cu|cuda)[0-9]{0,3}x?)?", fullmatch=True),
    ),
    st.sampled_from(["", "==1.0", "==1.0+cu118", "==1.0+cpu"]),
    st.sampled_from(["pip install", "conda install"]),
)
def test_what_the_rule_is_not_asked_about_is_no_piece(name: str, version: str, verb: str) -> None:
    command = facts_of(f"{verb} {name}{version}").command
    (spec,) = command.specs
    if not cuda.may_mean(spec.name, spec.version):
        assert not list(cuda_pieces.asked(command, "3.11"))
