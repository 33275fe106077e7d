"""SI204 two-runtimes: two builds of one GPU stack, or two CUDAs, would meet in one environment."""

from __future__ import annotations

from safeinstall.specs import cuda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Facts, Finding, Plan
    from safeinstall.rules.evidence import Evidence

CODE = "SI204"
NAME = "two-runtimes"


def look(facts: Facts) -> Finding | None:
    """``block`` if the command names a second build or runtime: the one that a process loads first
    wins, and the other does not find its libraries.
    """
    if not any(cuda.may_mean(spec.name, spec.version) for spec in facts.command.specs):
        return None
    from safeinstall.rules.shared import gpu_mix

    return gpu_mix.asked_for(facts)


def hold(facts: Facts) -> Sequence[str]:
    """Constraints on the wheels of another CUDA than that of conda-owned packages."""
    from safeinstall.rules.shared import pip_held

    return [name + constraint for name, constraint in pip_held.barred(facts).items()]


def look_at_plan(facts: Facts, plan: Plan) -> Finding | None:
    """``block`` if conda's solver adds, as a dependency, a build that conflicts with pip's."""
    from safeinstall.rules.shared import gpu_mix

    return gpu_mix.planned(facts, plan)


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``block`` where the constraints stopped pip's resolver."""
    from safeinstall.rules.shared import other_cuda, pip_conflicts

    if wheels := pip_conflicts.kept_out(facts, evidence):
        yield other_cuda.kept_out(facts, wheels)
