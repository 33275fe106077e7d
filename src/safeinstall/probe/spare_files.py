"""Files that two packages may both contain and that nobody misses: namespaces, and what is no code.

Several distributions bring the same ``azure/__init__.py``, which only declares a namespace: Python
imports what is below ``azure`` without it as well (PEP 420). Where one of them writes over it or
takes it away, nothing breaks.
"""

from __future__ import annotations

import os

from safeinstall.files import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

_MOST = 1 << 13  # bytes of a file that declares a namespace and does nothing else
_NOT_CODE = (".typed", ".md", ".rst")
_TEXTS = ("license", "copying", "notice", "authors", "readme", "changelog", "changes")
# Top-level directories that distributions bring by accident, under names that nobody imports
STRAY = frozenset(("benchmarks", "doc", "docs", "example", "examples", "test", "tests"))
_HELPERS = frozenset(("pkgutil", "pkg_resources"))  # modules that declare namespaces


def is_spare(path: str, prefix: str) -> bool:
    """Would nothing miss the file? ``path`` is relative to the prefix; the file is as it is now."""
    inside = path.rpartition("/site-packages/")[2] if "/site-packages/" in path else ""
    if not inside:
        return False
    name = inside.rpartition("/")[2]
    if inside.partition("/")[0] in STRAY or _is_text(name):
        return True
    if name != "__init__.py":
        return False
    content = read_bytes(os.path.join(prefix, path), _MOST + 1)
    return content is not None and len(content) <= _MOST and declares_namespace(content)


def _is_text(name: str) -> bool:
    stem, _, ending = name.partition(".")
    return name.endswith(_NOT_CODE) or (stem.lower() in _TEXTS and ending in ("", "txt"))


def declares_namespace(source: bytes) -> bool:
    """Does the source of an ``__init__.py`` do nothing, or declare a namespace and nothing else?"""
    if not source.strip():
        return True
    import ast

    try:
        return all(map(_is_declaration, ast.parse(source).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_declaration(statement: ast.stmt) -> bool:
    import ast

    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case ast.Import(names=names):
            return all(alias.name in _HELPERS for alias in names)
        case ast.ImportFrom(module=module):
            return module in (*_HELPERS, "__future__")
        case ast.Assign(targets=[ast.Name(id="__path__")]):
            return True
        case ast.Expr(value=ast.Call(func=called)):
            return ast.unparse(called).endswith("declare_namespace")
        case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]):
            inner = [*body, *(line for handler in handlers for line in handler.body)]
            return all(map(_is_declaration, inner))
    return False
