"""``safeinstall hold``: what the pip that conda starts is held to, for our guest in that pip."""

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
    """``safeinstall hold DIRECTORY CWD -- PIP…``: the words for that pip on stdout, each ended by
    a NUL; nothing where it may go on as it is.
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
    """The facts of a pip that has been started with these words."""
    command, executable = understand(words, session)
    return LookedUp(places.find(command, executable, session), session, policy)
