"""``safeinstall hold``: the constraints for a pip that conda starts, asked for by our guest module
in that pip (``rails/guest/sitecustomize.py``).
"""

from __future__ import annotations

import os
import sys

from safeinstall import settings
from safeinstall.errors import UsageError
from safeinstall.guard.assess import understand
from safeinstall.guard.facts import LookedUp
from safeinstall.policy import load as policies
from safeinstall.probe import place as places
from safeinstall.rails import pip, pip_in_conda
from safeinstall.rules import registry
from safeinstall.settings import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.policy.merge import Policy


def hold(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall hold DIRECTORY CWD -- PIP…``: print pip's command line with the constraints
    added, each word ended by a NUL; print nothing where no constraint applies.
    """
    if len(arguments) < 4 or arguments[2] != "--":
        raise UsageError("'hold' is for our own guest in pip; nobody has to type it")
    directory, cwd, _, *words = arguments
    session = Session(settings.read(environ), environ, cwd)
    policy = policies.load(session.settings, os.getcwd())
    facts = facts_of(words, session, policy)
    lines = registry.hold(facts)
    if lines:
        rail = pip.lay(facts, lines, session, directory)
        pip_in_conda.note(rail, words, cwd, directory)
        sys.stdout.buffer.write(b"".join(os.fsencode(word) + b"\0" for word in rail.words))
    return 0


def facts_of(words: Sequence[str], session: Session, policy: Policy) -> LookedUp:
    """The facts about a pip command that was started with these words."""
    command, executable = understand(words, session)
    return LookedUp(places.find(command, executable, session), session, policy)
