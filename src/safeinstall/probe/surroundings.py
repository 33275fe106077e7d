"""What only some rules ask for: channels, what they offer, user installs, the policy's sources.

Each is looked up only for commands that a rule will ask it of: this is on the hot path.
"""

from __future__ import annotations

import os

from safeinstall.model import PIP_LIKE
from safeinstall.probe import unreadable
from safeinstall.probe.facts import conda_installation
from safeinstall.specs.asked import asks_conda, asks_pip, removes_by_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from safeinstall.model import Channels, Facts, Forced, Leaning, Offer, Sources
    from safeinstall.probe.conda import Installation
    from safeinstall.settings import Settings


def complete(
    facts: Facts,
    sources: Sources,
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
) -> Facts:
    """The facts with everything that :mod:`safeinstall.probe.facts` leaves out, but for
    the running processes, which take too long to be looked up before the tool is started.
    """
    here = (configuration, environ, cwd)
    facts = _with(facts.replace(sources=sources), "forced", _forced, *here)
    if facts.command.destination:
        return _with(facts, "displaced", _displaced, *here)
    if asks_conda(facts.command):
        return _with(facts, "channels", _channels, *here)
    if removes_by_pip(facts.command) and facts.environment.kind == "conda":
        return _with(_with(facts, "leaning", _leaning, configuration), "unseen", _unseen, cwd)
    if not asks_pip(facts.command):
        return facts
    if facts.command.tool in PIP_LIKE[:1]:
        from safeinstall.probe.user_site import user_site

        facts = facts.replace(user_site=user_site(facts.environment, environ))
    return _with(facts, "offers", _offers, *here)


_WHAT = {
    "forced": "the marks of the environment",
    "displaced": "the environment that is to be replaced",
    "channels": "conda's channels",
    "leaning": "what conda-owned packages require",
    "unseen": "the files that the command names",
    "offers": "what the channels have",
}


def _with(facts: Facts, field: str, look: Callable[..., Any], *arguments: Any) -> Facts:
    """The facts with what ``look`` finds, if it can."""

    def looked() -> Facts:
        return facts.replace(**{field: look(facts, *arguments)})

    return unreadable.attempt(_WHAT[field], facts.environment.prefix, looked, facts)


def _forced(
    facts: Facts, configuration: Settings, environ: Mapping[str, str], cwd: str
) -> Forced | None:
    if not (facts.environment.frozen or facts.environment.externally_managed):
        return None
    from safeinstall.probe.protection import forced

    return forced(facts, _installation(facts, configuration, environ, cwd), environ)


def _displaced(
    facts: Facts, configuration: Settings, environ: Mapping[str, str], cwd: str
) -> Facts | None:
    """The same command, and the environment that is in the place where it wants to be."""
    from safeinstall.model import Target
    from safeinstall.probe import inventory
    from safeinstall.probe.environment import describe

    where = facts.command.destination
    target = Target(prefix=where) if os.sep in where else Target(name=where)
    prefix = _installation(facts, configuration, environ, cwd).target_prefix(target)
    there = describe(prefix, facts.root_prefix)
    if there.kind not in ("conda", "venv"):
        return None
    packages = inventory.scan(there, configuration.cache_dir)
    other = facts.replace(environment=there, inventory=packages, forced=None, drift=(), turns=())
    return other.replace(forced=_forced(other, configuration, environ, cwd))


def refresh(facts: Facts, configuration: Settings, environ: Mapping[str, str], cwd: str) -> None:
    """Bring the list of what the channels have up to date. Slow: only while the tool runs."""
    if facts.environment.kind != "conda" and not asks_conda(facts.command):
        return
    from safeinstall.probe import repodata

    installation = _installation(facts, configuration, environ, cwd)
    where = repodata.directories(installation, facts.environment.prefix)
    repodata.refresh(where, configuration.cache_dir)


def _leaning(facts: Facts, configuration: Settings) -> tuple[Leaning, ...]:
    from safeinstall.probe import conda_requirements

    names = {spec.name for spec in facts.command.specs}
    required = conda_requirements.required(facts, configuration.cache_dir)
    return (
        *(lean for lean in required if lean.name in names),
        *conda_requirements.files(facts, names),
    )


def _unseen(facts: Facts, cwd: str) -> tuple[str, ...]:
    """Pipes and addresses. What the tool cannot read either, it will say itself."""
    files = [spec.raw for spec in facts.command.specs if spec.kind == "file"]
    return tuple(file for file in files if "://" in file or _is_there(file, facts, cwd))


def _is_there(file: str, facts: Facts, cwd: str) -> bool:
    path = os.path.join(cwd, file)
    is_stdin = file == "-" and facts.command.tool == "uv"
    return is_stdin or (os.access(path, os.R_OK) and not os.path.isdir(path))


def _installation(
    facts: Facts, configuration: Settings, environ: Mapping[str, str], cwd: str
) -> Installation:
    known = conda_installation(configuration, environ, cwd)
    return known.replace(root_prefix=facts.root_prefix or known.root_prefix)


def _channels(
    facts: Facts, configuration: Settings, environ: Mapping[str, str], cwd: str
) -> Channels:
    from safeinstall.probe.channels import effective

    installation = _installation(facts, configuration, environ, cwd)
    return effective(facts.command, installation, facts.environment.prefix)


def _offers(
    facts: Facts, configuration: Settings, environ: Mapping[str, str], cwd: str
) -> tuple[Offer, ...]:
    """Nothing is read where nothing is known of any channel, or nothing is asked for by name."""
    if facts.environment.kind != "conda" or not os.path.exists(
        os.path.join(configuration.cache_dir, "repodata", "places")
    ):
        return ()
    from safeinstall.probe import repodata
    from safeinstall.rules.conda_has_it import candidates
    from safeinstall.specs.conda_names import conda_names

    names = {spec.name: conda_names(spec.name) for spec in candidates(facts)}
    if not names:
        return ()
    channels = _channels(facts, configuration, environ, cwd)
    return repodata.offers(names, channels, configuration.cache_dir)
