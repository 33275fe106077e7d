"""pip's rail: constraints, so that pip's own resolver keeps off conda's packages, and off what the
policy denies.

pip is told by ``-c FILE``, right behind the verb, what may not move; every other word stays as
typed. pip resolves once, and refuses by itself before it changes anything. What it found out is
noted by a guest in its process; where none gets in (``python -I -m pip``), ``--log FILE`` does it.
"""

from __future__ import annotations

import os

from safeinstall import kept
from safeinstall.argv.typed import whole
from safeinstall.files import read_bytes
from safeinstall.probe.project import named
from safeinstall.rails import listener, pip_constraints
from safeinstall.rails.pip_satisfied import reached
from safeinstall.rails.rail import Settled
from safeinstall.rules import conda_owned
from safeinstall.specs import lookalikes
from safeinstall.specs.asked import asks_pip
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import CondaDistribution, Facts, Finding, Leaning
    from safeinstall.rails.process import Result
    from safeinstall.settings import Settings

CONSTRAINTS = "conda-owns.txt"
CONFLICT = b"conflict"  # stands in pip's log wherever there is something to learn from it
_HEAD = "# what conda owns here and what is denied, for one run of pip; written by safeinstall\n"


class Hold(Value):
    """What the policy wants to be held."""

    excepted: frozenset[str] | None = frozenset()
    """Names, conda's or pip's, that pip may replace; ``None``: it may replace anything."""
    second_cuda: bool = True
    deny: tuple[str, ...] = ()
    """The policy's ``deny``."""


def lay(
    facts: Facts,
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
    directory: str,
    hold: Hold,
) -> PipRail | None:
    """The rail for an installation by pip or uv; ``None`` where there is nothing to hold it to.

    Args:
        directory: private and empty; read when the rail settles, the caller removes it then.
        hold: what the policy wants to be held.
    """
    facts = facts.replace(command=named(facts.command, cwd))
    command, environment = facts.command, facts.environment
    if not (command.mutates and asks_pip(command)):
        return None
    at_stake = _is_at_stake(facts)
    if not (at_stake or hold.deny):
        return None
    guarded = at_stake and hold.excepted is not None
    theirs = pip_constraints.protected(facts, hold.excepted or frozenset()) if guarded else {}
    again = pip_constraints.written_again(facts, theirs)
    within = reached(facts, environ, configuration.home, cwd)
    near = {name: d for name, d in theirs.items() if within is None or name in within}
    comes = within is None and at_stake
    comes_here = comes and not conda_owned.goes_beside(command, environment)
    barred = _barred(facts) if hold.second_cuda and comes_here else {}
    doubles = _doubles(facts, hold, theirs, barred) if comes_here else {}
    needed = _leaning(facts, configuration, theirs) if comes else ()
    denied = _denied(facts, hold) if within is None else {}
    held = list(pip_constraints.lines(near, again, arbitrary=command.tool == "pip"))
    held += [name + constraint for name, constraint in barred.items()]
    held += [f"{name}=={pip_constraints.NOWHERE}" for name in doubles]
    held += pip_constraints.leaned_on(needed)
    held += [name + constraint for name, constraint in denied.items()]
    if not held:
        return None
    file = os.path.join(directory, CONSTRAINTS)
    kept.put(file, (_HEAD + "\n".join(held) + "\n").encode())
    log, more = os.path.join(directory, listener.PIP_LOG), ["-c", file]
    if not listener.is_heard(facts):
        log = _log_file(facts, configuration, cwd, directory)
        more += ["--log", log] if log and not command.log else []
    words = whole(command, command.verb_at, tuple(more))
    lent = listener.lend(facts, environ, directory, "resolver")
    found = (theirs, again, barred, doubles, needed, denied, hold.deny)
    return PipRail(words, lent, facts, *found, log)


def _is_at_stake(facts: Facts) -> bool:
    """Does pip change an environment of conda's, and this one? Another environment's pip would
    bring the versions that are held here into that one.
    """
    command, environment = facts.command, facts.environment
    if environment.kind != "conda" or command.roams:
        return False
    return conda_owned.lands_here(command, environment)


def _denied(facts: Facts, hold: Hold) -> dict[str, str]:
    """The constraints that keep out what the policy denies, wherever pip puts things."""
    if not hold.deny:
        return {}
    from safeinstall.specs import deny_list

    command, environment = facts.command, facts.environment
    there = {package.name: package.version for package in facts.inventory.packages}
    there |= {name: found.version for name, found in conda_owned.owned(facts).items()}
    beside = command.target.directory is not None or command.roams
    passed_over = beside or conda_owned.installs_again(command, environment)
    return deny_list.constraints(hold.deny, {} if passed_over else there)


def _leaning(
    facts: Facts, configuration: Settings, theirs: Mapping[str, CondaDistribution]
) -> tuple[Leaning, ...]:
    """What may move, but not out of what conda's own packages need of it."""
    if not theirs:
        return ()
    from safeinstall.probe import conda_requirements

    found = conda_requirements.required(facts, configuration.cache_dir)
    return tuple(lean for lean in found if lean.by in theirs and lean.wants)


def _doubles(
    facts: Facts,
    hold: Hold,
    theirs: Mapping[str, CondaDistribution],
    barred: Mapping[str, str],
) -> dict[str, CondaDistribution]:
    """What is barred already is told of as such."""
    found = lookalikes.doubles(theirs, facts.names_seen)
    free = barred.keys() | (hold.excepted or frozenset())
    return {name: there for name, there in found.items() if name not in free}


def _barred(facts: Facts) -> dict[str, str]:
    packages = facts.inventory.packages
    if not any("cuda" in package.name or "cuda" in package.build for package in packages):
        return {}  # and the tables need not be loaded
    from safeinstall.rules import other_cuda

    return other_cuda.barred(packages)


class PipRail:
    """pip under constraints. Made by :func:`lay`."""

    def __init__(
        self,
        words: tuple[str, ...],
        environ: dict[str, str],
        facts: Facts,
        theirs: Mapping[str, CondaDistribution],
        again: frozenset[str],
        barred: Mapping[str, str],
        doubles: Mapping[str, CondaDistribution],
        leaning: tuple[Leaning, ...],
        denied: Mapping[str, str],
        deny: tuple[str, ...],
        log: str,
    ) -> None:
        self.words = words
        self.environ = environ
        self.facts = facts
        self.theirs = theirs
        self.again = again
        self.barred = barred
        self.doubles = doubles
        self.leaning = leaning
        self.denied = denied  # constraints by name
        self.deny = deny  # the entries of the policy that they are made of
        self.log = log
        self.offset = _size(log)

    def settle(self, result: Result) -> Settled:
        """Was pip stopped by the rail, or did it make do with something older?"""
        if not self.log:
            return self._settle_uv(result)
        written = read_bytes(self.log, offset=self.offset) or b""
        if CONFLICT not in written or result.exit_code is None:
            return Settled()
        from safeinstall.rails import pip_verdict  # imports re

        return pip_verdict.settle(self, written, succeeded=result.exit_code == 0)

    def _settle_uv(self, result: Result) -> Settled:
        from safeinstall.rules import denied_package, pip_over_conda

        if result.exit_code != 1:  # uv's status for requirements that cannot be met, among others
            return Settled()
        found: list[Finding] = []
        if self.theirs or self.barred or self.doubles or self.leaning:
            found.append(pip_over_conda.suspected())
        if self.denied:
            found.append(denied_package.suspected(self.denied))
        return Settled(tuple(found))


def _log_file(facts: Facts, configuration: Settings, cwd: str, directory: str) -> str:
    """Where pip will write; ``""`` for uv, which keeps no log."""
    command = facts.command
    if command.tool != "pip":
        return ""
    if not command.log:
        return os.path.join(directory, listener.PIP_LOG)
    at_home = command.log.startswith("~/")
    path = os.path.join(configuration.home, command.log[2:]) if at_home else command.log
    return os.path.join(cwd, path)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
