"""From what was typed to a verdict. Changes nothing; ``run`` and ``check`` both go this way."""

from __future__ import annotations

import time

from safeinstall import argv, rules
from safeinstall.model import Command, Situation, Verdict
from safeinstall.policy import load as policies
from safeinstall.policy.judge import judge
from safeinstall.policy.merge import Policy
from safeinstall.probe import situation as probe
from safeinstall.probe.files import read_bytes
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.settings import Settings


class Considered(Value):
    """What is to be done, where, and what the policy says of it."""

    situation: Situation
    policy: Policy
    verdict: Verdict


def understand(words: Sequence[str], environ: Mapping[str, str], cwd: str) -> Command:
    """The command behind the words. Never raises."""
    return argv.parse(words, argv.Context(environ, cwd, read_bytes, {}))


def is_ours(command: Command) -> bool:
    """Does the command change an environment, or might it, for all we understand?"""
    inner = command.inner
    return command.mutates or not command.understood or (inner is not None and is_ours(inner))


def consider(
    command: Command,
    executable: str,
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
) -> Considered:
    """Look at the environment and judge. Raises :class:`PolicyError` for an invalid policy."""
    met = probe.survey(command, executable, configuration, environ, cwd)
    policy = policies.load(configuration, cwd)
    findings = rules.look(met) if met.command.mutates else ()
    today = time.strftime("%Y-%m-%d")
    return Considered(met, policy, judge(findings, policy, met.environment, today))
