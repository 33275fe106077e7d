"""SI103 outside-env: pip installs outside of the environment, by an option or by fallback."""

from __future__ import annotations

import os

from safeinstall.argv.typed import short_words, words_of
from safeinstall.model import Finding
from safeinstall.output.quoting import noted, paste
from safeinstall.rules.shared import new_environment, pip_settings
from safeinstall.rules.shared.remedies import here, in_a_venv, pip_install
from safeinstall.specs.versions import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Environment, Facts, Target

CODE = "SI103"
NAME = "outside-env"


def look(facts: Facts) -> Finding | None:
    """``block`` if other environments will import the packages, or for ``--prefix``; ``warn`` for
    a separate directory.
    """
    command, environment = facts.command, facts.environment
    if not command.asks_pip:
        return None
    elsewhere = _elsewhere(command.target, environment)
    if elsewhere and not facts.foreign_prefix:
        option, place = elsewhere
        return _finding(
            facts,
            "block" if option == "--prefix" else "warn",
            f"{pip_settings.setting(option, facts)} puts the packages into {place}, not into "
            f"{_name(environment)}, and no list of the environment will show them.",
            (f"{option} {place}",),
        )
    return _user(facts)


def _user(facts: Facts) -> Finding | None:
    """The finding for a user install, by ``--user`` or because site-packages is not writable."""
    command, environment = facts.command, facts.environment
    if facts.user_site == "off" or _pip_refuses(facts):  # pip prints the reason itself
        return None
    if facts.foreign_prefix:  # SI202 reports it
        return None
    leak = (
        f"every environment with Python {environment.python or 'of this version'} sees these "
        "packages, before its own, and none lists them."
    )
    isolated = environment.kind in ("conda", "venv")
    if command.target.user:
        message = (
            f"{pip_settings.setting('--user', facts)} installs into your home directory: {leak}"
        )
        return _finding(facts, "block" if isolated else "warn", message, _evidence(environment))
    if facts.user_site == "fallback" and isolated and "--no-user" not in command.flags:
        message = f"{_name(environment)} cannot be written, so pip turns to your home: {leak}"
        return _finding(facts, "block", message, _evidence(environment))
    return None


def _pip_refuses(facts: Facts) -> bool:
    """pip 25.3 and later refuses a user install if PYTHONNOUSERSITE is set."""
    installed = (p.version for p in facts.inventory.packages if p.name == "pip")
    release = numbers(next(installed, ""))
    return facts.user_site == "hidden" and release is not None and release >= (25, 3)


def _elsewhere(target: Target, environment: Environment) -> tuple[str, str] | None:
    """The option and the directory that it names; ``None`` if it names this environment."""
    options = (
        ("--target", target.directory),
        ("--prefix", target.scheme_prefix),
        ("--root", target.root),
    )
    own = [*map(os.path.normpath, (environment.prefix, *environment.site_packages)), "/"]
    for option, place in options:
        if place is not None and os.path.normpath(place) not in own:
            return option, place
    return None


def _finding(facts: Facts, level: str, message: str, evidence: tuple[str, ...]) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        level="block" if level == "block" else "warn",
        message=message,
        evidence=evidence,
        fixes=_fixes(facts),
    )


def _evidence(environment: Environment) -> tuple[str, ...]:
    return (f"the environment is {environment.prefix}",)


def _name(environment: Environment) -> str:
    return environment.name or environment.prefix


def _fixes(facts: Facts) -> tuple[str, ...]:
    environment, words = facts.environment, words_of(facts.command)
    if facts.typed:  # conda, which will start this pip
        return (pip_settings.without(paste(short_words(facts.typed)), facts),)
    if not words:
        return ()
    if environment.kind in ("conda", "venv") and environment.writable:
        return (pip_settings.without(pip_install(here(facts), words), facts),)
    own = new_environment.of_its_own(facts) if facts.root_prefix else in_a_venv(words)
    return (noted(own, "an environment of your own"),)
