"""One simple command of a shell text: its words, its assignments, and what it starts."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod

from safeinstall.argv import shell_text
from safeinstall.lint.nouns import Session, Step, Word
from safeinstall.lint.shell import effects, syntax
from safeinstall.lint.shell import words as expansion
from safeinstall.lint.shell.recorder import How, Recorder
from safeinstall.lint.shell.starters import unwrapped
from safeinstall.lint.source import Fault, Fragment, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.lint.shell.syntax import Node

_MOST_CALLS = 40  # calls of functions in one file: their bodies are walked through each time
_MOST_STEPS = 10_000  # commands of one stage
DEEPEST_SHELL = 4  # shells within shells
DOCUMENTS = ("heredoc_redirect",)
_EXPANDED = ("string", "concatenation", "command_substitution", "simple_expansion", "expansion")


class Commands(ABC):
    """The commands of a shell text, one at a time. What leads from one to the next is added by
    :mod:`safeinstall.lint.shell.walk`.
    """

    def __init__(
        self, fragment: Fragment, session: Session, recorder: Recorder, depth: int
    ) -> None:
        self.fragment = fragment
        self.text = fragment.text
        self.session = session
        self.recorder = recorder
        self.depth = depth
        self.level = 0
        self.how = How()
        self.functions: dict[str, Node] = {}
        self.called: set[str] = set()
        self.beginning = session

    @abstractmethod
    def visit(self, node: Node) -> None:
        """Walk through a part of the text, of whatever kind."""

    @abstractmethod
    def apart(self, node: Node) -> None:
        """Walk through a part of the text that changes nothing for the commands behind it."""

    def raw(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def comment(self, node: Node) -> None:
        span = self.fragment.span(node.start_byte, node.end_byte)
        self.recorder.comments.append((span, self.text[node.start_byte : node.end_byte]))

    def inner(self, node: Node) -> None:
        """The commands inside ``$(…)``."""
        how = self.how
        was = how.saved, how.answered
        how.saved, how.answered = "", False
        self.apart(node)
        how.saved, how.answered = was

    def words_of(self, node: Node) -> list[Word]:
        """The words that a part of the command becomes."""
        if node.type in DOCUMENTS or node.type in ("file_redirect", "herestring_redirect"):
            return []
        found = expansion.expanded(node, self.text, self.session.variables, self.inner)
        span = self.fragment.span(node.start_byte, node.end_byte)
        return [Word(text, span) for text in found]

    def assignments(self, node: Node) -> None:
        """``A=1``, also behind ``export``."""
        if node.type == "variable_assignment":
            self.session = self.assigned(node, self.session)
        else:
            for child in node.named_children:
                if child.type == "variable_assignment":
                    self.session = self.assigned(child, self.session)
                elif child.type in _EXPANDED:
                    self.words_of(child)

    def assigned(self, node: Node, session: Session) -> Session:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return effects.with_variable(session, self.raw(name), "") if name else session
        key = self.raw(name)
        if value.type == "array":
            items = [
                word
                for child in value.named_children
                for word in expansion.expanded(child, self.text, session.variables, self.inner)
            ]
            return effects.with_variable(session, f"{key}[@]", expansion.SEPARATOR.join(items))
        words = expansion.expanded(value, self.text, {**session.variables}, self.inner)
        text = " ".join(words)
        if text == f"${key}" or "+=" in self.text[name.end_byte : value.start_byte]:
            return effects.without(session, key)
        return effects.with_variable(session, key, text)

    def unset(self, node: Node) -> None:
        for child in node.named_children:
            self.session = effects.without(self.session, self.raw(child))

    def command(self, node: Node) -> None:
        outside = self.session
        words: list[Word] = []
        literals: list[tuple[int, int] | None] = []
        for child in node.named_children:
            if child.type == "variable_assignment":
                self.session = self.assigned(child, self.session)
                continue
            if child.type == "comment":
                self.comment(child)
                continue
            inside = child.named_children[0] if child.type == "command_name" else child
            found = self.words_of(child)
            words += found
            literals += [expansion.literal(inside, self.text)] * len(found)
        here = self.session
        self.session = outside
        if not words:
            self.session = here
            return
        span = self.fragment.span(node.start_byte, node.end_byte)
        self.started(words, span, session=here, literals=literals, exact=self.fragment.exact)

    def started(
        self,
        words: list[Word],
        span: Span,
        *,
        session: Session | None = None,
        literals: Sequence[tuple[int, int] | None] = (),
        exact: bool = True,
    ) -> None:
        """A command with these words starts. ``session`` has its own assignments."""
        here = session or self.session
        inner, environ, user = unwrapped(words)
        if environ:
            here = here.replace(variables={**here.variables, **environ})
        if user:
            here = here.replace(user=user)
        if not inner:
            return
        self.note(inner, span, here, exact=exact)
        texts = [word.text for word in inner]
        name = texts[0].rpartition("/")[2]
        if texts[0] in self.functions:
            self.call(texts[0])
        elif at := self.text_at(texts, here):
            place = len(words) - len(inner) + at
            given = literals[place] if place < len(literals) else None
            part = self.fragment.part(*given) if given else None
            text = part or Fragment(texts[at], ((0, inner[at].span.start),), exact=False)
            if name == "eval":
                self.nested(text, here, keeps=True)
            else:
                self.nested(text, effects.in_shell(texts[:at], here), keeps=False)
        else:
            self.session = effects.after(texts, self.session)

    def note(self, words: Sequence[Word], span: Span, session: Session, *, exact: bool) -> None:
        recorder, how = self.recorder, self.how
        if len(recorder.steps) >= _MOST_STEPS:
            raise Fault(f"has more than {_MOST_STEPS} commands, and is not followed", span.start)
        span = Span(min(word.span.start for word in words), span.end)
        recorder.steps.append(
            Step(
                tuple(words),
                span,
                session,
                recorder.layer,
                recorder.layer_span,
                how.branch,
                how.saved,
                how.answered,
                recorder.mounts,
                exact,
            )
        )

    def call(self, name: str) -> None:
        self.called.add(name)
        self.recorder.calls += 1
        if self.recorder.calls < _MOST_CALLS:
            body = self.functions.pop(name)  # a function that calls itself goes on with nothing new
            self.visit(body)
            self.functions.setdefault(name, body)

    def text_at(self, texts: list[str], session: Session) -> int:
        """The index of the word that is shell text to be run; 0 where there is none."""
        name = texts[0].rpartition("/")[2]
        if self.depth >= DEEPEST_SHELL:
            return 0
        if name == "eval":
            return 1 if len(texts) == 2 and expansion.UNKNOWN not in texts[1] else 0
        if name == "su" and "-c" in texts[:-1]:
            return texts.index("-c") + 1
        call = shell_text.call(texts, session.variables)
        if call is not None:
            return call.at
        return _inside_conda_run(texts)

    def nested(self, text: Fragment, session: Session, *, keeps: bool) -> None:
        recorder, how = self.recorder, self.how
        walk = type(self)(text, session, recorder, self.depth + 1)
        walk.how.branch, walk.how.saved = how.branch, how.saved
        walk.how.answered = how.answered
        walk.functions = self.functions if keeps else {}
        walk.level = self.level
        before = len(recorder.steps)
        walk.visit(syntax.tree(text.text))
        if keeps:
            self.session = walk.session
        elif len(recorder.steps) > before:
            recorder.steps[-1] = recorder.steps[-1].replace(last=True)


def _inside_conda_run(texts: list[str]) -> int:
    """Of ``conda run -n x bash -c TEXT`` the index of the text."""
    if os.path.basename(texts[0]) not in ("conda", "mamba", "micromamba") or "run" not in texts:
        return 0
    for at in range(texts.index("run") + 1, len(texts)):
        if os.path.basename(texts[at]) in shell_text.SHELLS:
            call = shell_text.call(texts[at:], {})
            return at + call.at if call is not None else 0
    return 0
