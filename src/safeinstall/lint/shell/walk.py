"""Walk through a shell text as a shell would run it, and note each command as a step.

What one path alone does (an arm of ``if``, the right side of ``||``) is noted with the number of
that arm, and forgotten for the session behind it unless all arms agree. Functions are walked
through where they are called; those that nothing calls, at the end.
"""

from __future__ import annotations

from safeinstall.argv import shell_text
from safeinstall.lint.nouns import Session, Word
from safeinstall.lint.shell import effects, syntax
from safeinstall.lint.shell.commands import DEEPEST_SHELL, DOCUMENTS, Commands
from safeinstall.lint.shell.recorder import How, Recorder
from safeinstall.lint.shell.starters import unwrapped
from safeinstall.lint.source import Fault, Fragment, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safeinstall.lint.shell.syntax import Node

_TESTS = ("test_command", "[", "[[", "test")
_ASKING = ("command", "which", "type", "hash", "test", "[")  # programs that only answer a question
_DISCARDED = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty")


def run(fragment: Fragment, session: Session, recorder: Recorder, depth: int = 0) -> Session:
    """Note the commands of the text; returns the session behind it. Raises :class:`Fault` where
    the text is nested too deeply.
    """
    walk = _Walk(fragment, session, recorder, depth)
    root = syntax.tree(fragment.text)
    before = len(recorder.steps)
    walk.visit(root)
    if len(recorder.steps) > before:
        recorder.steps[-1] = recorder.steps[-1].replace(last=True)
    end = walk.session
    walk.uncalled()
    behind = -1 if depth else _open_end(root, fragment)
    if behind >= 0:
        found = recorder.steps[before:]
        recorder.steps[before:] = [step.replace(behind=behind) for step in found]
    return end


def program(words: Sequence[Word], session: Session, recorder: Recorder, span: Span) -> None:
    """Note a command that no shell reads: ``RUN ["pip", "install", "x"]``."""
    walk = _Walk(Fragment("", ((0, span.start),)), session, recorder, 0)
    walk.started(list(words), span, exact=False)


def _open_end(root: Node, fragment: Fragment) -> int:
    """Where ``&& command`` can be added to the text; -1 where that would not do."""
    last = root.named_children[-1] if root.named_children else None
    simple = ("command", "list", "redirected_statement", "variable_assignments")
    if not fragment.exact or root.has_error or last is None or last.type not in simple:
        return -1
    if any(child.type in ("comment", "heredoc_redirect") for child in last.named_children):
        return -1
    one = [child for child in root.named_children if child.type != "comment"]
    chained = len(one) == 1 and fragment.text[last.end_byte :].strip() == ""
    has_or = last.type == "list" and any(child.type == "||" for child in last.children)
    return fragment.at(last.end_byte - 1) + 1 if chained and not has_or else -1


class _Walk(Commands):
    """The constructs of a shell: chains, branches, loops, pipelines, here-documents, functions."""

    def visit(self, node: Node) -> None:
        self.level += 1
        if self.level > syntax.DEEPEST:
            raise Fault("the shell text is nested too deeply", self.fragment.at(node.start_byte))
        method = _METHODS.get(node.type, _Walk.children)
        method(self, node)
        self.level -= 1

    def children(self, node: Node) -> None:
        for child in node.named_children:
            self.visit(child)

    def nothing(self, node: Node) -> None:
        """What runs no command."""

    def chain(self, node: Node, last: tuple[str, bool] | None = None) -> None:
        """``a && b``, ``a || b``: a chain may have hundreds of parts, each nested in the next.
        ``last``: where the last command's output goes, and whether it is answered.
        """
        parts, at = [], node
        while at.type == "list":
            operator = next((c.type for c in at.children if c.type in ("&&", "||")), "&&")
            inside = at.named_children
            parts += [(operator, extra) for extra in reversed(inside[1:])]
            at = inside[0]
        self.visit(at)
        only_if = self.is_question(at)
        for number, (operator, part) in enumerate(reversed(parts), 1):
            if number == len(parts) and last is not None:
                self.how.saved, self.how.answered = last
            if part.type == "comment":
                self.comment(part)
            elif operator == "||" or only_if:
                self.arms([lambda part=part: self.visit(part)], complete=False)  # type: ignore[misc]
            else:
                self.visit(part)
            only_if = operator == "&&" and (only_if or self.is_question(part))

    def is_question(self, node: Node) -> bool:
        """Does the command only ask something, so that what is behind ``&&`` is one case?"""
        if node.type == "negated_command":
            return True
        if node.type == "redirected_statement" and node.named_children:
            return self.is_question(node.named_children[0])
        if node.type == "pipeline":
            return self.text[node.end_byte - 1 : node.end_byte] != "" and "grep" in self.raw(
                node.named_children[-1]
            )
        name = node.child_by_field_name("name")
        return node.type in _TESTS or (name is not None and self.raw(name) in _ASKING)

    def arms(self, arms: Sequence[Callable[[], None]], *, complete: bool) -> None:
        """Walk through each arm from the same beginning. ``complete``: one of them is taken."""
        begin, branch = self.session, self.how.branch
        ends = [] if complete else [begin]
        for arm in arms:
            self.session = begin
            self.how.branch = (*branch, next(self.recorder.numbers))
            arm()
            ends.append(self.session)
        self.how.branch = branch
        self.session = effects.joined(ends or [begin])

    def choice(self, node: Node) -> None:
        """``if``: the condition is run, then one of the arms."""
        arms: list[list[Node]] = [[]]
        condition = True
        complete = False
        for child in node.children:
            if child.type == "then":
                condition = False
            elif child.type in ("elif_clause", "else_clause"):
                complete = complete or child.type == "else_clause"
                arms.append([child])
            elif child.is_named:
                if condition:
                    self.visit(child)
                else:
                    arms[0].append(child)
        self.arms([lambda part=part: self.all_of(part) for part in arms], complete=complete)  # type: ignore[misc]

    def all_of(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.visit(node)

    def cases(self, node: Node) -> None:
        items = [child for child in node.named_children if child.type == "case_item"]
        complete = any(self.raw(item).lstrip("( ").startswith("*)") for item in items)
        self.arms([lambda item=item: self.children(item) for item in items], complete=complete)  # type: ignore[misc]

    def loop(self, node: Node) -> None:
        """``for``: the variable has another value in each round."""
        variable = node.child_by_field_name("variable")
        if variable is not None:
            self.session = effects.without(self.session, self.raw(variable))
        for child in node.named_children:
            if child.type == "do_group":
                self.children(child)

    def while_loop(self, node: Node) -> None:
        """``while``: perhaps no round at all."""
        for child in node.named_children:
            if child.type == "do_group":
                self.arms([lambda child=child: self.children(child)], complete=False)  # type: ignore[misc]
            else:
                self.visit(child)

    def apart(self, node: Node) -> None:
        """A subshell: it changes nothing for the commands behind it."""
        session = self.session
        self.children(node)
        self.session = session

    def pipeline(self, node: Node) -> None:
        session, how = self.session, self.how
        parts = node.named_children
        saved = how.saved or (self.saved_to(parts[-1]) if parts else "")
        was = how.saved, how.answered
        for number, part in enumerate(parts):
            self.session = session
            how.saved = saved
            how.answered = was[1] or number > 0
            self.visit(part)
        self.session = session
        how.saved, how.answered = was

    def saved_to(self, node: Node) -> str:
        """The file to which the output of the command goes; ``""`` if it goes to none."""
        if node.type == "redirected_statement":
            return next(filter(None, map(self.into_file, node.named_children)), "")
        name = node.child_by_field_name("name")
        tee = name is not None and self.raw(name) == "tee"
        return self.raw(node.named_children[-1]) if tee else ""

    def into_file(self, redirect: Node) -> str:
        if redirect.type != "file_redirect":
            return ""
        sign = next((c.type for c in redirect.children if not c.is_named), "")
        descriptor = next((c for c in redirect.named_children if c.type == "file_descriptor"), None)
        if sign not in (">", ">>", "&>", "&>>", ">|"):
            return ""
        if descriptor is not None and self.raw(descriptor) != "1":
            return ""
        target = self.raw(redirect.named_children[-1])
        return "" if target in _DISCARDED else target

    def redirected(self, node: Node) -> None:
        how = self.how
        was = how.saved, how.answered
        body, *redirects = node.named_children
        how.saved = how.saved or next(filter(None, map(self.into_file, redirects)), "")
        documents = [one for one in redirects if one.type in DOCUMENTS]
        how.answered = how.answered or bool(documents)
        if body.type == "list":  # the grammar gives the last command's redirects to the whole chain
            into, how.saved, how.answered = (how.saved, how.answered), *was
            self.chain(body, into)
        else:
            self.visit(body)
        how.saved, how.answered = was
        for document in documents:
            self.document(body, document)
        for redirect in redirects:  # the grammar puts what follows "<<EOF" into the redirect
            for child in redirect.named_children:
                if child.type in ("pipeline", "list", "command") and redirect.type in DOCUMENTS:
                    self.visit(child)

    def document(self, body: Node, document: Node) -> None:
        """A here-document that a shell reads: its text is run."""
        span = self.fragment.span(body.start_byte, body.end_byte)
        inner = unwrapped([Word(word, span) for word in self.raw(body).split()])[0]
        words = [word.text for word in inner]
        shell = bool(words) and words[0].rpartition("/")[2] in shell_text.SHELLS
        content = next((c for c in document.named_children if c.type == "heredoc_body"), None)
        options_only = all(word[:1] == "-" and "c" not in word for word in words[1:])
        if shell and content is not None and options_only and self.depth < DEEPEST_SHELL:
            part = self.fragment.part(content.start_byte, content.end_byte)
            session = effects.in_shell((*words, "-c"), self.session)
            run(part, session, self.recorder, self.depth + 1)

    def function(self, node: Node) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            self.functions[self.raw(name)] = body

    def uncalled(self) -> None:
        """The functions that nothing here calls: somebody else does, whenever."""
        for name, body in list(self.functions.items()):
            if name not in self.called:
                self.session = self.beginning.replace(active=None, hooked=True)
                self.how = How()
                self.how.branch = (next(self.recorder.numbers),)
                self.called.add(name)
                self.visit(body)


_METHODS: dict[str, Callable[[_Walk, Node], None]] = {
    "array": _Walk.nothing,
    "arithmetic_expansion": _Walk.nothing,
    "c_style_for_statement": _Walk.loop,
    "case_statement": _Walk.cases,
    "command": _Walk.command,
    "command_substitution": _Walk.inner,
    "comment": _Walk.comment,
    "declaration_command": _Walk.assignments,
    "for_statement": _Walk.loop,
    "function_definition": _Walk.function,
    "if_statement": _Walk.choice,
    "list": _Walk.chain,
    "pipeline": _Walk.pipeline,
    "redirected_statement": _Walk.redirected,
    "subshell": _Walk.apart,
    "test_command": _Walk.nothing,
    "unset_command": _Walk.unset,
    "variable_assignment": _Walk.assignments,
    "variable_assignments": _Walk.assignments,
    "while_statement": _Walk.while_loop,
    "word": _Walk.nothing,
}
