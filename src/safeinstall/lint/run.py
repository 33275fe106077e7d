"""The road of a file: its text → document → followed stages → findings → what the policy keeps."""

from __future__ import annotations

import importlib

from safeinstall.lint import files, follow, ignored, judged
from safeinstall.lint.asked import Asked
from safeinstall.lint.readers import kinds
from safeinstall.lint.rules import RULES
from safeinstall.lint.source import Fault, Source
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.lint.files import Found
    from safeinstall.lint.nouns import Document, Read, Told
    from safeinstall.model import Sources
    from safeinstall.policy.merge import Policy

_READERS = {
    kinds.DOCKERFILE: ("dockerfile", "read"),
    kinds.SCRIPT: ("script", "read"),
    kinds.WORKFLOW: ("workflow", "read"),
    kinds.GITLAB: ("gitlab", "read"),
    kinds.MAKEFILE: ("makefile", "read"),
    kinds.ENVIRONMENT: ("listed", "environment"),
    kinds.REQUIREMENTS: ("listed", "requirements"),
    kinds.PYPROJECT: ("pyproject", "read"),
    kinds.NOTEBOOK: ("notebook", "read"),
}
"""The module and the function that read each kind. A module is imported for the first such file."""

_COVERED_BY = {"SI101": "SI102"}
"""A finding that says no more than another one about the same command."""


class Linted(Value):
    """What is told of one file."""

    source: Source
    told: tuple[Told, ...] = ()
    fault: str = ""  # why the file could not be judged
    at: int = 0  # where in the file


class Unknown(Value):
    """A file that was named, and that is of no kind which is read."""

    path: str


def run(
    paths: Sequence[str],
    cwd: str,
    policy: Policy,
    name: str = "",
    actors: frozenset[str] = frozenset(),
) -> Iterator[Linted | Unknown]:
    """What is told of each file. ``name``: what the text on stdin is called; ``actors``: who acts
    here, by the names of a policy. Raises UsageError for a path that is not there.
    """
    for file in files.found(paths, cwd):
        yield from _one(file, cwd, policy, name, actors)


def _one(
    file: Found, cwd: str, policy: Policy, name: str, actors: frozenset[str]
) -> Iterator[Linted | Unknown]:
    try:
        read = files.source(file, cwd, name)
    except Fault as fault:
        yield Linted(Source(file.path, ""), fault=fault.message, at=fault.offset)
        return
    if read is None:
        if file.named:
            yield Unknown(file.path)
        return
    source, kind = read
    beside = files.reading_beside(source.path, cwd)
    yield linted(source, kind, beside, policy, actors)


def linted(
    source: Source,
    kind: str,
    beside: Read,
    policy: Policy,
    actors: frozenset[str] = frozenset(),
) -> Linted:
    """What is told of a text of this kind."""
    try:
        document = _document(source, kind, beside)
        found = tell(document, judged.sources_of(policy))
    except Fault as fault:
        return Linted(source, fault=fault.message, at=fault.offset)
    except RecursionError:
        return Linted(source, fault="is nested too deeply")
    kept = judged.judged(ignored.without_ignored(found, source), policy, actors)
    kept.sort(key=lambda told: (told.span.start, told.finding.rule))
    return Linted(source, tuple(_each_once(kept)))


def _document(source: Source, kind: str, beside: Read) -> Document:
    module, function = _READERS[kind]
    reader = importlib.import_module(f"safeinstall.lint.readers.{module}")
    document: Document = getattr(reader, function)(source, beside)
    return document


def tell(document: Document, sources: Sources) -> list[Told]:
    """What the rules find in a document."""
    followed = tuple(map(tuple, follow.follow(document)))
    asked = [Asked(document, at, followed, sources) for at in range(len(document.stages))]
    found = [told for stage in asked for rule in RULES for told in rule.look(stage)]
    places = {(told.finding.rule, told.span) for told in found}
    return [t for t in found if (_COVERED_BY.get(t.finding.rule), t.span) not in places]


def _each_once(found: Iterable[Told]) -> Iterator[Told]:
    """The findings without those that another one repeats: a function is walked through at each of
    its calls.
    """
    seen = set()
    for told in found:
        key = (told.finding.rule, told.span)
        if key not in seen:
            seen.add(key)
            yield told
