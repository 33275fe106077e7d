"""SI204: two builds of one GPU stack, or two CUDA runtimes, in one environment. Pure."""

from __future__ import annotations

from safeinstall.argv.typed import words_of
from safeinstall.model import CONDA_OWNERS, Finding, Package
from safeinstall.rules.shared import new_environment, pip_held
from safeinstall.rules.shared.remedies import (
    conda_install,
    here,
    pip_install,
)
from safeinstall.specs.cuda_pieces import CONDA, PIP, Piece, asked, cuda, line, there
from safeinstall.specs.translation import as_conda, as_one_for_pip
from safeinstall.specs.versions import is_same, satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.model import Facts, Plan

_ANEW = frozenset(("--force-reinstall", "--ignore-installed"))


def asked_for(facts: Facts) -> Finding | None:
    """The finding if the command names a second build of a stack, or a second CUDA runtime."""
    command = facts.command
    if not (command.asks_pip or command.asks_conda):
        return None
    pieces = asked(command, facts.environment.python)
    wanted = [piece for piece in pieces if not _is_met(piece, facts)]
    if not wanted or command.target.directed:
        return None
    present = _present(facts)
    there_already = {(piece.name, piece.side) for piece in present}  # these make no new mix
    for piece in wanted:
        if (piece.name, piece.side) in there_already:
            continue
        others = [other for other in (*present, *wanted) if other is not piece]
        twin = next((other for other in others if _is_second(piece, other)), None)
        if twin is not None:
            return _two_stacks(facts, piece, twin)
    for piece in wanted:
        other = next((o for o in (*present, *wanted) if _clashes(piece, o, present)), None)
        if other is not None:
            return _two_cudas(facts, piece, other)
    return None


def planned(facts: Facts, plan: Plan) -> Finding | None:
    """The finding if conda's solver adds a piece that conflicts with one that pip owns.

    A mix that exists already is not made by this command, and a piece that the command names was
    judged by :func:`asked_for` before.
    """
    before = _present(facts)
    known = {piece.name for piece in before if piece.side == CONDA}
    coming = [Package(p.name, p.version, CONDA, build=p.build) for p in plan.link]
    brought = [piece for piece in there(tuple(coming)) if piece.name not in known]
    theirs = [piece for piece in before if piece.side == PIP]
    pairs = [(piece, other) for piece in brought for other in theirs]
    if not pairs or asked_for(facts) is not None:
        return None
    for find, tell in ((_is_second, _two_stacks), (_differ, _two_cudas)):
        for piece, other in pairs:
            if find(piece, other):
                return tell(facts, piece, other)
    return None


def _present(facts: Facts) -> list[Piece]:
    """The pieces that are installed and stay. What of conda's stays beside a file that it prunes by
    is known when the pip for that file starts.
    """
    command, inventory = facts.command, facts.inventory
    if command.verb in ("create", "env create"):
        return []
    stay = command.keeps_installed
    return there(inventory.packages if stay else inventory.not_owned_by(*CONDA_OWNERS))


def _is_second(piece: Piece, other: Piece) -> bool:
    """Are these one stack, once from conda and once from pip? Two CPU builds do not count: other
    rules judge them.
    """
    if not piece.stack or piece.stack != other.stack or piece.side == other.side:
        return False
    return not (piece.cpu and other.cpu)


def _is_met(piece: Piece, facts: Facts) -> bool:
    """Will pip report "already satisfied"? Only if the distribution itself is installed; if it is
    to be upgraded, only if constraints hold it.

    A wheel by path is, by its version alone, unless there is a reason to install it anew
    (``pip._internal.resolution.resolvelib.resolver``).
    """
    if piece.side == CONDA or piece.spec is None:
        return False
    names = {piece.name, _CONDA_NAMES.get(piece.name, piece.name)}
    versions = [p.version for p in facts.inventory.packages if p.name in names]
    constraint = piece.spec.version
    if piece.spec.kind == "path":
        anew = facts.command.tool != "pip" or _ANEW & facts.command.flags
        wheel = constraint.removeprefix("==")
        return not anew and any(is_same(wheel, version) for version in versions)
    if piece.spec.kind != "name" or _ANEW & facts.command.flags:
        return False
    if "--upgrade" in facts.command.flags and piece.name not in pip_held.owned(facts):
        return False
    return any(satisfies(version, constraint) is True for version in versions)


# The conda package that contains the distribution, if its name differs.
_CONDA_NAMES = {"torch": "pytorch"}


def _clashes(piece: Piece, other: Piece, present: Sequence[Piece]) -> bool:
    """Do the two need CUDAs with no major number in common, and no solver prevents the mix?"""
    if not _differ(piece, other) or piece.spec is None:
        return False
    if piece.side == CONDA and other.side == CONDA:
        return False  # conda's solver allows only one CUDA
    if other.spec is not None:
        return True
    if piece.side == PIP and other.side == PIP:
        return not _replaces(piece, present)
    return not _is_no_news(piece, other, present)


def _is_no_news(piece: Piece, other: Piece, present: Iterable[Piece]) -> bool:
    """Is the piece installed from the same side, and does that side conflict with ``other``
    already? Then the command makes no new conflict.
    """
    mine = [own for own in present if own.side == piece.side]
    return any(own.name == piece.name for own in mine) and any(_differ(own, other) for own in mine)


def _differ(piece: Piece, other: Piece) -> bool:
    return bool(piece.cuda and other.cuda and not piece.cuda & other.cuda)


def _replaces(piece: Piece, present: Iterable[Piece]) -> bool:
    """Does the installed CUDA belong to the stack that pip is about to replace?"""
    stacks = {other.stack for other in present if other.side == PIP and other.stack}
    return bool(piece.stack) and stacks == {piece.stack}


def _two_stacks(facts: Facts, piece: Piece, twin: Piece) -> Finding:
    name = facts.environment.name or facts.environment.prefix
    where = "the same command asks for" if twin.spec is not None else f"{name} has"
    return _finding(
        facts,
        (piece, twin),
        f"{piece.side} would bring a second {piece.stack}: {where} {twin.side}'s {twin.title}. "
        "Two builds overwrite each other's files, and the GPU or the import is lost.",
    )


def _two_cudas(facts: Facts, piece: Piece, other: Piece) -> Finding:
    return _finding(
        facts,
        (piece, other),
        f"{piece.title} brings {cuda(piece)}, {other.title} is built on {cuda(other)}: in one "
        "process the first one loaded wins, and the other does not find its libraries.",
    )


def _finding(facts: Facts, pieces: tuple[Piece, Piece], message: str) -> Finding:
    piece, other = pieces
    return Finding(
        rule="SI204",
        name="two-runtimes",
        level="block",
        message=message,
        evidence=(
            line("asked" if piece.spec else "comes", piece),
            line("asked" if other.spec else "there", other),
        ),
        fixes=_fixes(facts, piece, other),
        packages=tuple(dict.fromkeys((piece.name, other.name))),
    )


def _asked_as(piece: Piece, facts: Facts) -> str:
    """The package to name in advice: the conda package pytorch brings the matching libtorch."""
    name = _CONDA_NAMES.get(piece.stack, piece.name)
    there_too = any(package.name == name for package in facts.inventory.owned_by(CONDA))
    return name if there_too else piece.name


def _fixes(facts: Facts, piece: Piece, other: Piece) -> tuple[str, ...]:
    """Commands to stay with the installed piece, or to create a new environment for the other."""
    if other.spec is not None:
        return ()  # which of the two is meant, only the user knows
    stay = _stay(facts, piece, other) if piece.stack and piece.stack == other.stack else ""
    wanted = words_of(facts.command) if piece.side == CONDA else ()
    afresh = new_environment.made(facts, wanted, _pieces(facts))
    return tuple(filter(None, (stay, afresh)))


def _pieces(facts: Facts) -> set[str]:
    """The names of everything here that is built on a GPU runtime, or is part of one."""
    return {piece.name for piece in there(facts.inventory.packages)}


def _stay(facts: Facts, piece: Piece, other: Piece) -> str:
    """The requested version, but installed by the tool that owns the stack here; without the
    version if that tool's syntax cannot express it.
    """
    version = piece.spec.version if piece.spec is not None else ""
    if other.side == CONDA:
        word = _asked_as(other, facts) + (as_conda(version) or "")
        return conda_install(facts.environment, [word], facts.command)
    word = other.name + (as_one_for_pip(version) or "")
    return pip_install(here(facts), ["--upgrade", word])
