"""What a rule is asked about, and how it answers."""

from __future__ import annotations

from safeinstall.lint.follow import Moment
from safeinstall.lint.nouns import Document, Edit, Stage, Told
from safeinstall.lint.source import Span
from safeinstall.model import CONDA_LIKE, Finding, Sources
from safeinstall.output.quoting import quote
from safeinstall.policy.rule_table import BY_CODE
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Command, Level


class Asked(Value):
    """One stage of a document, followed."""

    document: Document
    at: int  # index of the stage
    followed: tuple[tuple[Moment, ...], ...]  # of all stages of the document
    sources: Sources = Sources()  # the policy's lists

    @property
    def stage(self) -> Stage:
        """The stage in question."""
        return self.document.stages[self.at]

    @property
    def moments(self) -> tuple[Moment, ...]:
        """Its steps, followed."""
        return self.followed[self.at]

    def line(self, span: Span) -> int:
        """The line on which a part of the file begins."""
        return self.document.source.position(span.start)[0]

    def changes_packages(self) -> bool:
        """Do pip or conda change anything in this stage, or in those built on it or under it?"""
        related = {self.at, *self._above(self.at)}
        related |= {n for n in range(len(self.followed)) if self.at in self._above(n)}
        return any(m.command.mutates for n in related for m in self.followed[n])

    def _above(self, at: int) -> Iterator[int]:
        parent = self.document.stages[at].parent
        while 0 <= parent < len(self.followed):
            yield parent
            parent = self.document.stages[parent].parent

    @property
    def is_leaf(self) -> bool:
        """Is it an image that is used, on which the file builds no other?"""
        built_on = {stage.parent for stage in self.document.stages}
        return self.stage.delivered and self.at not in built_on


def told(
    code: str,
    level: Level,
    message: str,
    span: Span,
    *,
    evidence: Iterable[str] = (),
    fixes: Iterable[str] = (),
    packages: Iterable[str] = (),
    environment: str = "",
    edits: Iterable[Edit] = (),
) -> Told:
    """A finding of the rule with this code. ``level``: "block" for harm, "warn" for less."""
    finding = Finding(
        rule=code,
        name=BY_CODE[code].name,
        level=level,
        message=message,
        evidence=tuple(evidence),
        fixes=tuple(fixes),
        packages=tuple(packages),
    )
    return Told(finding, span, environment, tuple(edits))


def line_of(words: Iterable[str]) -> str:
    """The words as one line of a file, in which variables stay variables."""
    return " ".join(f'"{word}"' if _is_open(word) else quote(word) for word in words)


def _is_open(word: str) -> bool:
    """Has the word a variable, and nothing that double quotes would not keep?"""
    return "$" in word and not set('"`\\\n') & {*word} and "$(" not in word


def verb_index(command: Command) -> int:
    """The index of the word that is the verb, the last one of "env create"; -1 if there is none."""
    if command.tool not in CONDA_LIKE:
        return command.verb_at - 1 if command.verb_at else -1
    plain = (n for n, w in enumerate(command.words) if n >= command.launcher and w[:1] != "-")
    indexes = list(plain)[: len(command.verb.split())]
    return indexes[-1] if indexes else -1


def behind_verb(moment: Moment, text: str) -> tuple[Edit, ...]:
    """The edit that writes ``text`` behind the verb of the inner command, if it can be made."""
    step, command = moment.step, moment.inner
    at = verb_index(command)
    first = len(step.words) - len(command.words)
    if at < 0 or first < 0 or not step.exact or step.texts[first:] != command.words:
        return ()
    end = step.words[first + at].span.end
    return (Edit(Span(end, end), text),)
