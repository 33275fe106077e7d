"""Which program a word on the command line would really start.

Does what the kernel and the version managers do, by reading files only: PATH, symbolic links,
shebang lines (with ``env`` and with the ``/bin/sh`` detour for long paths), and pyenv's shims.
"""

from __future__ import annotations

import os

from safeinstall.files import read_bytes
from safeinstall.probe import pyenv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHIM_MARK = b"safeinstall-shim"
"""A text in the first lines of our PATH shims, so that a shim is never taken for the tool."""

_HEAD = 4096  # bytes; enough for pyenv's shims and the /bin/sh detour


def which(word: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The file that ``execvp`` would start for ``word``, but never a shim of ours.

    A word with a slash is a path relative to ``cwd``. The answer is absolute; symbolic links are
    left as they are, because a virtual environment is recognised by the link, not by its target.
    """
    return search(word, environ, cwd, lambda path: not is_our_shim(path))


def search(
    word: str, environ: Mapping[str, str], cwd: str, accept: Callable[[str], bool]
) -> str | None:
    """As :func:`which`, but ``accept`` decides which candidate on PATH is taken."""
    if "/" in word:
        path = os.path.join(cwd, word)
        return path if is_executable(path) else None
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(cwd, directory, word)
        if is_executable(path) and accept(path):
            return path
    return None


def is_executable(path: str) -> bool:
    """Is this a file that may be started?"""
    try:
        return os.path.isfile(path) and os.access(path, os.X_OK)
    except ValueError:  # a NUL in the name
        return False


def is_our_shim(path: str) -> bool:
    """Is this one of the PATH shims that call the guard?"""
    return SHIM_MARK in (read_bytes(path, 512) or b"")


def interpreter_of(path: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The Python that runs the program at ``path``: itself, or the one its shebang names.

    ``None`` where no Python runs it (a binary such as micromamba) or the shebang is unknown.
    """
    for _ in range(8):  # a shim may lead to a script that leads to an interpreter
        head = read_bytes(path, _HEAD) or b""
        if not head.startswith(b"#!"):
            return path if is_python_name(path) else None
        following = _next_program(path, head, environ, cwd)
        if following is None:
            return None
        path = following
    return None


def python_of(path: str, environ: Mapping[str, str], cwd: str) -> str:
    """The version of the Python that runs the program, "3.11"; ``""`` where it is not known."""
    interpreter = interpreter_of(path, environ, cwd)
    name = os.path.basename(os.path.realpath(interpreter)) if interpreter else ""
    return name.removeprefix("python") if name.startswith("python3.") else ""


def is_python_name(path: str) -> bool:
    """Is it the name of an interpreter: ``python``, ``python3``, ``python3.11``, ``pypy3``?"""
    name = os.path.basename(path)
    for stem in ("python", "pypy"):
        if name.startswith(stem):
            return all(part.isdigit() or not part for part in name[len(stem) :].split("."))
    return False


def _next_program(path: str, head: bytes, environ: Mapping[str, str], cwd: str) -> str | None:
    shim = pyenv.shim_root(head)
    if shim is not None:
        return pyenv.resolve(os.path.basename(path), shim, environ, cwd, search)
    words = os.fsdecode(head.split(b"\n", 1)[0][2:]).split(None, 1)
    if not words:
        return None
    program, argument = words[0], words[1].strip() if len(words) > 1 else ""
    if os.path.basename(program) == "env":
        return _through_env(argument, environ, cwd)
    if os.path.basename(program) == "sh":
        return _through_sh(head)
    return program if os.path.isabs(program) else os.path.join(cwd, program)


def _through_env(argument: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The program of ``#!/usr/bin/env [-S] [NAME=VALUE…] python3 [options]``."""
    for word in argument.replace("-S", " ", 1).split():
        if not word.startswith("-") and "=" not in word:
            return which(word, environ, cwd)
    return None


def _through_sh(head: bytes) -> str | None:
    """The interpreter in the second line of a script, where its path is too long for a shebang.

    pip, distlib and conda write ``'''exec' "/a long/path/python" "$0" "$@"``; conda leaves the
    quotation marks away where the path needs none.
    """
    lines = head.split(b"\n", 2)
    if len(lines) < 2 or not lines[1].startswith(b"'''exec' "):
        return None
    rest = os.fsdecode(lines[1])[len("'''exec' ") :].lstrip()
    return rest[1:].split('"', 1)[0] if rest.startswith('"') else rest.split(" ", 1)[0]
