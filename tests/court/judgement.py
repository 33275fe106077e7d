"""From two runs of one operation to a judgement. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tests.court.facts import Facts
from tests.court.files import Tree, changed
from tests.court.truth import Problem, harm

BLOCKED = 77

STOPPED = "stopped before harm"
ASIDE = "made harmless"  # let through on a rail, and no harm came of it
MISSED = "missed"
NEEDLESS = "stopped without need"
THROUGH = "let through"
FAILED = "failed by itself"
OWN_PIP = "pip among its own"
OWN_CONDA = "conda among its own"
OUTSIDE = "outside the guard"
CHANGED = "changed although stopped"

_PASSING = re.compile(
    r"/\S*/tmp/\S+|sha256=[0-9a-f]{64}"  # of what was built on the way
    # what conda says only once: it keeps what it has got
    r"|\n*The following packages will be downloaded:.*?Total:[^\n]*\n"
    r"|\n*(?:Downloading and Extracting Packages|Retrieving notices):?[^\n]*\n",
    re.DOTALL,
)
_WORD = "safeinstall: "
_PIP_WARNED = "pip's dependency resolver does not currently take into account"


@dataclass(frozen=True)
class Run:
    """What an operation said, and what it left behind."""

    status: int
    stdout: str
    stderr: str
    tree: Tree
    facts: Facts


@dataclass(frozen=True)
class Judgement:
    """One operation's row in the protocol."""

    label: str
    stopped: bool = False
    harm: tuple[str, ...] = ()  # of the bare run, or of the guarded one where that was missed
    differences: tuple[str, ...] = ()  # between bare and guarded, where both went through
    warned: bool = False  # by safeinstall
    told: bool = False  # by the tool itself
    changes: bool = False  # did the bare run change anything?
    said: str = field(default="", compare=False)  # safeinstall's own words


def judge(tool: str, before: Run, bare: Run, guarded: Run) -> Judgement:
    """``before`` holds the state that both runs met; its status and words do not count."""
    bad = harm(before.facts, bare.facts, tool)
    crossing = {problem for problem in bad if crosses(problem, tool, bare.facts)}
    warned = _WORD in guarded.stderr
    refused = warned and guarded.status != 0 and bare.status == 0  # by the tool, on a rail
    stopped = guarded.status == BLOCKED or refused
    shown, differences = crossing or bad, tuple[str, ...]()
    if stopped:
        label = _stopped(tool, before, bare, guarded, crossing, bad)
        if label == CHANGED:
            differences = tuple(changed(before.tree, guarded.tree))
    else:
        worse = harm(before.facts, guarded.facts, tool)
        missed = {problem for problem in worse if crosses(problem, tool, guarded.facts)}
        label = MISSED if missed else ASIDE if crossing else _harmless(tool, bare, bad)
        shown = missed or shown
        differences = tuple(_differences(bare, guarded)) if label == THROUGH else ()
    return Judgement(
        label,
        stopped=stopped,
        harm=tuple(map(str, sorted(shown))),
        differences=differences,
        warned=warned,
        told=_PIP_WARNED in bare.stderr,
        changes=bool(changed(before.tree, bare.tree)),
        said=guarded.stderr if warned or bare.status != guarded.status else "",
    )


def _stopped(
    tool: str,
    before: Run,
    bare: Run,
    guarded: Run,
    crossing: Collection[Problem],
    bad: Collection[Problem],
) -> str:
    if changed(before.tree, guarded.tree):
        return CHANGED
    return STOPPED if crossing else _harmless(tool, bare, bad, through=NEEDLESS)


def _harmless(tool: str, bare: Run, bad: Collection[Problem], through: str = THROUGH) -> str:
    """What came of the bare run, where it did no harm across the line."""
    if bad:
        return OWN_PIP if tool == "pip" else OWN_CONDA
    return FAILED if bare.status else through


def crosses(problem: Problem, tool: str, after: Facts) -> bool:
    """Is the line between the two tools crossed?

    pip sees all that is there, and says so itself when it breaks its own. conda sees none of
    pip's: what it links onto a foundation of pip's, and does not work there, is broken by the mix.
    """
    if problem.victim != tool and not (tool == "conda" and _is_solved_with(problem, after)):
        return True
    return tool == "conda" and "pip" in _owners_of_rotten_foundation(problem.subject, after)


def _is_solved_with(problem: Problem, facts: Facts) -> bool:
    """Does conda know what it takes the foundation from? It has a record of that very version, and
    but for the user's force would have taken it away as well."""
    names = {found.name for found in facts.distributions if found.recorded}
    return problem.kind in ("requirement", "import") and problem.subject in names


def _owners_of_rotten_foundation(name: str, facts: Facts) -> set[str]:
    """Who owns what is not as a distribution, or one that it stands on, requires it?"""
    by_name = {found.name: found for found in facts.distributions}
    left, seen, owners = [name], set[str](), set[str]()
    while left:
        found = by_name.get(left.pop())
        if found is None or found.name in seen:
            continue
        seen.add(found.name)
        left += found.requires
        owners |= {by_name[need].owner for need, *_ in found.unmet if need in by_name}
    return owners


def _differences(bare: Run, guarded: Run) -> Iterator[str]:
    """Both went through: then both have to have done and said the same."""
    if bare.status != guarded.status:
        yield f"exit status {bare.status}, guarded {guarded.status}"
    yield from _other_lines(bare.stdout, guarded.stdout)
    theirs, ours = _essence(bare.tree), _essence(guarded.tree)
    yield from changed(theirs, ours)
    if _packages(bare.facts) != _packages(guarded.facts):
        yield "conda's records"


def _other_lines(bare: str, guarded: str) -> Iterator[str]:
    """Of stdout, in any order: pip goes through sets, and prints as it goes."""
    theirs, ours = (sorted(filter(None, _lasting(t).splitlines())) for t in (bare, guarded))
    for line in difflib.unified_diff(theirs, ours, "bare", "guarded", n=0, lineterm=""):
        if line[:2] not in ("--", "++", "@@"):
            yield f"stdout {line}"


def _lasting(text: str) -> str:
    """Without what is not the same in two runs of anything."""
    return _PASSING.sub("\n", text)


def _essence(tree: Tree) -> Tree:
    """Without what has a time in it: byte code, conda's history; records are compared by sense."""
    return {
        path: digest
        for path, digest in tree.items()
        if not path.endswith(".pyc") and not path.startswith("conda-meta/")
    }


def _packages(facts: Facts) -> set[tuple[str, str, str, str]]:
    return {(r.name, r.version, r.build, r.requested) for r in facts.records.values()}
