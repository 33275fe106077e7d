"""The table, and the words by which every case can be played again."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.court import judgement as j
from tests.court.operations import KINDS
from tests.court.trial import Case

MOST_NEEDLESS = 0.02
_LETTERS = {
    j.STOPPED: "s",
    j.ASIDE: "a",
    j.TOLD: "t",
    j.MISSED: "M",
    j.NEEDLESS: "N",
    j.BLIND: "b",
    j.CHANGED: "C",
    j.THROUGH: ".",
}
HARMFUL = (j.STOPPED, j.ASIDE, j.TOLD, j.MISSED)
HARMLESS = (j.THROUGH, j.NEEDLESS)
COLUMNS = (
    *("operations", "harmful", "stopped", "made harmless", "told", "missed"),
    *("harmless", "needless", "rate"),
)


def print_all(cases: Sequence[Case], seed: int, sequences: int, seconds: float) -> int:
    """Print the table and the cases that count; 1 if the bar is not met."""
    title = f"{sequences} sequences from seed {seed}, {seconds / 60:.1f} minutes"
    for line in (title, "", *table(cases), *_beside(cases), *_cases(cases), *verdict(cases)):
        print(line)
    return 1 if verdict(cases)[1:] else 0


def table(cases: Sequence[Case]) -> Iterator[str]:
    """In Markdown, a kind a row."""
    width = max(map(len, KINDS))
    yield _line("operation", COLUMNS, width)
    yield _line("-" * width, ["-" * (len(column) - 1) + ":" for column in COLUMNS], width)
    for kind in KINDS:
        mine = [case for case in cases if case.operation.kind == kind]
        if mine:
            yield _line(kind, row(mine), width)
    yield _line("all", row(cases), width)


def _line(first: str, cells: Sequence[str], width: int) -> str:
    places = [cell.rjust(len(column)) for cell, column in zip(cells, COLUMNS, strict=True)]
    return " | ".join([f"| {first.ljust(width)}", *places]) + " |"


def row(cases: Sequence[Case]) -> list[str]:
    """The numbers of one line of the table."""
    count = Counter(case.judgement.label for case in cases)
    harmful, harmless = (sum(count[label] for label in group) for group in (HARMFUL, HARMLESS))
    rate = f"{count[j.NEEDLESS] / harmless:.1%}" if harmless else ""
    numbers = [
        len([case for case in cases if case.judgement.label != j.OUTSIDE]),
        harmful,
        *(count[label] for label in HARMFUL),
        harmless,
        count[j.NEEDLESS],
    ]
    return [*(str(number) if number else "·" for number in numbers), rate]


def verdict(cases: Sequence[Case]) -> list[str]:
    """The first line says what was found; each further line is one reason why it is not enough."""
    count = Counter(case.judgement.label for case in cases)
    harmless = sum(count[label] for label in HARMLESS)
    needless = f"{count[j.NEEDLESS]} of {harmless} harmless stopped"
    lines = [f"{count[j.MISSED]} missed, {needless}, {count[j.CHANGED]} changed although stopped"]
    if count[j.MISSED]:
        lines.append("FAILED: breaks were missed")
    if count[j.NEEDLESS] > MOST_NEEDLESS * harmless:
        lines.append("FAILED: more than 2 in 100 harmless operations were stopped")
    if count[j.CHANGED]:
        lines.append("FAILED: something was changed by what was blocked")
    return lines


def _beside(cases: Sequence[Case]) -> list[str]:
    """What no line between the two tools is crossed by, and what is no matter for a verdict."""
    lines = ["", *(line for label in (j.OWN_PIP, j.OWN_CONDA) for line in _own(label, cases))]
    others = Counter(case.judgement.label for case in cases)
    lines += [f"{label}: {others[label]}" for label in (j.BLIND, j.FAILED, j.OUTSIDE)]
    moving = [c for c in cases if c.judgement.label in HARMLESS and c.judgement.changes]
    needless = sum(case.judgement.label == j.NEEDLESS for case in moving)
    lines.append(f"harmless and not without effect: {len(moving)}, {needless} of them stopped")
    differ = [
        case for case in cases if case.judgement.label == j.THROUGH and case.judgement.differences
    ]
    lines.append(f"let through, but not the same as bare: {len(differ)}")
    return lines


def _own(label: str, cases: Sequence[Case]) -> Iterator[str]:
    mine = [case for case in cases if case.judgement.label == label]
    stopped, ours, pips = (
        sum(getattr(case.judgement, name) for case in mine)
        for name in ("stopped", "warned", "told")
    )
    yield (
        f"{label}: {len(mine)}; {stopped} stopped, {ours} with a word of safeinstall's, "
        f"{pips} with one of pip's"
    )

    for case in mine:
        harm = "; ".join(_few(case.judgement.harm, 2))
        yield f"  ONLY={case.number} operation {case.position}: {shlex.join(case.words)}: {harm}"


def _cases(cases: Sequence[Case]) -> list[str]:
    lines: list[str] = []
    for case in cases:
        judged = case.judgement
        if judged.label in (j.MISSED, j.NEEDLESS, j.CHANGED) or judged.differences:
            lines += ["", *told(case)]
    return [*lines, ""]


def told(case: Case) -> list[str]:
    """A case in full."""
    judged = case.judgement
    words = shlex.join(case.words).replace("\n", " ")
    title = judged.label + (", but not the same" if judged.differences else "")
    lines = [
        f"{title}: make court SEED={case.seed} ONLY={case.number}, operation {case.position}",
        f"  $ {words}",
    ]
    lines += [f"  < {name}: {text!r}" for name, text in case.operation.files]
    lines += [f"  harm: {text}" for text in _few(judged.harm)]
    lines += [f"  differs: {text}" for text in _few(judged.differences)]
    return lines + [f"  | {text}" for text in judged.said.rstrip().splitlines()[:14]]


def _few(lines: Sequence[str], most: int = 6) -> list[str]:
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    return [*lines[:most], *more]


def progress(cases: Sequence[Case], count: int, total: int, verbose: bool = False) -> None:
    """One line a sequence on stderr; with ``verbose`` every operation of it."""
    if verbose:
        for case in cases:
            print(*told(case), sep="\n", file=sys.stderr)
    letters = "".join(_letter(case) for case in cases)
    print(f"{count:4}/{total} {cases[0].number:4} {letters}", file=sys.stderr, flush=True)


def _letter(case: Case) -> str:
    return _LETTERS.get(case.judgement.label, "-")
