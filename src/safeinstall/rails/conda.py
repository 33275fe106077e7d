"""The rail for conda: conda's transaction is judged before anything is changed.

There are two ways to see the transaction. Where conda loads plugins, our plugin is lent to this
one process and shows the transaction between solving and linking, so nothing is solved twice.
Everywhere else (mamba, micromamba, ``--no-plugins``, an older conda, ``safety_checks: disabled``)
the same command is run first with ``--dry-run --json``. The choice is made from files, without
starting conda.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_bytes, resources
from safeinstall.probe import condarc
from safeinstall.probe.interpreter import stdlib_of
from safeinstall.probe.tool import interpreter_of
from safeinstall.rails import plan_request, pythonpath
from safeinstall.rails.rail import Report
from safeinstall.settings import PLAN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.model import Facts
    from safeinstall.rails.process import Result
    from safeinstall.settings import Session

PLUGIN, DRY_RUN = "plugin", "dry-run"

_PLUGIN_DIRECTORY = os.path.join(resources.PACKAGE, "rails", "conda_plugin")
_HOOK = b"conda_pre_transaction_actions"
# Other verbs change packages, too, but have no dry run: "doctor --fix", those that conda plugins
# add, and conda's "env update"; that of mamba 2 has one.
_WITH_DRY_RUN = ("install", "update", "remove")
_WITH_DRY_RUN_OF_MAMBA = (*_WITH_DRY_RUN, "env update")


def way(facts: Facts, session: Session, *, dry_run: bool) -> str:
    """How the plan of this command can be seen: PLUGIN, DRY_RUN, or "" where it cannot.

    With ``dry_run``, DRY_RUN is preferred where the command has a dry run.
    """
    compiled = facts.command.tool != "conda" and _is_compiled(facts.executable, session)
    has_dry_run = facts.command.verb in (_WITH_DRY_RUN_OF_MAMBA if compiled else _WITH_DRY_RUN)
    if dry_run and has_dry_run:
        return DRY_RUN
    if facts.command.tool == "conda" and _takes_plugins(facts, session):
        return PLUGIN
    return DRY_RUN if has_dry_run else ""


def _is_compiled(executable: str, session: Session) -> bool:
    """Is it micromamba or mamba 2? mamba 1 is a Python program, and goes by conda's commands."""
    return interpreter_of(executable, session.environ, session.cwd) is None


def lay(
    facts: Facts,
    session: Session,
    directory: str,
    *,
    typed: tuple[str, ...] = (),
    strict: bool = False,
) -> PluginRail:
    """The rail for a conda that loads plugins.

    ``directory`` is a private directory that must exist until :meth:`PluginRail.report` has
    returned. ``typed`` is the whole command line where conda runs inside ``conda run``. With
    ``strict``, conda stops if the plan cannot be judged. Raises OSError.
    """
    request = plan_request.about(facts, session, strict=strict).write(directory)
    lent = {**pythonpath.lent(_PLUGIN_DIRECTORY, session.environ), PLAN: request}
    return PluginRail(facts, typed or facts.command.words, lent, directory)


class PluginRail:
    """conda with our plugin. The plugin has the findings shown to the user while conda waits."""

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

    def report(self, result: Result) -> Report:
        """The decisions on all transactions of this command; the user has seen them already."""
        seen = tuple(plan_request.answers(self.directory))
        plan_not_judged = not seen and self._records() != self.before
        return Report(answers=seen, plan_not_judged=plan_not_judged, ended=result.exit_code)

    def _records(self) -> list[str]:
        return sorted(names_in(os.path.join(self.facts.environment.prefix, "conda-meta")))


# ---- does this conda take plugins? -------------------------------------------------------------


def _takes_plugins(facts: Facts, session: Session) -> bool:
    command = facts.command
    if "--no-plugins" in command.flags or "no_plugins" in command.flags:
        return False
    if not pythonpath.is_read(facts) or not _has_hook(facts.executable, session.environ):
        return False
    return not any(_switched_off(facts, session))


def _has_hook(executable: str, environ: Mapping[str, str]) -> bool:
    """Has this conda the plugin hook ``conda_pre_transaction_actions``? Older releases have not."""
    interpreter = interpreter_of(executable, environ, "/")
    if interpreter is None:
        return False
    place = os.path.dirname(os.path.dirname(os.path.realpath(interpreter)))
    hooks = os.path.join(stdlib_of(place), "site-packages", "conda", "plugins", "hookspec.py")
    return _HOOK in (read_bytes(hooks) or b"")


def _switched_off(facts: Facts, session: Session) -> Iterator[bool]:
    """For each setting that applies: does it switch off plugins, or the verification of
    transactions, in which our plugin runs?
    """
    environ, settings = session.environ, session.settings
    yield not condarc.is_false(environ.get("CONDA_NO_PLUGINS", ""))
    yield environ.get("CONDA_SAFETY_CHECKS", "").strip().lower() == "disabled"
    prefix = facts.environment.prefix
    search = condarc.search_for(facts.root_prefix, prefix, settings.home, environ)
    found = condarc.documents(("no_plugins", "safety_checks"), search, settings.cache_dir)
    for setting in condarc.scalars("no_plugins", found):
        yield not condarc.is_false(setting.items[0])
    for setting in condarc.scalars("safety_checks", found):
        yield setting.items[0].lower() not in ("enabled", "warn")
