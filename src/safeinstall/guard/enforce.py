"""Chooses the rail for a command, and the constraints it passes to the tool."""

from __future__ import annotations

from safeinstall.policy.judge import tickets
from safeinstall.policy.tighten import NEVER, minutes
from safeinstall.rails import listener
from safeinstall.rails.rail import NoRail
from safeinstall.rules import registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from safeinstall.guard.decide import Case
    from safeinstall.guard.facts import LookedUp
    from safeinstall.model import Facts
    from safeinstall.policy.merge import Policy
    from safeinstall.rails.rail import Rail
    from safeinstall.settings import Session


def lay(
    case: Case,
    words: tuple[str, ...],
    session: Session,
    directory: str,
    *,
    reason: str = "",
    free: bool = False,
    told: Iterable[str] = (),
) -> Rail:
    """The rail for the command. ``words`` is the whole command line, also for ``conda run``;
    ``told`` are the codes of the rules whose findings the user has seen.

    pip gets constraints only for rules that the policy sets to "block", because pip's resolver can
    only refuse, not warn. What the override ``reason`` covers is not held up; ``free``: that is all
    (:func:`frees`). The tool's output is noted either way. ``session`` has the variables for the
    tool. Raises OSError.
    """
    facts = case.facts
    session = session.replace(
        settings=session.settings.replace(reason=reason or session.settings.reason)
    )
    session = _kept_to_age(case, session)
    listener.make_room(facts, directory)
    lent = listener.lend(facts, session.environ, directory, *_more_to_hear(facts))
    plain = NoRail(words, lent)
    if free:
        return plain
    strict = case.policy.on_guard_error == "block"
    if facts.command.asks_pip:
        lifted = [code for code in registry.HOLDING if covers(reason, case.policy, (code,))]
        return _for_pip(facts, session, directory, strict=strict, lifted=lifted) or plain
    heard = session.replace(environ=plain.environ)
    rail = _for_conda(facts, words, heard, directory, strict=strict) or plain
    if not listener.starts_pip(facts.command):
        return rail
    return _with_pip(case, rail, session, directory, strict=strict, told=told)


def _kept_to_age(case: Case, session: Session) -> Session:
    """The session in which no tool takes a release that is younger than the policy allows."""
    age = minutes(case.facts.sources.min_age)
    if not age:
        return session
    from safeinstall.probe import release_age

    return session.replace(environ=release_age.told(session.environ, age, case.facts.command))


def _with_pip(
    case: Case,
    rail: Rail,
    session: Session,
    directory: str,
    *,
    strict: bool,
    told: Iterable[str],
) -> Rail:
    """The rail for a conda that starts a pip of its own."""
    from safeinstall.guard import hold
    from safeinstall.rails import pip_in_conda

    def facts_of(typed: Sequence[str], cwd: str) -> Facts:
        seen = session.replace(environ=rail.environ, cwd=cwd)
        return hold.facts_of(typed, seen, case.policy)

    reason = session.settings.reason
    excused = reason if covers(reason, case.policy, registry.HOLDING) else ""
    place = case.facts.place.prefix
    return pip_in_conda.lay(
        rail, directory, facts_of, prefix=place, strict=strict, excused=excused, told=told
    )


def _more_to_hear(facts: LookedUp) -> tuple[str, ...]:
    """Does the pip that conda starts by itself start another one, as PIP_PYTHON names it?"""
    if not listener.starts_pip(facts.command):
        return ()
    from safeinstall.guard import started_pip

    return (listener.INNER,) if started_pip.command_of(facts).target.python else ()


def _for_pip(
    facts: Facts, session: Session, directory: str, *, strict: bool, lifted: Collection[str]
) -> Rail | None:
    lines = registry.hold(facts, lifted)
    if not lines:
        return None
    from safeinstall.rails import pip

    return pip.lay(facts, lines, session, directory, strict=strict)


def _for_conda(
    facts: LookedUp, words: tuple[str, ...], session: Session, directory: str, *, strict: bool
) -> Rail | None:
    if facts.way_to_plan != "plugin":
        return None
    from safeinstall.rails import conda

    return conda.lay(facts, session, directory, typed=words, strict=strict)


def frees(reason: str, case: Case) -> bool:
    """Does the override reason get past all that the command's rail would stop? It was given for
    what was known before; another rule may want another reason, or accept none.
    """
    command = case.facts.command
    codes = registry.HOLDING if command.asks_pip else registry.PLANNED
    codes += registry.HOLDING if listener.starts_pip(command) else ()
    return covers(reason, case.policy, codes)


def covers(reason: str, policy: Policy, codes: Iterable[str]) -> bool:
    """Is the text a reason that gets past blocks of all these rules?"""
    from safeinstall.guard.reasons import lacking

    settings = [policy.rules[code] for code in codes]
    overrides = [setting.override for setting in settings if setting.level == "block"]
    return bool(reason) and NEVER not in overrides and not lacking(reason, tickets(overrides))
