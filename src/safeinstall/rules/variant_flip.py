"""SI206 variant-flip: conda replaces a GPU build by a CPU build, or the other way, unasked."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.wording import counted, first
from safeinstall.rules.shared import remedies_for_variants
from safeinstall.specs import cuda, variants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Facts, Plan
    from safeinstall.rules.evidence import Evidence
    from safeinstall.specs.variants import Flip

CODE = "SI206"
NAME = "variant-flip"


def look_at_plan(facts: Facts, plan: Plan) -> Finding | None:
    """``block`` if a package that the command does not name goes from GPU to CPU or back; ``warn``
    if one goes from one MPI to another, or to none.
    """
    found = unasked(facts, list(variants.flips(plan.unlink, plan.link)))
    return _finding(facts, found, "would replace") if found else None


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """The same, about what has come where conda's plan was not seen before."""
    gone = [change.before for change in evidence.unplanned if change.before]
    come = [change.after for change in evidence.unplanned if change.after]
    if found := unasked(facts, list(variants.flips(gone, come))):
        yield _finding(facts, found, "has replaced")


def unasked(facts: Facts, flips: Sequence[Flip]) -> list[Flip]:
    """The flips that the command does not ask for, those of GPU builds alone if there are any.

    It asks for one if it names the package or its stack (pytorch, libtorch), or the variant that
    it becomes (``cpuonly``); and what needs such a package has to follow.
    """
    command = facts.command
    if "--revision" in command.flags or any(spec.kind == "file" for spec in command.specs):
        return []  # the exact builds are asked for
    specs = [spec for spec in command.specs if not spec.installer and command.asks_conda]
    wanted = {variants.chosen_by(spec) for spec in specs}
    named = {stem for spec in specs for stem in _stems(spec.name)}
    asked = [f for f in flips if f.becomes in wanted or not named.isdisjoint(_stems(f.after.name))]
    left = [flip for flip in flips if flip not in asked]
    while following := [flip for flip in left if _needs_one_of(flip, asked)]:
        asked += following
        left = [flip for flip in left if flip not in following]
    return [flip for flip in left if flip.is_gpu] or left


def _stems(name: str) -> set[str]:
    """The name without the variant, and the GPU stack that it is a part of."""
    stack = cuda.CONDA_STACKS.get(name)
    return {variants.family(name), *([f"stack {stack}"] if stack else ())}


def _needs_one_of(flip: Flip, others: Sequence[Flip]) -> bool:
    depends = getattr(flip.after, "depends", ())
    names = {need.partition(" ")[0] for need in depends}
    return any(other.after.name in names for other in others)


def _finding(facts: Facts, flips: Sequence[Flip], act: str) -> Finding:
    was, becomes = flips[0].was, flips[0].becomes
    names = list(dict.fromkeys(flip.before.name for flip in flips))
    builds = f"a {becomes} build" if len(names) == 1 else f"{becomes} builds"
    return Finding(
        rule=CODE,
        name=NAME,
        level="block" if flips[0].is_gpu else "warn",
        message=f"conda {act} the {was} build{'s' * (len(names) > 1)} of {counted(names)} in "
        f"{facts.environment.name} by {builds}, which the command does not ask for."
        + (" What runs there would do without the GPU." if becomes == variants.CPU else ""),
        evidence=first([_line(flip) for flip in flips]),
        fixes=remedies_for_variants.fixes(facts, flips),
        packages=tuple(names),
    )


def _line(flip: Flip) -> str:
    old, new = flip.before, flip.after
    name = old.name if old.name == new.name else f"{old.name} → {new.name}"
    return f"{name}  {old.version} {old.build}  →  {new.version} {new.build}"
