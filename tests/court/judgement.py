"""From two runs of one operation to a judgement. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tests.court.facts import Facts
from tests.court.files import Tree, changed
from tests.court.memory import name_of
from tests.court.truth import ABROAD, ALONE, BOTH, VARIANT, Problem, harm

BLOCKED = 77

STOPPED = "stopped before harm"
ASIDE = "made harmless"  # let through on a rail, and no harm came of it
TOLD = "told beforehand"  # where a word is enough
MISSED = "missed"
NEEDLESS = "stopped without need"
BLIND = "stopped, as conda does not show its plan"  # no dry run, and here no plugin
THROUGH = "let through"
FAILED = "failed by itself"
OWN_PIP = "pip among its own"
OWN_CONDA = "conda among its own"
OUTSIDE = "outside the guard"
CHANGED = "changed although stopped"

_PASSING = re.compile(
    r"/\S*/tmp/\S+|sha256=[0-9a-f]{64}"  # of what was built on the way
    r"|condaenv\.\w+(?=\.requirements\.txt)"  # conda's copy of a pip: part
    # what conda says only once: it keeps what it has got
    r"|\n*The following packages will be downloaded:.*?Total:[^\n]*\n"
    r"|\n*(?:Downloading and Extracting Packages|Retrieving notices):?[^\n]*\n",
    re.DOTALL,
)
_WORD = "safeinstall: "
_FAULT = "please report"
_SEES_NOTHING = "cannot be found out beforehand here"
WORD_IS_ENOUGH = {ABROAD: "SI103", VARIANT: "SI206", ALONE: "SI201"}
"""What nothing breaks by: it is for the user to decide, who has to know."""
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


def judge(tool: str, words: Collection[str], before: Run, bare: Run, guarded: Run) -> Judgement:
    """``before`` holds the state that both runs met; its status and words do not count."""

    def harm_of(run: Run) -> set[Problem]:
        return set(harm(before.facts, run.facts, tool, set(map(name_of, words))))

    def crossing(problems: set[Problem], run: Run) -> set[Problem]:
        return {problem for problem in problems if crosses(problem, tool, run.facts)}

    bad = harm_of(bare)
    bare_harm, harm_left = crossing(bad, bare), crossing(harm_of(guarded), guarded)
    missed = {problem for problem in harm_left if not _is_told(problem, guarded.stderr)}
    warned = _WORD in guarded.stderr
    refused = warned and guarded.status != 0 and bare.status == 0  # by the tool, on a rail
    stopped = guarded.status == BLOCKED or refused
    differences = tuple[str, ...]()
    # conda's half of an environment file is done when the pip: part is refused
    if stopped and tool != BOTH and changed(before.tree, guarded.tree):
        label, differences = CHANGED, tuple(changed(before.tree, guarded.tree))
    elif missed or harm_left:
        label = MISSED if missed else TOLD
    elif bare_harm:
        label = STOPPED if stopped else ASIDE
    else:
        needless = BLIND if _SEES_NOTHING in " ".join(guarded.stderr.split()) else NEEDLESS
        label = _harmless(bare, bad, needless if stopped else THROUGH)
        differences = tuple(_differences(bare, guarded)) if label == THROUGH else ()
    if _FAULT in guarded.stderr:
        differences = (*differences, "the guard tells of a fault of its own")
    return Judgement(
        label,
        stopped=stopped,
        harm=tuple(map(str, sorted(missed or harm_left or bare_harm or bad))),
        differences=differences,
        warned=warned,
        told=_PIP_WARNED in bare.stderr,
        changes=bool(changed(before.tree, bare.tree)),
        said=guarded.stderr if warned or bare.status != guarded.status else "",
    )


def _is_told(problem: Problem, said: str) -> bool:
    return WORD_IS_ENOUGH.get(problem.kind, "nothing would be") in said


def _harmless(bare: Run, bad: Collection[Problem], through: str) -> str:
    """What came of the bare run, where it did no harm across the line."""
    if bad:
        return OWN_PIP if "conda" not in {problem.victim for problem in bad} else OWN_CONDA
    return FAILED if bare.status else through


def crosses(problem: Problem, tool: str, after: Facts) -> bool:
    """Is the line between the two tools crossed?

    pip sees all that is there, and says so itself when it breaks its own. conda sees none of
    pip's: what it links onto a foundation of pip's, and does not work there, is broken by the mix.
    Where both are at work, it is crossed unless all that has to do with it is of one owner.
    """
    if problem.victim == BOTH:
        return True
    if tool == BOTH:
        return _is_mixed(problem, after)
    if problem.victim != tool and not (tool == "conda" and _is_solved_with(problem, after)):
        return True
    return tool == "conda" and "pip" in _owners_of_rotten_foundation(problem.subject, after)


def _is_mixed(problem: Problem, after: Facts) -> bool:
    if problem.kind not in ("requirement", "import"):
        return True
    if problem.victim == "conda":
        return "pip" in _owners_of_rotten_foundation(problem.subject, after)
    return _owners_of_rotten_foundation(problem.subject, after) != {"pip"}


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
