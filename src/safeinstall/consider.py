"""From what was typed to a verdict. Changes nothing; ``run`` and ``check`` both go this way."""

from __future__ import annotations

import time

from safeinstall import argv, records, rules
from safeinstall.delegate import conda_rail
from safeinstall.journal import snapshot
from safeinstall.model import Command, Situation, Verdict
from safeinstall.policy import load as policies
from safeinstall.policy.judge import judge
from safeinstall.policy.merge import Policy
from safeinstall.probe import pip, pip_config, surroundings
from safeinstall.probe import situation as probe
from safeinstall.probe.files import read_bytes
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safeinstall.model import Finding
    from safeinstall.probe.situation import Place
    from safeinstall.settings import Settings


class Considered(Value):
    """What is to be done, where, and what the policy says of it."""

    situation: Situation
    policy: Policy
    verdict: Verdict


def understand(
    words: Sequence[str], configuration: Settings, environ: Mapping[str, str], cwd: str
) -> tuple[Command, str]:
    """The command behind the words, and the real program that will run.

    Raises :class:`ToolNotFound`. Which options there are depends on the tool's version, and which
    pip.conf counts on the environment, so a command that may change something is read again once
    these are known.
    """
    context = argv.Context(environ, cwd, read_bytes, {})
    command = argv.parse(words, context)
    executable = probe.locate(command, environ, cwd)
    if is_ours(command) and "pip" in (command.tool, command.inner and command.inner.tool):
        own = command.tool == "pip"  # inside "conda run" only the user's and the machine's count
        prefix = (own and pip.target_prefix(command, executable, environ, cwd)) or ""
        config = pip_config.read(prefix, environ, configuration.home, configuration.cache_dir)
        version = pip.version_of(executable, environ, cwd) if own else ""
        versions = {"pip": version} if version else {}
        if config or versions:
            command = argv.parse(words, context.replace(pip_config=config, versions=versions))
    return command, executable


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
    met = probe.look(place)
    if met.environment.kind in ("conda", "venv"):
        journal = records.journal(place.prefix, configuration)
        met = met.replace(drift=snapshot.drift(journal, met.inventory))
    policy = policies.load(configuration, cwd)
    findings: tuple[Finding, ...] = ()
    if met.command.mutates:
        met = surroundings.complete(met, policy.sources, configuration, place.environ, cwd)
        met, planned = conda_rail.foresee(
            met, configuration, place.environ, cwd, by_dry_run=by_dry_run
        )
        findings = (*rules.look(met), *planned)
    return Considered(met, policy, weigh(findings, policy, met))


def weigh(findings: Iterable[Finding], policy: Policy, met: Situation) -> Verdict:
    """The verdict of today."""
    return judge(findings, policy, met.environment, time.strftime("%Y-%m-%d"))
