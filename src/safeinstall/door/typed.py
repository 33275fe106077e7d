"""The words of a command that has come by a door, as somebody may have typed them."""

from __future__ import annotations

import os

from safeinstall.argv import launch
from safeinstall.files import read_bytes, same
from safeinstall.probe.tool import interpreter_of, which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.settings import Session

_HEAD = 512  # bytes of a script


def words(started: Sequence[str], interpreter: str, session: Session) -> list[str]:
    """``started`` are the words that the interpreter (a path) was started with. A program that
    names this interpreter itself was started by the program's path, and by its name alone where
    PATH leads to it.

    The answer starts the same program with the same interpreter and the same options.
    """
    tool, launcher = launch.find(started)
    program = started[launcher - 1] if tool and launcher > 1 else ""
    options = list(started[1 : launcher - 1])
    if "/" in program and _runs_itself(program, options, interpreter, session):
        return [_by_name(program, session), *started[launcher:]]
    head = started[0] if _leads_to(started[0], interpreter, session) else interpreter
    return [head, *started[1:]]


def _runs_itself(program: str, options: list[str], interpreter: str, session: Session) -> bool:
    """Does the program's first line start this interpreter, with these options?"""
    first = (read_bytes(program, _HEAD) or b"").split(b"\n", 1)[0]
    named = os.fsdecode(first).removeprefix("#!").split()[1:]
    if os.fsdecode(first).startswith(("#!/bin/sh", "#!/usr/bin/env")):
        named = []
    found = interpreter_of(program, session.environ, session.cwd)
    return found is not None and _same(found, interpreter) and named == options


def _by_name(program: str, session: Session) -> str:
    name = os.path.basename(program)
    return name if _leads_to(name, program, session) else program


def _leads_to(word: str, path: str, session: Session) -> bool:
    """Does the word, by PATH if it is a name, start what lies at the path?"""
    found = which(word, session.environ, session.cwd)
    return found is not None and _same(found, path)


def _same(one: str, other: str) -> bool:
    """Is it one program, in one directory? The Pythons of virtual environments are often links to
    one and the same.
    """
    return same(os.path.dirname(one), os.path.dirname(other)) and same(one, other)
