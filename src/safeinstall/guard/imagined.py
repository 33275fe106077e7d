"""A command judged in an environment that is only described: for ``policy test``. Reads no file.

What would be looked up on the disk has its default: no journal, no running process, no channel's
package list. conda's plan is not known, so the rules about it are not asked.
"""

from __future__ import annotations

import shlex

from safeinstall import argv
from safeinstall.guard.facts import request as look_ups
from safeinstall.model import (
    Channels,
    CondaDistribution,
    Environment,
    Facts,
    Inventory,
    Package,
)
from safeinstall.policy import Circumstances, judge
from safeinstall.rules import registry
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.requirement import normalize
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from safeinstall.model import Command, Verdict
    from safeinstall.policy.merge import Policy
    from safeinstall.rules.registry import Answer

_PREFIX = "/opt/conda/envs/case"
_PYTHON = "3.12"


class Judged(Value):
    """The verdict on a command, and how it came about."""

    verdict: Verdict
    answers: tuple[Answer, ...]
    policy: Policy  # as it holds in the environment
    environment: Environment


def parsed(line: str) -> Command | None:
    """The command of a line; ``None`` if it is no command of pip, conda, mamba or uv that they
    would understand.
    """
    try:
        words = shlex.split(line)
    except ValueError:  # a quotation is open
        return None
    if not words:
        return None
    command = argv.parse(words, argv.Context({}, "/", lambda _: None, {}))
    return command if command.tool and command.understood else None


def judged(
    command: Command, described: Mapping[str, Any], actor: str, policy: Policy, today: str
) -> Judged:
    """The verdict on the command in the described environment. ``today`` is an ISO 8601 date."""
    environment = _environment(described)
    actors = frozenset(filter(None, (actor,)))
    here = policy.within(Circumstances(environment.name, environment.prefix, actors))
    answers: tuple[Answer, ...] = ()
    if command.mutates:
        answers = tuple(registry.answers(_facts(command, environment, described, here)))
    found = dict.fromkeys(registry.findings(answers))
    return Judged(judge.judge(found, here, environment, today), answers, here, environment)


def _environment(described: Mapping[str, Any]) -> Environment:
    name = described.get("name", "")
    prefix = described.get("prefix") or (f"/opt/conda/envs/{name}" if name else _PREFIX)
    python = described.get("python") or _python(described)
    return Environment(
        prefix,
        described.get("kind", "conda"),
        name=name or prefix.rpartition("/")[2],
        base=described.get("base", False),
        by_name=True,
        python=python,
        site_packages=(f"{prefix}/lib/python{python}/site-packages",),
    )


def _facts(
    command: Command, environment: Environment, described: Mapping[str, Any], policy: Policy
) -> Facts:
    channels = (*command.channels, *described.get("channels", ()))
    facts = Facts(
        command,
        f"{environment.prefix}/bin/{command.tool}",
        environment,
        _inventory(described),
        active=environment.prefix,
        around=environment,
        active_has_pip=True,
        python_prefix=environment.prefix,
        sources=policy.sources,
        channels=Channels(channels) if command.asks_conda else None,
        plan_is_seen=True,
        only_asked=True,
        exempt=judge.exempt(policy, environment),
    )
    known = (look_ups.impostors, look_ups.twins, look_ups.variants)
    return facts.replace(**{look.__name__: look(facts) for look in known})  # type: ignore[arg-type]  # they read facts only


def _inventory(described: Mapping[str, Any]) -> Inventory:
    condas = [_of_conda(text) for text in described.get("conda", ())]
    pips = [_of_pip(text) for text in described.get("pip", ())]
    packages = sorted((*condas, *pips), key=lambda package: (package.name, package.owner))
    return Inventory(tuple(packages), conda_distributions=tuple(_distributions(condas)))


def _python(described: Mapping[str, Any]) -> str:
    """The version of conda's Python, if that is among the packages."""
    condas = map(_of_conda, described.get("conda", ()))
    versions = (package.version for package in condas if package.name == "python")
    return ".".join(next(versions, _PYTHON).split(".")[:2])


def _of_conda(text: str) -> Package:
    name, version, *build = text.split("=")
    distribution = pip_name(name.lower())
    return Package(
        name.lower(),
        version,
        "conda",
        build=build[0] if build else "",
        distributions=(normalize(distribution),) if distribution else (),
    )


def _of_pip(text: str) -> Package:
    name, _, version = text.partition("==")
    return Package(normalize(name), version, "pip")


def _distributions(packages: list[Package]) -> Iterator[CondaDistribution]:
    for package in packages:
        for name in package.distributions:
            yield CondaDistribution(name, package.version, package)
