"""The syntax tree of a shell text, by tree-sitter's grammar for bash."""

from __future__ import annotations

import functools

import tree_sitter
import tree_sitter_bash

DEEPEST = 60
"""Levels of nested constructs; a script that people write has fewer than 20."""

Node = tree_sitter.Node


@functools.cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def tree(text: str) -> Node:
    """The root of the syntax tree. Offsets in it are those of characters.

    tree-sitter counts bytes; so each character that is not ASCII is replaced by a question mark,
    which is one byte, and part of a word like the others.
    """
    return _parser().parse(ascii_of(text)).root_node


def ascii_of(text: str) -> bytes:
    """The text with one byte for each character."""
    return text.encode("ascii", "replace")
