"""Tries the commands that a block offers on the rules and the policy, as if they had been typed.

Only where something is blocked: it costs as much as judging each of these commands. Nothing is
started for it, so what only conda's plan or pip's resolver would show is not known here.
"""

from __future__ import annotations

import shlex
import time

from safeinstall import settings
from safeinstall.errors import NO_FAULT_OF_DATA, SafeinstallError
from safeinstall.guard.facts import LookedUp
from safeinstall.guard.words import is_ours, understand
from safeinstall.policy.judge import judge
from safeinstall.probe import place as places
from safeinstall.probe import unreadable
from safeinstall.rules import registry
from safeinstall.rules.shared.remedies import fresh_for_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.guard.decide import Case
    from safeinstall.model import Finding, Verdict
    from safeinstall.settings import Session

_OURS = ["safeinstall", "run", "--"]


def tried(case: Case, verdict: Verdict) -> Verdict:
    """The verdict without commands that would be blocked as well, or that would do nothing."""
    notes = unreadable.noted()
    try:
        findings = tuple(
            _of(case, found) if found.level == "block" else found for found in verdict.findings
        )
    finally:
        unreadable.begin()
        for note in notes:
            unreadable.note(*note.values())
    return verdict.replace(findings=findings)


def _of(case: Case, finding: Finding) -> Finding:
    """The finding with the commands that are left; if there are none left, a new environment."""
    fixes = tuple(fix for fix in finding.fixes if _is_good(case, fix))
    if finding.fixes and not fixes:
        environment = case.facts.environment
        fixes = (fresh_for_pip(environment),) if environment.kind == "conda" else ()
    return finding.replace(fixes=fixes)


def _is_good(case: Case, line: str) -> bool:
    """Would the first command of the line be let through, and would it do anything? True, too,
    where that cannot be told.
    """
    try:
        words, session = _typed(line, case.facts.shell)
        return not words or _may_run(case, words, session)
    except SafeinstallError:  # the tool is not on PATH: a shell function may start it
        return True
    except NO_FAULT_OF_DATA:
        raise
    except Exception:
        return True


def _typed(line: str, session: Session) -> tuple[list[str], Session]:
    """The words of the first command, and the session with the variables that stand before it."""
    words = shlex.split(line, comments=True)
    if "&&" in words:
        words = words[: words.index("&&")]
    environ = dict(session.environ)
    while words and "=" in words[0] and not words[0].startswith("-"):
        name, _, value = words.pop(0).partition("=")
        environ[name] = value
    if words[: len(_OURS)] == _OURS:
        words = words[len(_OURS) :]
    return words, session.replace(environ=environ)


def _may_run(case: Case, words: list[str], session: Session) -> bool:
    command, executable = understand(words, session)
    if not is_ours(command):
        return True
    place = places.find(command, executable, session)
    # A dry run would start conda, and take as long as the command itself
    facts = LookedUp(place, session, case.policy).replace(plan_is_seen=True)
    today = time.strftime("%Y-%m-%d")
    verdict = judge(registry.look(facts), case.policy, facts.environment, today)
    if verdict.decision != "block":
        return not (facts.command.asks_pip and facts.satisfied is not None)
    return verdict.overridable and settings.REASON in session.environ
