"""Where the commands that a message offers are going to be pasted."""

from __future__ import annotations

import os
import sys

from safeinstall.files.resources import MAIN
from safeinstall.guard import notebook
from safeinstall.probe.place import conda_installation, conda_word
from safeinstall.probe.tool import which
from safeinstall.render.pasted import SHELL, Where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.settings import Session


def place(session: Session) -> Where:
    """A cell, or a shell; of a shell, it may be one without our functions."""
    cell = notebook.is_around(session.environ)
    if session.by_function and not cell:
        return SHELL
    return Where(_programs(session), cell)


def words(session: Session) -> Where:
    """A shell in which conda may have another name: where there is no conda, but a mamba."""
    word = conda_word(session)
    return SHELL if word == "conda" else Where({"conda": (word,)})


def _programs(session: Session) -> dict[str, tuple[str, ...]]:
    """The words that start safeinstall and conda where PATH does not lead to them: a kernel, an
    editor or a script may run without any environment being active.
    """
    root = conda_installation(session).root_prefix
    found = {"safeinstall": _safeinstall(), "conda": (os.path.join(root, "bin", "conda"),)}
    return {
        name: words
        for name, words in found.items()
        if os.path.isfile(words[0]) and which(name, session.environ, session.cwd) is None
    }


def _safeinstall() -> tuple[str, ...]:
    program = os.path.join(os.path.dirname(sys.executable), "safeinstall")
    return (program,) if os.path.isfile(program) else (sys.executable, "-I", "-S", MAIN)
