"""Files that a tool reads: environment.yml and requirements files."""

from __future__ import annotations

import posixpath

import yaml

from safeinstall import argv
from safeinstall.argv.pip_words import logical_lines
from safeinstall.lint.nouns import Document, Entry, Session, Stage, Step, Word
from safeinstall.lint.readers import yaml_nodes as nodes
from safeinstall.lint.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.lint.nouns import Read
    from safeinstall.lint.readers.yaml_nodes import Node
    from safeinstall.lint.source import Source
    from safeinstall.model import Command


def environment(source: Source, beside: Read) -> Document:
    """An environment file. Raises :class:`~safeinstall.lint.source.Fault`."""
    root = nodes.composed(source)
    entries = tuple(_entries(root, source)) if isinstance(root, yaml.MappingNode) else ()
    if nodes.get(root, "dependencies") is None:
        return Document(source, (), beside)
    name = posixpath.basename(source.path)
    name = name if name.endswith((".yml", ".yaml")) else "environment.yml"
    words: tuple[str, ...] = ("conda", "env", "create", "--file", name)
    if not nodes.text(nodes.get(root, "name")):
        words += ("--name", name)
    return _document(source, words, entries, beside)


def requirements(source: Source, beside: Read) -> Document:
    """A requirements file of pip's."""
    entries = []
    for number, line in logical_lines(source.text):
        start = source.offset(min(number, len(source.starts)))
        text = source.line(number) or line
        indent = len(text) - len(text.lstrip())
        span = Span(start + indent, start + len(text.rstrip()))
        entries.append(Entry(line.strip(), span, "pip"))
    name = posixpath.basename(source.path).strip("-") or "requirements.txt"
    words = ("python", "-m", "pip", "install", "--requirement", name)
    return _document(source, words, tuple(entries), beside)


def _document(
    source: Source, words: Sequence[str], entries: tuple[Entry, ...], beside: Read
) -> Document:
    """The document: the command that reads the file, as its only step."""
    content = source.text.encode("utf-8", "surrogateescape")

    def read(path: str) -> bytes | None:
        return content if path in [f"/{word}" for word in words] else beside(path.lstrip("/"))

    command = argv.parse(words, argv.Context({}, "/", read, {}))
    return document(source, command, entries, read)


def document(source: Source, command: Command, entries: tuple[Entry, ...], read: Read) -> Document:
    """The document of a file whose content is what the command asks for."""
    span = Span(0, len(source.line(1)))
    listed = tuple(Word(word, span) for word in command.words)
    step = Step(listed, span, Session(cwd="/"), 1, span, exact=False, command=command)
    comments = {
        number: text[text.index("#") :]
        for number in range(1, len(source.starts) + 1)
        if "#" in (text := source.line(number))
    }
    return Document(source, (Stage("file", (step,), entries=entries),), read, comments)


def _entries(root: Node, source: Source) -> Iterator[Entry]:
    for item in nodes.listed(nodes.get(root, "channels")):
        yield Entry(nodes.text(item), nodes.span(item, source), "channels")
    for item in nodes.listed(nodes.get(root, "dependencies")):
        if nodes.text(item):
            yield Entry(nodes.text(item), nodes.span(item, source))
        for key, node, value in nodes.items(item):
            if key == "pip":
                span = nodes.span(node, source)
                yield Entry("pip:", span)
                for line in nodes.listed(value):
                    yield Entry(nodes.text(line), nodes.span(line, source), "pip")
