"""Dockerfiles, by tree-sitter's grammar: each build stage with the commands that it runs.

ARG and ENV are substituted as the builder does it. https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import functools
import json
import posixpath

import tree_sitter
import tree_sitter_containerfile

from safeinstall.argv import shell_text
from safeinstall.lint import images
from safeinstall.lint.nouns import Document, Session, Stage, Word
from safeinstall.lint.shell import effects, syntax, walk
from safeinstall.lint.shell import words as expansion
from safeinstall.lint.shell.recorder import Recorder
from safeinstall.lint.source import Fragment, Span, joined
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.lint.nouns import Read
    from safeinstall.lint.source import Source

    Node = tree_sitter.Node

_SHELL = ("/bin/sh", "-c")
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@functools.cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_containerfile.language()))


def read(source: Source, beside: Read) -> Document:
    """The document. ``beside`` reads a file of the build context."""
    root = _parser().parse(syntax.ascii_of(source.text)).root_node
    reader = _Reader(source)
    for node in _instructions(root):
        reader.take(node)
    stages = reader.finished()
    files = {path: item for stage in stages for path, item in stage.files.items()}
    return Document(source, stages, _in_image(files, beside), reader.comments)


def _instructions(node: Node) -> Iterator[Node]:
    """The instructions, also those that the grammar has found inside of something it has not."""
    for child in node.named_children:
        if child.type.endswith("_instruction"):
            yield child
        elif child.type in ("ERROR", "comment"):
            yield child
            yield from _instructions(child)


def _in_image(files: Mapping[str, bytes | str], beside: Read) -> Read:
    """Reads a file by its path in the image."""

    def read(path: str) -> bytes | None:
        known = files.get(path)
        if isinstance(known, bytes):
            return known
        if known is not None and (found := beside(known)) is not None:
            return found
        for place, origin in files.items():
            if place.endswith("/") and path.startswith(place) and isinstance(origin, str):
                found = beside(posixpath.join(origin, path[len(place) :]))
                if found is not None:
                    return found
        return None

    return read


class _Building:
    """A stage while it is read."""

    def __init__(self, base: str, span: Span, image: images.Image, parent: int) -> None:
        self.base = base
        self.span = span
        self.image = image
        self.parent = parent
        self.alias = ""
        self.session = Session(_SHELL, cwd="/", user=image.user)
        self.recorder = Recorder()
        self.user = ""
        self.user_span = span
        self.files: dict[str, bytes | str] = {}
        self.copied = False  # does another stage copy from it?


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.arguments: dict[str, str] = {}  # ARG before the first FROM
        self.stages: list[_Building] = []
        self.comments: dict[int, str] = {}

    def finished(self) -> tuple[Stage, ...]:
        children = {stage.parent for stage in self.stages}
        delivered: dict[int, bool] = {}
        for at in range(len(self.stages) - 1, -1, -1):
            stage = self.stages[at]
            below = [delivered[n] for n, other in enumerate(self.stages) if other.parent == at]
            last = at == len(self.stages) - 1
            alone = at not in children and not stage.copied
            delivered[at] = last or alone or any(below)
        return tuple(
            Stage(
                "image",
                tuple(stage.recorder.steps),
                stage.image,
                stage.parent,
                stage.base,
                stage.span,
                stage.user,
                stage.user_span,
                delivered[at],
                stage.files,
            )
            for at, stage in enumerate(self.stages)
        )

    def take(self, node: Node) -> None:
        if node.type == "comment":
            self.comment(node.start_byte, self.raw(node))
        elif node.type == "arg_instruction":
            self.argument(node)
        elif node.type == "from_instruction":
            self.begin(node)
        elif self.stages and (method := _TAKEN.get(node.type)):
            method(self, node, self.stages[-1])

    def raw(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def comment(self, offset: int, text: str) -> None:
        line = self.source.position(offset)[0]
        self.comments[line] = text.strip()

    def known(self, raw: str, variables: Mapping[str, str]) -> str:
        """The text with its variables replaced, and without quotes."""
        if "$" not in raw and "\\" not in raw and raw[:1] not in "\"'":
            return raw
        command = syntax.tree(f": {raw}").named_children
        words = command[0].named_children[1:] if command else []
        text = f": {raw}"
        found = [w for n in words for w in expansion.expanded(n, text, variables, lambda _: None)]
        return " ".join(found)

    # ---- instructions --------------------------------------------------------------------------

    def argument(self, node: Node) -> None:
        for pair in node.named_children:
            if pair.type != "arg_pair" or not pair.named_children:
                continue
            name = self.raw(pair.named_children[0])
            raw = self.text[pair.named_children[0].end_byte : pair.end_byte]
            if not self.stages:
                if raw:
                    self.arguments[name] = self.known(raw[1:], self.arguments)
                continue
            stage = self.stages[-1]
            variables = stage.session.variables
            value = self.known(raw[1:], variables) if raw else self.arguments.get(name)
            if value is not None and name not in variables:
                stage.session = effects.with_variable(stage.session, name, value)

    def begin(self, node: Node) -> None:
        spec = next((c for c in node.named_children if c.type == "image_spec"), None)
        alias = next((c for c in node.named_children if c.type == "image_alias"), None)
        if spec is None:
            return
        name = self.known(self.raw(spec), self.arguments)
        span = Span(spec.start_byte, spec.end_byte)
        parent = self.number(name)
        if parent >= 0:
            before = self.stages[parent]
            stage = _Building("", span, before.image, parent)
            stage.session = before.session.replace(active="")
            stage.user = before.user
        else:
            stage = _Building(name, span, images.of(name), -1)
            path = f"{stage.image.root}/bin:{_DEFAULT_PATH}" if stage.image.root else "$PATH"
            stage.session = effects.with_variable(stage.session, "PATH", path)
            if stage.image.meant and stage.image.root:
                stage.session = stage.session.replace(active="base")
        stage.alias = self.raw(alias).lower() if alias is not None else ""
        self.stages.append(stage)

    def number(self, name: str) -> int:
        """The index of the stage with this name, or number; -1 if it is none."""
        for at, stage in enumerate(self.stages):
            if name.lower() == stage.alias or (name.isdigit() and int(name) == at):
                return at
        return -1

    def environment(self, node: Node, stage: _Building) -> None:
        session = stage.session  # all values are those from before the instruction
        for pair in node.named_children:
            if pair.type != "env_pair" or len(pair.named_children) < 1:
                continue
            name = self.raw(pair.named_children[0])
            raw = self.text[pair.named_children[0].end_byte : pair.end_byte]
            old = raw[:1] in " \t"
            value = self.known(raw.strip() if old else raw[1:], stage.session.variables)
            session = effects.with_variable(session, name, value)
        stage.session = session

    def shell(self, node: Node, stage: _Building) -> None:
        words = self.array(node)
        if not words:
            return
        stage.session = stage.session.replace(shell=tuple(words), active="")
        if posixpath.basename(words[0]) in CONDA_LIKE:
            stage.session = effects.in_shell(words, stage.session)
        elif any("_dockerfile_shell" in word for word in words):
            stage.session = stage.session.replace(active="base")

    def array(self, node: Node) -> list[str]:
        inside = next((c for c in node.named_children if c.type == "json_string_array"), None)
        if inside is None:
            return []
        try:
            found = json.loads(self.raw(inside).replace("\\\n", ""))
        except ValueError:
            return []
        return [str(word) for word in found]

    def user(self, node: Node, stage: _Building) -> None:
        raw = self.text[node.start_byte + len("USER") : node.end_byte].strip()
        stage.user = self.known(raw, stage.session.variables).partition(":")[0]
        stage.user_span = Span(node.start_byte, node.end_byte)
        stage.session = stage.session.replace(user=stage.user)

    def directory(self, node: Node, stage: _Building) -> None:
        raw = self.text[node.start_byte + len("WORKDIR") : node.end_byte].strip()
        place = self.known(raw, stage.session.variables)
        stage.session = effects.in_directory(place, stage.session)

    def copy(self, node: Node, stage: _Building) -> None:
        variables = stage.session.variables
        options = [self.raw(c) for c in node.named_children if c.type == "param"]
        origin = next((o[len("--from=") :] for o in options if o.startswith("--from=")), "")
        if origin and (number := self.number(self.known(origin, variables))) >= 0:
            self.stages[number].copied = True
        paths = [self.raw(c) for c in node.named_children if c.type == "path"] or self.array(node)
        if len(paths) < 2:
            return
        *sources, target = (self.known(p, variables) if "<<" not in p else p for p in paths)
        place = effects.located(target, stage.session)
        documents = [c for c in node.named_children if c.type == "heredoc_block"]
        for path in sources:
            directory = target.endswith(("/", ".")) or len(sources) > 1
            if path.startswith("<<"):
                content = documents.pop(0) if documents else None
                inside = content.named_children[0] if content is not None else None
                name = posixpath.join(place, path.strip("<-'\"")) if directory else place
                stage.files[name] = self.raw(inside).encode() if inside is not None else b""
            elif not origin:
                name = posixpath.join(place, posixpath.basename(path)) if directory else place
                stage.files[posixpath.normpath(name)] = path
                stage.files[place.rstrip("/") + "/"] = path

    def run(self, node: Node, stage: _Building) -> None:
        mounts = tuple(
            self.known(part.partition("=")[2], stage.session.variables)
            for child in node.named_children
            if child.type == "mount_param" and "type=cache" in self.raw(child)
            for part in self.raw(child).split(",")
            if part.partition("=")[0] in ("target", "dst", "destination")
        )
        for child in node.named_children:
            if child.type == "mount_param" and ",from=" in self.raw(child):
                name = self.raw(child).partition(",from=")[2].partition(",")[0]
                if (number := self.number(name)) >= 0:
                    self.stages[number].copied = True
        stage.recorder.next_layer(Span(node.start_byte, node.end_byte), mounts)
        words = self.array(node)
        if words:
            span = Span(node.start_byte, node.end_byte)
            listed = [Word(word, span) for word in words]
            walk.program(listed, stage.session, stage.recorder, span)
            return
        command = next((c for c in node.named_children if c.type == "shell_command"), None)
        block = next((c for c in node.named_children if c.type == "heredoc_block"), None)
        if command is not None:
            self.commands(node, command, block, stage)

    def commands(self, node: Node, command: Node, block: Node | None, stage: _Building) -> None:
        session = stage.session
        first = self.raw(command).strip()
        if block is not None and first.startswith("<<"):
            fragment, shell = self.document(first, block)
            if fragment is None:
                return
            session = session.replace(shell=shell or session.shell)
        elif block is not None:
            text = self.text[command.start_byte : node.end_byte]
            fragment = Fragment(text, ((0, command.start_byte),))
        else:
            fragment = self.without_comments(command.start_byte, command.end_byte)
        if posixpath.basename(session.shell[0]) in (
            "powershell",
            "pwsh",
            "cmd",
            "python",
            "python3",
        ):
            return
        walk.run(fragment, session, stage.recorder)
        for span, text in stage.recorder.comments:
            self.comment(span.start, text)

    def document(self, first: str, block: Node) -> tuple[Fragment | None, tuple[str, ...]]:
        """The here-document that RUN gives to a shell, and the words that start this shell."""
        content = block.named_children[0]
        fragment = Fragment(self.raw(content), ((0, content.start_byte),))
        words = first.split()[1:]
        line = fragment.text.partition("\n")[0]
        if line.startswith("#!"):
            words = line[2:].replace("/usr/bin/env ", "").split()
        if not words:
            return fragment, ()
        name = posixpath.basename(words[0])
        return (fragment, (*words, "-c")) if name in shell_text.SHELLS else (None, ())

    def without_comments(self, start: int, end: int) -> Fragment:
        """The text that the shell gets: the builder takes out lines that are comments, and empty
        ones, between the lines of an instruction.
        """
        parts = []
        at = start
        for line in self.text[start:end].splitlines(keepends=True):
            bare = line.strip()
            if at > start and bare.startswith("#"):
                self.comment(at, bare)
            elif at == start or bare:
                parts.append((line.replace("\r\n", " \n") if "\r" in line else line, at))
            at += len(line)
        return joined(parts)


_TAKEN = {
    "add_instruction": _Reader.copy,
    "copy_instruction": _Reader.copy,
    "env_instruction": _Reader.environment,
    "run_instruction": _Reader.run,
    "shell_instruction": _Reader.shell,
    "user_instruction": _Reader.user,
    "workdir_instruction": _Reader.directory,
}
