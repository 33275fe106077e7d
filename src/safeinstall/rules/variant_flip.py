"""SI206 variant-flip: conda replaces a GPU build by a CPU build, or the other way, unasked."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.wording import counted, first
from safeinstall.rules.shared import remedies_for_variants
from safeinstall.specs import cuda, variants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Command, Facts, Level, Plan, Spec
    from safeinstall.rules.evidence import Evidence
    from safeinstall.specs.variants import Flip

CODE = "SI206"
NAME = "variant-flip"


def look_at_plan(facts: Facts, plan: Plan) -> Finding | None:
    """``block`` if a package that the command does not name goes from GPU to CPU or back; ``warn``
    if one goes from one MPI to another, or to none, or if one that the command names, but no
    variant of it, leaves the GPU.
    """
    return next(_found(facts, list(variants.flips(plan.unlink, plan.link)), "would replace"), None)


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """The same, about what has come where conda's plan was not seen before."""
    gone = [change.before for change in evidence.unplanned if change.before]
    come = [change.after for change in evidence.unplanned if change.after]
    yield from _found(facts, list(variants.flips(gone, come)), "has replaced")


def _found(facts: Facts, flips: Sequence[Flip], act: str) -> Iterator[Finding]:
    if found := unasked(facts, flips):
        yield _finding(facts, found, act, "block" if found[0].is_gpu else "warn")
    elif found := [flip for flip in flips if _is_left_open(facts, flip)]:
        yield _finding(facts, found, act, "warn")


def _is_left_open(facts: Facts, flip: Flip) -> bool:
    """Does the command name a package that leaves the GPU, and not say in which variant?"""
    if not flip.is_gpu or flip.becomes != variants.CPU or _is_exact(facts.command):
        return False
    name = flip.after.name
    return _is_named(facts.command, name) and variants.CPU not in _wanted(facts.command, name)


def unasked(facts: Facts, flips: Sequence[Flip]) -> list[Flip]:
    """The flips that the command does not ask for, those of GPU builds alone if there are any.

    It asks for one if it names the package, or the variant that it becomes (``cpuonly``). What
    needs such a package has to follow, and what is of the same stack (pytorch, libtorch).
    """
    if _is_exact(facts.command):
        return []
    command = facts.command
    asked = [
        flip
        for flip in flips
        if _is_named(command, flip.after.name) or flip.becomes in _wanted(command, flip.after.name)
    ]
    stacks = {cuda.CONDA_STACKS.get(flip.after.name) for flip in asked} - {None}
    asked += [f for f in flips if f not in asked and cuda.CONDA_STACKS.get(f.after.name) in stacks]
    left = [flip for flip in flips if flip not in asked]
    while following := [flip for flip in left if _needs_one_of(flip, asked)]:
        asked += following
        left = [flip for flip in left if flip not in following]
    return [flip for flip in left if flip.is_gpu] or left


def _is_exact(command: Command) -> bool:
    """Does the command ask for exact builds?"""
    return "--revision" in command.flags or any(spec.kind == "file" for spec in command.specs)


def _specs(command: Command) -> list[Spec]:
    return [spec for spec in command.specs if not spec.installer and command.asks_conda]


def _is_named(command: Command, name: str) -> bool:
    return any(variants.family(spec.name) == variants.family(name) for spec in _specs(command))


def _wanted(command: Command, name: str) -> set[str]:
    """The variants that the command asks for, for all packages or for this one."""
    return {
        variants.chosen_by(spec)
        or (variants.of_spec(spec) if variants.family(spec.name) == variants.family(name) else "")
        for spec in _specs(command)
    }


def _needs_one_of(flip: Flip, others: Sequence[Flip]) -> bool:
    depends = getattr(flip.after, "depends", ())
    names = {need.partition(" ")[0] for need in depends}
    return any(other.after.name in names for other in others)


def _finding(facts: Facts, flips: Sequence[Flip], act: str, level: Level) -> Finding:
    was, becomes = flips[0].was, flips[0].becomes
    names = list(dict.fromkeys(flip.before.name for flip in flips))
    builds = f"a {becomes} build" if len(names) == 1 else f"{becomes} builds"
    return Finding(
        rule=CODE,
        name=NAME,
        level=level,
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
