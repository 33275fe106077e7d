"""SI204: wheels of another CUDA than that of conda-owned packages, as constraints, and the finding
for a pip that these constraints stopped. Pure.
"""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.rules.shared import environment_file, new_environment
from safeinstall.specs.cuda import (
    CUDA_WHEELS,
    NEWEST_NUMBERED,
    PIP_RUNTIMES,
    PIP_STACKS,
    major_in_name,
)
from safeinstall.specs.cuda_pieces import CONDA, cuda, line, there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeinstall.model import Facts, Package

NEVER = "==0+conda.has.another.cuda"  # a local version (PEP 440) that no index has


def barred(packages: tuple[Package, ...]) -> dict[str, str]:
    """The wheels of another CUDA than that of conda-owned packages, each with the constraint that
    keeps pip's resolver from it.

    Installed wheels get no constraint: pip could only meet it by replacing them.
    """
    pieces = there(packages)
    majors = {major for piece in pieces for major in piece.cuda}
    if not any(piece.cuda for piece in pieces if piece.side == CONDA):
        return {}
    numbered = {name: major_in_name(name) for name in (*CUDA_WHEELS, *PIP_STACKS)}
    wheels = {name: NEVER for name, major in numbered.items() if major and major not in majors}
    if max(majors) <= NEWEST_NUMBERED:
        wheels |= dict.fromkeys(sorted(PIP_RUNTIMES), f"<{NEWEST_NUMBERED + 1}")
    already = {package.name for package in packages}
    return {name: constraint for name, constraint in wheels.items() if name not in already}


def kept_out(facts: Facts, wheels: Mapping[str, str]) -> Finding:
    """The finding where the constraints stopped pip; ``wheels`` maps each wheel to the release
    that requires it.
    """
    here = [p for p in there(facts.inventory.packages) if p.side == CONDA and p.cuda]
    others = [line("there", piece) for piece in here]
    return Finding(
        rule="SI204",
        name="two-runtimes",
        level="block",
        message=f"pip would have brought {_cuda_wheels(wheels)} beside conda's {cuda(here[0])}: "
        "the first one that a process loads wins, and the other does not find its libraries. "
        + environment_file.was_stopped(facts),
        evidence=(*(f"comes  {name}  for {by}" for name, by in wheels.items()), *others),
        fixes=new_environment.alone(facts, without={piece.name for piece in here}),
        packages=(*wheels, *(piece.name for piece in here)),
    )


def _cuda_wheels(wheels: Iterable[str]) -> str:
    known = {f"CUDA {major}" for name in wheels if (major := major_in_name(name))}
    return " and ".join(sorted(known)) or "another CUDA"
