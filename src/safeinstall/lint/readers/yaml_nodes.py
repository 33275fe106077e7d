"""YAML as nodes that know where they stand. Aliases are the nodes that they stand for."""

from __future__ import annotations

import yaml

from safeinstall.lint.source import Fault, Fragment, Span, joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.source import Source

Node = yaml.Node
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 60
"""Levels of brackets; a workflow file has about ten."""


def composed(source: Source) -> Node | None:
    """The document's root; ``None`` for an empty one. Raises :class:`Fault`."""
    try:
        _check_nesting(source)
        root: Node | None = next(yaml.compose_all(source.text, _LOADER), None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = source.offset(mark.line + 1, mark.column + 1) if mark else 0
        raise Fault(f"no valid YAML: {error.problem or error.context}", offset) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise Fault(f"no valid YAML: {first}") from error
    return root


def _check_nesting(source: Source) -> None:
    """The composer calls itself for each level, in C: it would not end with an error of Python."""
    depth = 0
    for event in yaml.parse(source.text, _LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                mark = event.start_mark
                assert mark is not None
                place = source.offset(mark.line + 1, mark.column + 1)
                raise Fault("the YAML is nested too deeply", place)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def items(node: Node | None) -> Iterator[tuple[str, Node, Node]]:
    """The keys of a mapping: as text, as nodes, and their values."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, key, value


def get(node: Node | None, *path: str) -> Node | None:
    """The value at the end of a path of keys."""
    for name in path:
        node = next((value for key, _, value in items(node) if key == name), None)
    return node


def listed(node: Node | None) -> list[Node]:
    """The items of a sequence."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def text(node: Node | None) -> str:
    """A scalar's text; ``""`` for anything else."""
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def variables(node: Node | None) -> dict[str, str]:
    """A mapping of names to texts; what is computed is left out."""
    return {key: text(value) for key, _, value in items(node) if "${{" not in text(value)}


def span(node: Node, source: Source) -> Span:
    """Where the node stands, without the line end behind it."""
    start = source.offset(node.start_mark.line + 1, node.start_mark.column + 1)
    end = source.offset(node.end_mark.line + 1, node.end_mark.column + 1)
    return Span(start, max(start, min(end, len(source.text))))


def fragment(node: Node, source: Source) -> Fragment:
    """The text of a scalar, with the place of each of its lines in the file."""
    value = text(node)
    where = span(node, source)
    if not isinstance(node, yaml.ScalarNode) or not value:
        return Fragment(value, ((0, where.start),), exact=False)
    if node.style in ("|", ">"):
        return _block(node, value, source)
    raw = source.text[where.start : where.end]
    inside = raw[1:-1] if node.style else raw.rstrip()
    shift = 1 if node.style else 0
    if inside == value:
        return Fragment(value, ((0, where.start + shift),))
    return Fragment(value, ((0, where.start),), exact=False)


def _block(node: yaml.ScalarNode, value: str, source: Source) -> Fragment:
    """A block scalar: its lines are indented in the file; those of a folded one are joined."""
    number = node.start_mark.line + 2
    lines = value.split("\n")
    if node.style == ">":
        place = source.offset(number) if number <= len(source.starts) else 0
        bare = source.line(number)
        return Fragment(value, ((0, place + len(bare) - len(bare.lstrip())),), exact=False)
    parts = []
    for at, line in enumerate(lines):
        written = source.line(number + at)
        place = source.offset(number + at) if number + at <= len(source.starts) else 0
        indent = len(written) - len(line) if written.endswith(line) else 0
        end = "\n" if at < len(lines) - 1 else ""
        parts.append((line + end, place + max(0, indent)))
    return joined(parts)
