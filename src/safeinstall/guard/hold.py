"""``safeinstall hold``: may a pip that conda has started go on, and under which constraints? Asked
by our guest module in that pip (``rails/guest/sitecustomize.py``).
"""

from __future__ import annotations

import os
import sys
import time

from safeinstall import argv, settings
from safeinstall.errors import Blocked, UsageError
from safeinstall.files import read_bytes
from safeinstall.guard import started_pip
from safeinstall.guard.decide import Case, say, weigh
from safeinstall.guard.facts import LookedUp
from safeinstall.guard.words import understand
from safeinstall.policy import load as policies
from safeinstall.probe import place as places
from safeinstall.rails import pip, pip_in_conda, plan_request
from safeinstall.rails.rail import Answer
from safeinstall.rules import registry
from safeinstall.settings import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.policy.merge import Policy


def hold(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall hold DIRECTORY CWD -- PIP…``: print pip's command line with the constraints
    added, each word ended by a NUL; print nothing where no constraint applies. Exit status 77: pip
    must stop.
    """
    if len(arguments) < 4 or arguments[2] != "--":
        raise UsageError("'hold' is for our own guest in pip; nobody has to type it")
    directory, cwd, _, *words = arguments
    session = Session(settings.read(environ), environ, cwd)
    policy = policies.load(session.settings, os.getcwd())
    facts = facts_of(words, session, policy)
    if _is_stopped(facts, session, directory):
        return Blocked.exit_code
    lines = registry.hold(facts)
    if lines:
        strict = policy.on_guard_error == "block"
        rail = pip.lay(facts, lines, session, directory, strict=strict)
        pip_in_conda.note(rail, words, cwd, directory)
        sys.stdout.buffer.write(b"".join(os.fsencode(word) + b"\0" for word in rail.words))
    return 0


def _is_stopped(facts: LookedUp, session: Session, directory: str) -> bool:
    """Show what the rules say about this pip, and keep it for the report. True for a block."""
    told, prefix, typed = pip_in_conda.told(directory)
    context = argv.Context(session.environ, session.cwd, read_bytes, {})
    command = argv.parse(typed, context) if typed else None
    case = Case(started_pip.in_conda(facts, command, prefix), session)
    findings = tuple(registry.findings(started_pip.answers(case.facts, told)))
    if not findings:
        return False
    verdict = weigh(case, findings)
    say(case, verdict, amid_output=True)
    stopped = verdict.decision == "block"
    plan = os.path.join(directory, f"pip-{time.time_ns():020d}")
    plan_request.answer(plan, Answer(findings, stopped=stopped))
    return stopped


def facts_of(words: Sequence[str], session: Session, policy: Policy) -> LookedUp:
    """The facts about a pip command that was started with these words."""
    command, executable = understand(words, session)
    return LookedUp(places.find(command, executable, session), session, policy)
