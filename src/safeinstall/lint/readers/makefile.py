"""Makefiles, by tree-sitter's grammar: each line of a recipe is run by a shell of its own."""

from __future__ import annotations

import functools

import tree_sitter
import tree_sitter_make

from safeinstall.lint.nouns import Document, Session, Stage
from safeinstall.lint.readers.script import comments_of
from safeinstall.lint.shell import syntax, walk
from safeinstall.lint.shell.recorder import Recorder
from safeinstall.lint.source import Fragment, Span, joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.nouns import Read
    from safeinstall.lint.source import Source

    Node = tree_sitter.Node

_MOST_REPLACED = 8  # variables within variables
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_MODIFIERS = "@-+"
_ONE_SHELL = ".ONESHELL"


@functools.cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_make.language()))


def read(source: Source, beside: Read) -> Document:
    """The document: a stage for each rule. ``beside`` reads a file that a recipe names."""
    root = _parser().parse(syntax.ascii_of(source.text)).root_node
    variables: dict[str, str] = {}
    comments: dict[int, str] = {}
    stages = []
    one_shell = _ONE_SHELL in source.text
    for node in _of_interest(root):
        if node.type == "comment":
            line = source.position(node.start_byte)[0]
            comments[line] = source.text[node.start_byte : node.end_byte]
        elif node.type == "variable_assignment":
            _assign(node, source.text, variables)
        else:
            recorder = Recorder()
            for span, fragment in _recipe(node, source, one_shell=one_shell):
                recorder.next_layer(span)
                shell = variables.get("SHELL", "/bin/sh").split()
                walk.run(fragment, Session((*shell, "-c"), variables, cwd="."), recorder)
            comments |= comments_of(source, recorder)
            stages.append(Stage("make", tuple(recorder.steps)))
    return Document(source, tuple(stages), beside, comments)


def _of_interest(node: Node) -> Iterator[Node]:
    """Assignments, rules and comments, also those in conditionals."""
    for child in node.named_children:
        if child.type in ("variable_assignment", "comment"):
            yield child
        elif child.type == "rule":
            yield child
            for recipe in child.named_children:
                if recipe.type == "recipe":
                    yield from _of_interest(recipe)
        elif child.type not in ("recipe_line", "targets", "prerequisites"):
            yield from _of_interest(child)


def _assign(node: Node, text: str, variables: dict[str, str]) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None:
        return
    key = text[name.start_byte : name.end_byte]
    raw = text[value.start_byte : value.end_byte].strip() if value is not None else ""
    operator = text[name.end_byte : value.start_byte] if value is not None else "="
    if "!" in operator or "+" in operator:
        variables.pop(key, None)
    elif "?" not in operator or key not in variables:
        variables[key] = replaced(raw, variables)
    if "$(" in variables.get(key, ""):  # of a function of make's
        variables.pop(key, None)


def replaced(raw: str, variables: dict[str, str]) -> str:
    """The value with make's variables replaced."""
    for _ in range(_MOST_REPLACED):
        start = raw.find("$(")
        end = raw.find(")", start)
        name = raw[start + 2 : end]
        if start < 0 or end < 0 or name not in variables:
            break
        raw = raw[:start] + variables[name] + raw[end + 1 :]
    return raw


def _recipe(rule: Node, source: Source, *, one_shell: bool) -> Iterator[tuple[Span, Fragment]]:
    lines = []
    for recipe in rule.named_children:
        if recipe.type != "recipe":
            continue
        lines += [
            (Span(line.start_byte, line.end_byte), _shell_text(line, source))
            for line in recipe.named_children
            if line.type == "recipe_line"
        ]
    if not one_shell:
        yield from lines
        return
    text, pieces, length = "", [], 0
    for _, fragment in lines:
        pieces += [(length + at, place) for at, place in fragment.pieces]
        text += fragment.text + "\n"
        length = len(text)
    if lines:
        yield Span(lines[0][0].start, lines[-1][0].end), Fragment(text, tuple(pieces))


def _shell_text(line: Node, source: Source) -> Fragment:
    """The text that the shell gets: ``$(NAME)`` as ``${NAME}``, ``$$`` as ``$``."""
    start, end = line.start_byte, line.end_byte
    text = source.text
    while start < end and text[start] in _MODIFIERS + " \t":
        start += 1
    parts = []
    at = begin = start
    while at < end:
        if text.startswith("$$", at):
            parts.append((text[begin:at], begin))
            begin = at = at + 1
            at += 1
        elif text.startswith("$(", at):
            close = text.find(")", at, end)
            name = text[at + 2 : close] if close >= 0 else ""
            parts.append((text[begin:at], begin))
            known = name and set(name) <= _NAME
            length = close + 1 - at if close >= 0 else 2
            parts.append((f"${{{name}}}" if known else "${" + "_" * (length - 3) + "}", at))
            at = begin = at + length
        else:
            at += 1
    parts.append((text[begin:end], begin))
    return joined(parts)
