"""Texts of files with the findings that are expected in them, and what the linter tells of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safeinstall.lint.readers import kinds
from safeinstall.lint.run import Linted, linted
from safeinstall.lint.source import Source
from safeinstall.policy.merge import preset_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
HEAD, MARK = "=== ", "  #! "


def corpus(name: str) -> Iterator[tuple[str, str, set[tuple[int, str]]]]:
    """Each file of a corpus: its path, its text without marks, line and code of each mark."""
    with open(os.path.join(CORPUS, name), encoding="utf-8") as file:
        for part in file.read().split(HEAD)[1:]:
            path, _, text = part.partition("\n")
            plain, expected = marked(text)
            yield path, plain, expected


def marked(text: str) -> tuple[str, set[tuple[int, str]]]:
    """The text without its marks, and the line and code of each."""
    lines, expected = [], set()
    for number, line in enumerate(text.split("\n"), 1):
        plain, _, codes = line.partition(MARK)
        lines.append(plain)
        expected |= {(number, code) for code in codes.split()}
    return "\n".join(lines), expected


def told_of(text: str, path: str = "Dockerfile", preset: str = "recommended") -> Linted:
    """What is told of the text, under the policy of a preset."""
    kind = kinds.by_name(path).strip("?") or kinds.by_content(text, path)
    return linted(Source(path, text), kind, lambda _: None, preset_policy(preset))


def found(result: Linted) -> set[tuple[int, str]]:
    """Line and code of each finding."""
    return {(result.source.position(t.span.start)[0], t.finding.rule) for t in result.told}
