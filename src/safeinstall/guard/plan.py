"""``safeinstall plan BRIEF PLAN``: judge a transaction for the plugin that waits in conda.

Nobody types this. The exit status is the answer: 0, conda may go on; 77, it shall stop.
"""

from __future__ import annotations

import os
import time

from safeinstall import argv, canonical, settings, site_packages, stderr
from safeinstall.errors import Blocked, UsageError
from safeinstall.files import read_bytes
from safeinstall.guard import plan_findings
from safeinstall.model import Facts
from safeinstall.policy import load as policies
from safeinstall.policy.judge import judge as weigh
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.rails import plan_request
from safeinstall.rails.rail import Settled
from safeinstall.render import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Plan, Verdict
    from safeinstall.rails.plan_request import Brief
    from safeinstall.settings import Settings


def plan(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Weigh the plan, speak to the user, and keep the answer beside the plan."""
    if len(arguments) != 2:
        raise UsageError("'plan' is for our own plugin in conda; nobody has to type it")
    asked, path = plan_request.read(arguments[0]), arguments[1]
    configuration = settings.read(environ)
    configuration = configuration.replace(reason=asked.reason or configuration.reason)
    policy, today = policies.load(configuration, asked.cwd), time.strftime("%Y-%m-%d")
    facts = _facts(asked, environ, configuration.cache_dir).replace(sources=policy.sources)
    findings = plan_findings.findings(facts, _read(path, facts))
    verdict = weigh(findings, policy, facts.environment, today)
    override = _speak(verdict, facts, configuration, environ)
    stopped = verdict.decision == "block" and not override
    try:
        plan_request.answer(path, Settled(findings, stopped=stopped, override=override))
    except OSError as error:  # what was said holds all the same
        stderr.note(f"the answer to conda's plan cannot be kept: {error}")
    return Blocked.exit_code if stopped else 0


def _read(path: str, facts: Facts) -> Plan:
    from safeinstall.rails import conda_plan

    document = canonical.decode_object(read_bytes(path, 1 << 28))
    if document is None:
        raise UsageError(f"{path} is no plan")
    return conda_plan.from_plugin(document, facts.environment)


def _facts(asked: Brief, environ: Mapping[str, str], cache_dir: str) -> Facts:
    """The environment as it is now: conda has changed nothing yet."""
    site_packages.enable()
    environment = describe(asked.prefix, asked.root_prefix)
    context = argv.Context(environ, asked.cwd, read_bytes, {})
    return Facts(
        command=argv.parse(asked.words, context),
        executable=asked.executable,
        environment=environment,
        inventory=inventory.scan(environment, cache_dir),
        root_prefix=asked.root_prefix,
        plan_is_seen=True,
    )


def _speak(
    verdict: Verdict, facts: Facts, configuration: Settings, environ: Mapping[str, str]
) -> str:
    """Say it on stderr, on a line of our own; the reason for going on past a block, if any."""
    if not verdict.findings:
        return ""
    text = plain.verdict(verdict, facts.command, colour=stderr.coloured(environ))
    stderr.say("\n" + text if os.isatty(2) else text)
    if verdict.decision != "block":
        return ""
    from safeinstall.guard.override import reason_for

    return reason_for(verdict, configuration, facts.command, environ)
