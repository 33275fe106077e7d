"""SI206: a build of another variant, which nobody asked for."""

from __future__ import annotations

import pytest

from safeinstall.model import Change, Package, Plan, PlannedPackage
from safeinstall.rules import variant_flip
from safeinstall.rules.evidence import Evidence
from tests.rules.facts import facts_of

TORCH = (
    PlannedPackage("pytorch", "2.4.1", "cuda118_py311_300"),
    (PlannedPackage("pytorch", "2.5.1", "cpu_py311_0", depends=("python >=3.11",))),
)
VISION = (
    PlannedPackage("torchvision", "0.19", "py311_cu118"),
    (PlannedPackage("torchvision", "0.20", "py311_cpu", depends=("pytorch 2.5.1", "python"))),
)
FAISS = (
    PlannedPackage("faiss-gpu", "1.7", "py311_cuda11.4"),
    (PlannedPackage("faiss-cpu", "1.8", "py311_cpu")),
)
TO_CUDA = TORCH[1], TORCH[0]
LIBTORCH = (
    PlannedPackage("libtorch", "2.4.1", "cuda118_h0_300"),
    (PlannedPackage("libtorch", "2.5.1", "cpu_h0_0")),
)
JAXLIB = (
    PlannedPackage("jaxlib", "0.4.23", "cuda118py311h0_200"),
    (PlannedPackage("jaxlib", "0.4.35", "cpu_py311_0")),
)
HDF5 = (
    PlannedPackage("h5py", "3.8", "mpi_openmpi_py311_0"),
    (PlannedPackage("h5py", "3.9", "nompi_py311_0")),
)


def plan_of(*pairs: tuple[PlannedPackage, PlannedPackage]) -> Plan:
    return Plan(unlink=tuple(old for old, _ in pairs), link=tuple(new for _, new in pairs))


@pytest.mark.parametrize(
    ("line", "pairs", "packages"),
    [
        ("conda update --all", (TORCH,), ("pytorch",)),
        ("conda install lightning", (TORCH, VISION), ("pytorch", "torchvision")),
        ("conda install python=3.13", (FAISS,), ("faiss-gpu",)),
        ("mamba update -y --all", (TORCH,), ("pytorch",)),
        ("conda update numpy", (TO_CUDA,), ("pytorch",)),
        ("conda remove pytorch-gpu", (TORCH,), ("pytorch",)),
        # the one that is named needs the one that is not
        ("conda install torchvision", (TORCH, VISION), ("pytorch",)),
        # what is named has no variants of its own
        ("conda update jax", (JAXLIB,), ("jaxlib",)),
        ("conda install libtorch", (TORCH,), ("pytorch",)),
        # CUDA is asked for, and the CPU build comes
        ("conda install cuda-version=12.6", (TORCH,), ("pytorch",)),
    ],
)
def test_harm(line: str, pairs: tuple[object, ...], packages: tuple[str, ...]) -> None:
    finding = variant_flip.look_at_plan(facts_of(line), plan_of(*pairs))  # type: ignore[arg-type]
    assert finding is not None
    assert (finding.level, finding.packages) == ("block", packages)
    assert len(finding.evidence) == len(packages)


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("conda install pytorch=2.5.1=cpu*", (TORCH, VISION, LIBTORCH)),  # these have to follow
        ("conda install pytorch cpuonly", (TORCH, VISION)),
        ("conda install pytorch-cpu", (TORCH,)),
        ("conda install pytorch", (TO_CUDA,)),
        ("conda install lightning cpuonly", (TORCH, VISION)),
        ("conda install pytorch-cuda=12.4", (TO_CUDA,)),
        ("conda install lightning pytorch=*=cpu*", (TORCH, VISION)),
        ("conda install faiss-cpu", (FAISS,)),
        ("conda install --revision 3", (TORCH,)),
        ("conda update --all", ((TORCH[0], TORCH[0]),)),
        ("conda update --all", ()),
    ],
)
def test_harmless(line: str, pairs: tuple[object, ...]) -> None:
    plan = plan_of(*pairs)  # type: ignore[arg-type]
    assert variant_flip.look_at_plan(facts_of(line), plan) is None


@pytest.mark.parametrize("line", ["conda update pytorch", "conda install pytorch=2.5.1 numpy"])
def test_what_is_named_leaves_the_gpu_with_a_warning(line: str) -> None:
    finding = variant_flip.look_at_plan(facts_of(line), plan_of(TORCH, VISION, LIBTORCH))
    assert finding is not None
    assert (finding.level, finding.packages) == ("warn", ("pytorch",))
    assert finding.fixes[0].endswith("'pytorch=*=*cuda*'")


def test_mpi_is_milder_and_is_not_told_beside_a_gpu() -> None:
    facts = facts_of("conda update --all")
    finding = variant_flip.look_at_plan(facts, plan_of(HDF5))
    assert finding is not None
    assert (finding.level, finding.packages) == ("warn", ("h5py",))
    assert finding.fixes[0] == "conda update --all 'h5py=*=*openmpi*'"
    finding = variant_flip.look_at_plan(facts, plan_of(HDF5, TORCH))
    assert finding is not None
    assert (finding.level, finding.packages) == ("block", ("pytorch",))


def test_what_is_said() -> None:
    finding = variant_flip.look_at_plan(facts_of("conda update --all"), plan_of(TORCH))
    assert finding is not None
    assert finding.message == (
        "conda would replace the CUDA build of pytorch in nlp by a CPU build, which the command "
        "does not ask for. What runs there would do without the GPU."
    )
    assert finding.evidence == ("pytorch  2.4.1 cuda118_py311_300  →  2.5.1 cpu_py311_0",)
    assert finding.fixes == (
        "conda update --all 'pytorch=*=*cuda*'",
        "conda update --all 'pytorch=*=*cpu*'  # if the CPU build is what you want",
    )


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        # "conda update" takes names only
        ("conda update -n nlp numpy", "conda install -n nlp numpy 'pytorch=*=*cuda*'"),
        ("mamba upgrade numpy", "mamba install numpy 'pytorch=*=*cuda*'"),
        ("conda install -y lightning", "conda install -y lightning 'pytorch=*=*cuda*'"),
        (
            "conda remove cudnn",
            "conda install -n nlp 'pytorch=*=*cpu*'  # if the CPU build is what",
        ),
    ],
)
def test_the_same_command_with_what_is_there(line: str, fix: str) -> None:
    finding = variant_flip.look_at_plan(facts_of(line), plan_of(TORCH))
    assert finding is not None
    assert finding.fixes[0].startswith(fix)


def test_an_environment_file() -> None:
    files = {"environment.yml": "dependencies:\n  - numpy\n  - pip:\n    - six\n"}
    facts = facts_of("conda env update -f environment.yml", files=files)
    finding = variant_flip.look_at_plan(facts, plan_of(TORCH))
    assert finding is not None
    assert finding.fixes[0] == (
        "conda env update -f environment.yml  # with pytorch=*=*cuda* for conda"
    )
    named = {"environment.yml": "dependencies:\n  - pytorch=2.5.1=cpu*\n"}
    facts = facts_of("conda env update -f environment.yml", files=named)
    assert variant_flip.look_at_plan(facts, plan_of(TORCH)) is None


def test_told_afterwards_where_the_plan_was_not_seen() -> None:
    before = Package("pytorch", "2.4.1", "conda", "cuda118_py311_300")
    after = Package("pytorch", "2.5.1", "conda", "cpu_py311_0")
    evidence = Evidence(unplanned=(Change("pytorch", before, after),))
    files = {"x.yml": "dependencies: [numpy]"}
    facts = facts_of("mamba env update -f x.yml", files=files)
    (finding,) = variant_flip.explain(facts, evidence)
    assert finding.message.startswith("conda has replaced the CUDA build of pytorch")
