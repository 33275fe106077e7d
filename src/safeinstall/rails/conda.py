"""The rail for conda: its transaction is judged before anything is changed.

Two ways. Where conda loads plugins, one of ours goes along for this one process and shows the
transaction between solving and linking: nothing is solved twice. Everywhere else (mamba,
micromamba, ``--no-plugins``, an older conda, ``safety_checks: disabled``) the same command is run
first with ``--dry-run --json``. Which way it is, is read from files; conda is not started for it.
"""

from __future__ import annotations

import os
import sys

from safeinstall import resources, settings
from safeinstall.files import names_in, read_bytes
from safeinstall.probe import condarc
from safeinstall.probe.interpreter import stdlib_of
from safeinstall.probe.tool import interpreter_of
from safeinstall.rails import pythonpath
from safeinstall.rails.plan_request import Brief
from safeinstall.rails.rail import Settled
from safeinstall.rules import conda_after_pip
from safeinstall.specs.asked import asks_conda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.model import Facts, Finding
    from safeinstall.rails.process import Result
    from safeinstall.rails.rail import Rail
    from safeinstall.settings import Settings

PLUGIN, DRY_RUN = "plugin", "dry-run"

_PLUGIN_DIRECTORY = os.path.join(resources.PACKAGE, "rails", "conda_plugin")
_MAIN = os.path.join(resources.PACKAGE, "__main__.py")
_HOOK = b"conda_pre_transaction_actions"
# Others change packages too, but have no dry run: "env update", "doctor --fix", plugins' own.
_WITH_DRY_RUN = ("install", "update", "remove")


def way(facts: Facts, configuration: Settings, environ: Mapping[str, str]) -> str:
    """How the plan of this command can be seen: PLUGIN, DRY_RUN, or "" where it cannot."""
    command = facts.command
    if command.tool == "conda" and _takes_plugins(facts, configuration, environ):
        return PLUGIN
    return DRY_RUN if command.verb in _WITH_DRY_RUN else ""


def foresee(
    facts: Facts,
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
    *,
    by_dry_run: bool = False,
) -> tuple[Facts, tuple[Finding, ...]]:
    """Before the command is started: may SI201 wait for the plan, and what does it say already?

    Runs the tool's dry run where that is the way, or with ``by_dry_run`` (what ``check`` asks
    for) where there is one. ``environ`` is the one the command will see.
    """
    by_dry_run = by_dry_run and facts.command.verb in _WITH_DRY_RUN
    wanted = by_dry_run and _may_be_denied(facts)
    if not (wanted or conda_after_pip.concerns(facts)):
        return facts, ()
    chosen = way(facts, configuration, environ)
    if by_dry_run:
        chosen = DRY_RUN
    if chosen != DRY_RUN:
        return facts.replace(plan_is_seen=chosen == PLUGIN), ()
    from safeinstall.rails import conda_dry_run

    found = conda_dry_run.findings(facts, configuration, environ, cwd)
    return facts.replace(plan_is_seen=found is not None), found or ()


def _may_be_denied(facts: Facts) -> bool:
    """May conda, by this command, bring something that the policy denies?"""
    return bool(facts.sources.deny) and asks_conda(facts.command)


def lay(
    facts: Facts,
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
    directory: str,
    *,
    typed: tuple[str, ...] = (),
    strict: bool = False,
) -> Rail | None:
    """The plugin's rail; ``None`` where none is needed or conda takes no plugins.

    ``directory`` is the caller's own, private and empty, and has to be there until the rail has
    been settled. ``typed`` is the whole command line where conda runs inside ``conda run``; with
    ``strict``, conda stops where the plan cannot be judged. Raises OSError.
    """
    if not (conda_after_pip.concerns(facts) or _may_be_denied(facts)):
        return None
    if way(facts, configuration, environ) != PLUGIN:
        return None
    brief = Brief(
        python=sys.executable,
        main=_MAIN,
        words=facts.command.words,
        executable=facts.executable,
        prefix=facts.environment.prefix,
        root_prefix=facts.root_prefix,
        cwd=cwd,
        reason=configuration.reason,
        strict="yes" if strict else "",
    ).write(directory)
    lent = {**pythonpath.lent(_PLUGIN_DIRECTORY, environ), settings.PLAN: brief}
    return PluginRail(facts, typed or facts.command.words, lent, directory)


class PluginRail:
    """conda with our plugin in it. What it finds is shown to the user as soon as it is found."""

    def __init__(
        self,
        facts: Facts,
        words: tuple[str, ...],
        environ: dict[str, str],
        directory: str,
    ) -> None:
        self.facts = facts
        self.words = words
        self.environ = environ
        self.directory = directory
        self.before = self._records()

    def settle(self, result: Result) -> Settled:
        """What was found in all transactions of this command. They have been shown already."""
        from safeinstall.rails import plan_request

        seen = plan_request.answers(self.directory)
        hidden = conda_after_pip.concerns(self.facts)
        if not seen and hidden and self._records() != self.before:
            return Settled((conda_after_pip.unjudged(self.facts),))
        return Settled(
            shown=tuple(finding for each in seen for finding in each.findings),
            stopped=any(each.stopped for each in seen) and result.exit_code != 0,
            override=next((each.override for each in seen if each.override), ""),
        )

    def _records(self) -> list[str]:
        return sorted(names_in(os.path.join(self.facts.environment.prefix, "conda-meta")))


# ---- does this conda take plugins? -------------------------------------------------------------


def _takes_plugins(facts: Facts, configuration: Settings, environ: Mapping[str, str]) -> bool:
    command = facts.command
    if "--no-plugins" in command.flags or "no_plugins" in command.flags:
        return False
    if not pythonpath.is_read(facts) or not _has_hook(facts.executable, environ):
        return False
    return not any(_switched_off(facts, configuration, environ))


def _has_hook(executable: str, environ: Mapping[str, str]) -> bool:
    """Is it a conda that is new enough for the hook?"""
    interpreter = interpreter_of(executable, environ, "/")
    if interpreter is None:
        return False
    place = os.path.dirname(os.path.dirname(os.path.realpath(interpreter)))
    hooks = os.path.join(stdlib_of(place), "site-packages", "conda", "plugins", "hookspec.py")
    return _HOOK in (read_bytes(hooks) or b"")


def _switched_off(
    facts: Facts, configuration: Settings, environ: Mapping[str, str]
) -> Iterator[bool]:
    """Plugins, or the checks of a transaction in which ours takes part."""
    yield not condarc.is_false(environ.get("CONDA_NO_PLUGINS", ""))
    yield environ.get("CONDA_SAFETY_CHECKS", "").strip().lower() == "disabled"
    prefix = facts.environment.prefix
    search = condarc.search_for(facts.root_prefix, prefix, configuration.home, environ)
    found = condarc.documents(("no_plugins", "safety_checks"), search, configuration.cache_dir)
    for setting in condarc.scalars("no_plugins", found):
        yield not condarc.is_false(setting.items[0])
    for setting in condarc.scalars("safety_checks", found):
        yield setting.items[0].lower() not in ("enabled", "warn")
