"""Tries the commands that findings offer on the rules and the policy, as if they had been typed,
and on what the channels are known to have.

Only where one is offered: it costs as much as judging each of these commands. Nothing is started
for it, so what only conda's plan or pip's resolver would show is not known here.
"""

from __future__ import annotations

import itertools
import os
import shlex
import time

from safeinstall import settings
from safeinstall.errors import NO_FAULT_OF_DATA, SafeinstallError
from safeinstall.guard import stands_for
from safeinstall.guard.facts import LookedUp
from safeinstall.guard.words import is_ours, understand
from safeinstall.output.quoting import is_edit, without_note
from safeinstall.policy.judge import judge
from safeinstall.probe import place as places
from safeinstall.probe import unreadable
from safeinstall.rules import registry
from safeinstall.rules.shared import new_environment
from safeinstall.specs.addresses import ALIAS as ADDRESS_OF_CHANNELS
from safeinstall.specs.admitted import names_nothing_else
from safeinstall.specs.requirement import split_extras, without_marker
from safeinstall.specs.translation import conda_admits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.guard.decide import Case
    from safeinstall.model import Finding, Verdict
    from safeinstall.policy.merge import Policy
    from safeinstall.settings import Session

_OURS = ["safeinstall", "run", "--"]
_FOR_SHELL = ("unset ", "export ", "cd ")  # no command that starts a Python

# What would come of a command that is offered
_GOOD, _BLOCKED, _DONE = "good", "blocked", "done"  # done: all that it would do is there already


def tried(case: Case, verdict: Verdict) -> Verdict:
    """The verdict without commands that would be blocked as well, or that would do nothing."""
    notes = unreadable.noted()
    try:
        findings = tuple(_with_good(case, found) for found in verdict.findings)
    finally:
        unreadable.begin()
        for note in notes:
            unreadable.note(*note.values())
    return verdict.replace(findings=tuple(_led_back(case, found) for found in findings))


def _led_back(case: Case, finding: Finding) -> Finding:
    """The finding with commands that first take back what leads Python into a conda environment:
    every other Python of that version would import from there, conda's own included.
    """
    astray = case.facts.astray
    if not astray:
        return finding
    start = f"unset {' '.join(astray)} && "
    told = (fix if fix.startswith(_FOR_SHELL) else start + fix for fix in finding.fixes)
    return finding.replace(fixes=tuple(told))


def is_blocked(line: str, session: Session, policy: Policy) -> bool:
    """Would a command of the line be blocked if it were typed now? False where that is not known.

    For a line that takes something away first: what brings it back is judged as well.
    """
    try:
        tried = [_judged(words, session, policy, set()) for words in _commands(line)]
    except NO_FAULT_OF_DATA:
        raise
    except Exception:
        return False
    return _BLOCKED in tried


def _with_good(case: Case, finding: Finding) -> Finding:
    """The finding with the good commands. Where a block has none, as all are blocked themselves: a
    new environment, in which pip has what it is asked for.
    """
    found = {fix: _comes_of(case, fix) for fix in finding.fixes}
    fixes = tuple(fix for fix, comes in found.items() if comes == _GOOD)
    curable = finding.level == "block" and finding.rule in registry.OF_CONTENT
    if curable and found and set(found.values()) == {_BLOCKED}:
        facts = case.facts
        asked = {spec.name for spec in facts.command.specs}
        owned = facts.inventory.conda_distributions
        asked.update(finding.packages)  # also what only the tool has found out
        without = {there.package.name for there in owned if there.name in asked}
        afresh = new_environment.alone(facts, without) if facts.command.asks_pip else ()
        is_condas = facts.environment.kind == "conda"
        fixes = tuple(fix for fix in afresh if is_condas and _comes_of(case, fix) == _GOOD)
    return finding.replace(fixes=fixes)


def _comes_of(case: Case, line: str) -> str:
    """Would the line be let through, and would it do anything? Good, too, where that cannot be
    told: what follows the first command is judged only where it is for an environment that is not
    there yet, for what is in another one will have been changed by then; and a command that follows
    an edit is not judged by the file as it is.
    """
    if is_edit(without_note(line)[1]):
        return _GOOD
    try:
        tried = (_try(case, words, later=at > 0) for at, words in enumerate(_commands(line)))
        return next((comes for comes in tried if comes != _GOOD), _GOOD)
    except SafeinstallError:  # the tool is not on PATH: a shell function may start it
        return _GOOD
    except NO_FAULT_OF_DATA:
        raise
    except Exception:
        return _GOOD


def _commands(line: str) -> Iterator[list[str]]:
    """The words of each command in the line."""
    words = shlex.split(line, comments=True)
    while "&&" in words:
        at = words.index("&&")
        yield words[:at]
        words = words[at + 1 :]
    yield words


def _as_typed(words: list[str], session: Session) -> tuple[list[str], Session]:
    """The command's words, and the session with the variables that stand before it."""
    words, environ = list(words), dict(session.environ)
    while words and "=" in words[0] and not words[0].startswith("-"):
        name, _, value = words.pop(0).partition("=")
        environ[name] = value
    if words[: len(_OURS)] == _OURS:
        words = words[len(_OURS) :]
    return words, session.replace(environ=environ)


def _stands_for(words: list[str], case: Case) -> list[str]:
    """For a rebuild, the command of conda's that it carries out, in a new environment."""
    if words[:2] != ["safeinstall", "rebuild"]:
        return words
    options = [*itertools.pairwise(words)]
    specs = [value for option, value in options if option == "--add"]
    channels = [value for option, value in options if option == "--channel"]
    typed = case.facts.typed or case.facts.command
    new = ["-n", new_environment.name_of(case.facts)]
    return stands_for.by_conda(typed.tool or "conda", new, specs, channels) if specs else words


def _try(case: Case, words: list[str], *, later: bool) -> str:
    asked = {spec.raw for spec in case.facts.command.conda_specs}
    shell, astray = case.facts.shell, case.facts.astray
    environ = {name: value for name, value in shell.environ.items() if name not in astray}
    words, session = _stands_for(words, case), shell.replace(environ=environ)
    return _judged(words, session, case.policy, asked, later=later)


def _judged(
    words: list[str], session: Session, policy: Policy, asked: set[str], *, later: bool = False
) -> str:
    """``asked``: what conda was asked for by the user."""
    words, session = _as_typed(words, session)
    command, executable = understand(words, session) if words else (None, "")
    if command is None or not is_ours(command):
        return _GOOD
    place = places.find(command, executable, session)
    # A dry run would start conda, and take as long as the command itself
    facts = LookedUp(place, session, policy).replace(plan_is_seen=True)
    if later and facts.environment.kind != "missing":
        return _GOOD
    alias = facts.effective_channels.alias if facts.is_condas else ADDRESS_OF_CHANNELS
    if not names_nothing_else(facts.command, facts.sources, alias):
        return _BLOCKED
    if not (_channels_have(facts, asked) and _is_there(facts)):
        return _BLOCKED
    today = time.strftime("%Y-%m-%d")
    verdict = judge(registry.look(facts), facts.policy, facts.environment, today)
    if verdict.decision != "block":
        return _DONE if facts.command.asks_pip and facts.satisfied is not None else _GOOD
    reason = settings.REASON in session.environ and verdict.overridable and not verdict.tickets
    return _GOOD if reason else _BLOCKED


def _channels_have(facts: LookedUp, asked: set[str]) -> bool:
    """Do the channels have what conda is asked for? True, too, where that is not known, and of what
    conda was asked for by the user: it may just have found it in a newer list than ours.
    """
    named = (s for s in facts.command.conda_specs if s.kind == "name" and s.raw not in asked)
    specs = [spec for spec in named if spec.name and not spec.channel]
    if not specs:
        return True
    from safeinstall.probe import repodata

    cache, channels = facts.session.settings.cache_dir, facts.effective_channels
    where = repodata.directories(facts.installation, facts.environment.prefix)
    known = repodata.versions({spec.name for spec in specs}, channels, cache, where=where)
    return known is None or all(_meets(known[spec.name], spec.version) for spec in specs)


def _meets(versions: list[str], wanted: str) -> bool:
    """Does, or may, one of the versions meet the spec?"""
    return any(not wanted or conda_admits(version, wanted) is not False for version in versions)


def _is_there(facts: LookedUp) -> bool:
    """Are the paths there that pip is to install from?"""
    paths = [spec.raw for spec in facts.command.pip_specs if spec.kind == "path"]
    return all(
        os.path.exists(os.path.join(facts.session.cwd, split_extras(without_marker(path))[0]))
        for path in paths
    )
