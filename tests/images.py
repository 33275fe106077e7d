"""A Dockerfile read by a grammar that is not ours, and played without an image: each command is
run by ``sh`` in order, with the paths of the image below a directory.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_containerfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

_OURS = re.compile(r"(?<![\w.])(?=/(?:opt/conda|opt/lock|home/app|usr/local/bin/activated)\b)")

# What the base image has, and the world has not. Its cache of packages is everybody's
_STANDS_IN = {
    "conda": 'case "$1" in clean) ;; *) exec {conda} "$@" ;; esac',
    "useradd": "mkdir -p {root}/home/app && touch {root}/home/app/.bashrc",
}


@dataclass(frozen=True)
class Instruction:
    word: str  # "RUN"
    text: str  # the rest, without here-documents and the options of RUN
    options: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()  # path and content of each here-document


def read(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile. It must be one."""
    with warnings.catch_warnings():  # the grammar gives its address as a number
        warnings.simplefilter("ignore", DeprecationWarning)
        language = tree_sitter.Language(tree_sitter_containerfile.language())
    root = tree_sitter.Parser(language).parse(text.encode()).root_node
    assert not root.has_error, text
    return [_read(node) for node in root.named_children if node.type.endswith("_instruction")]


def lint(text: str) -> str:
    """What hadolint says."""
    hadolint = os.path.join(os.path.dirname(sys.executable), "hadolint")
    done = subprocess.run([hadolint, "-"], input=text.encode(), capture_output=True, check=False)
    return (done.stdout + done.stderr).decode()


def play(world: World, text: str, root: Path) -> str:
    """Build below ``root``, with no configuration of pip's. Returns the shell's line that sets the
    image's environment variables.
    """
    stands_in = root / "stands-in"
    stands_in.mkdir(parents=True)
    for name, script in _STANDS_IN.items():
        program = stands_in / name
        program.write_text(f"#!/bin/sh\n{script.format(conda=world.conda, root=root)}\n")
        program.chmod(0o755)
    base = root / "opt/conda/bin/python"
    base.parent.mkdir(parents=True)
    base.symlink_to(f"{world.root}/bin/python")
    variables = f"export PATH={stands_in}:$PATH"
    for instruction in read(text):
        here = _OURS.sub(str(root), instruction.text)
        if instruction.word == "ENV":
            variables += f"\nexport {here}"
        for path, content in instruction.files:
            file = Path(f"{root}{path}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            if "--chmod=755" in instruction.options:
                file.chmod(0o755)
        if instruction.word == "RUN":
            words = ["/bin/sh", "-c", f"{variables}\n{here}"]
            world.run(words, check=True, environ={"PIP_CONFIG_FILE": os.devnull})
    return variables


def _read(node: tree_sitter.Node) -> Instruction:
    children = list(_children(node))
    documents = [_text(child) for kind, child in children if kind == "heredoc_content"]
    paths = [_text(child) for kind, child in children if kind == "path"]
    options = tuple(_text(child) for kind, child in children if kind.endswith("param"))
    words = [_text(child) for kind, child in children if kind == "shell_command"]
    word, _, rest = _text(node).partition(" ")
    files = tuple((paths[-1], document) for document in documents)
    return Instruction(word, words[0] if words else rest, options, files)


def _children(node: tree_sitter.Node) -> Iterator[tuple[str, tree_sitter.Node]]:
    for child in node.named_children:
        yield child.type, child
        if child.type == "heredoc_block":
            yield from _children(child)


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()
