"""From what was typed to a verdict. Changes nothing; ``run`` and ``check`` both go this way."""

from __future__ import annotations

import time

from safeinstall import argv, rules, site_packages
from safeinstall.argv import launch
from safeinstall.errors import JournalError
from safeinstall.files import read_bytes
from safeinstall.journal import locate, snapshot
from safeinstall.model import CONDA_LIKE, CONDA_OWNERS, Command, Facts, Verdict
from safeinstall.policy import load as policies
from safeinstall.policy.judge import judge
from safeinstall.policy.merge import Policy
from safeinstall.probe import facts as probe
from safeinstall.probe import surroundings, unreadable
from safeinstall.probe.tool import python_of
from safeinstall.rules import drift
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from safeinstall.journal import Journal
    from safeinstall.model import Change, Finding, Process, Turn
    from safeinstall.probe.facts import Place
    from safeinstall.settings import Settings


class Considered(Value):
    """What is to be done, where, and what the policy says of it."""

    facts: Facts
    policy: Policy
    verdict: Verdict


def understand(
    words: Sequence[str], configuration: Settings, environ: Mapping[str, str], cwd: str
) -> tuple[Command, str]:
    """The command behind the words, and the real program that will run.

    Raises :class:`ToolNotFound`. Which pip.conf counts depends on the environment, so a command
    that may change something is read again once that is known.
    """
    unreadable.begin()
    executable = probe.locate(words[0], environ, cwd)
    versions = unreadable.attempt(
        "the tool's version",
        executable,
        lambda: _versions(words, executable, configuration.home, environ, cwd),
        {},
    )
    context = argv.Context(
        environ, cwd, read_bytes, {}, versions, _uv_config(configuration, environ)
    )
    command = _parsed(words, context)
    if command.tool == "conda" and command.mutates and not command.understood:
        # an option of another release, or a slip? only now is it worth while to look which conda
        from safeinstall.probe import conda

        versions["conda"] = conda.version_of(executable, environ, cwd)
        command = _parsed(words, context := context.replace(versions=versions))
    if is_ours(command) and "pip" in (command.tool, command.inner and command.inner.tool):
        from safeinstall.probe import pip, pip_config

        own = command.tool == "pip"  # inside "conda run" only the user's and the machine's count
        prefix = (own and pip.target_prefix(command, executable, environ, cwd)) or ""
        config = pip_config.read(prefix, environ, configuration.home, configuration.cache_dir)
        if config:
            command = _parsed(words, context.replace(pip_config=config))
    return command, executable


def _parsed(words: Sequence[str], context: argv.Context) -> Command:
    """The command; as if no file that it names could be read, where one cannot be coped with."""
    command = unreadable.attempt(
        "the files that the command names", context.cwd, lambda: argv.parse(words, context), None
    )
    return command or argv.parse(words, context.replace(read=lambda _: None))


def _uv_config(
    configuration: Settings, environ: Mapping[str, str]
) -> Callable[[str, str], Mapping[str, Any]]:
    def read(directory: str, named: str) -> Mapping[str, Any]:
        from safeinstall.probe import uv_config

        home, cache_dir = configuration.home, configuration.cache_dir
        return uv_config.read(directory, named, environ, home, cache_dir)

    return read


def _versions(
    words: Sequence[str], executable: str, home: str, environ: Mapping[str, str], cwd: str
) -> dict[str, str]:
    """The versions that decide how a command line is read: options come and go with them."""
    tool, launcher = launch.find(tuple(words))
    found = {}
    if tool == "pip":
        from safeinstall.probe import pip

        options = tuple(words[1:launcher])
        found["pip"] = pip.version_of(options, executable, environ, home, cwd)
    elif tool == "conda":
        found["conda-python"] = python_of(executable, environ, cwd)
    return {name: version for name, version in found.items() if version}


def is_ours(command: Command) -> bool:
    """Does the command change an environment, or might it, for all we understand?"""
    return command.mutates or not command.understood


def consider(
    place: Place, configuration: Settings, cwd: str, *, by_dry_run: bool = False
) -> Considered:
    """Look at the environment and judge. Raises :class:`PolicyError` for an invalid policy.

    With ``by_dry_run`` a conda is asked for its plan now, not while it runs: that is what ``check``
    needs, and nothing is changed by it.
    """
    facts = probe.look(place, configuration)
    policy = policies.load(configuration, cwd)
    if facts.environment.kind in ("conda", "venv"):
        journal = locate.journal(place.prefix, configuration)
        facts = facts.replace(drift=_drift(facts, journal, policy))
        facts = facts.replace(turns=_turns(facts, journal))
    findings: tuple[Finding, ...] = ()
    if facts.command.mutates:
        facts = surroundings.complete(facts, policy.sources, configuration, place.environ, cwd)
        if asks_before(policy):
            facts = facts.replace(running=_running(facts))
        planned: tuple[Finding, ...] = ()
        if facts.command.tool in CONDA_LIKE:
            from safeinstall.rails import conda

            facts, planned = unreadable.attempt(
                "conda's plan",
                place.prefix,
                lambda: conda.foresee(
                    facts, configuration, place.environ, cwd, by_dry_run=by_dry_run
                ),
                (facts, ()),
            )
        facts = facts.replace(unreadable=unreadable.noted())
        findings = (*rules.look(facts), *planned)
    return Considered(facts, policy, weigh(findings, policy, facts))


def _drift(facts: Facts, journal: Journal, policy: Policy) -> tuple[Change, ...]:
    path = journal.places[0].path
    try:
        return unreadable.attempt(
            "journal", path, lambda: snapshot.drift(journal, facts.inventory), ()
        )
    except JournalError as error:
        locate.tolerate(error, policy, "what others have changed since is not known")
        return ()


def _turns(facts: Facts, journal: Journal) -> tuple[Turn, ...]:
    """Only where conda may have followed on pip unseen: it means to look at many files."""
    unseen = drift.by_conda(facts) if facts.drift else snapshot.is_first(journal)
    if not unseen or facts.environment.kind != "conda":
        return ()
    if not facts.inventory.not_owned_by(*CONDA_OWNERS):
        return ()
    from safeinstall.probe import past_changes

    return unreadable.attempt(
        "what conda and pip did before",
        facts.environment.prefix,
        lambda: past_changes.turns(past_changes.episodes(facts.environment, facts.inventory)),
        (),
    )


def asks_before(policy: Policy) -> bool:
    """Is it to be known before the tool starts who else runs out of the environment? It takes
    longer than everything else, and so only where a policy blocks for it.
    """
    return policy.rules["SI105"].level == "block"


def _running(facts: Facts) -> tuple[Process, ...]:
    site_packages.enable()
    from safeinstall.probe import processes

    return processes.running(facts.environment.prefix)


def weigh(findings: Iterable[Finding], policy: Policy, facts: Facts) -> Verdict:
    """The verdict of today."""
    return judge(findings, policy, facts.environment, time.strftime("%Y-%m-%d"))
