"""conda's plan from a dry run: the same command with ``--dry-run --json``, and stdin closed."""

from __future__ import annotations

import subprocess

from safeinstall import canonical
from safeinstall.model import Plan, Target
from safeinstall.probe import place
from safeinstall.rails import conda_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.model import Facts
    from safeinstall.settings import Session

# Words in the names of temporary errors: after these, the real command may still succeed.
_PASSING = ("http", "connection", "proxy", "ssl", "lock", "timeout", "oserror", "unexpected")


def plan(facts: Facts, session: Session) -> Plan | None:
    """The transaction that the command would carry out; ``None`` where the tool did not show it.

    For a command that the tool refuses, the plan is empty.
    """
    document = _answer(facts, session)
    if document is None:
        return None
    if document.get("success") is not True:
        return None if _may_pass(document) else Plan()
    if not isinstance(document.get("actions", {}), dict):
        return None
    return conda_plan.from_dry_run(document, facts.environment, _packages_dirs(facts, session))


def _answer(facts: Facts, session: Session) -> dict[str, Any] | None:
    """The JSON object on the tool's stdout."""
    command = facts.command
    target = {} if command.target.named else {"CONDA_PREFIX": facts.environment.prefix}
    try:
        done = subprocess.run(
            words(command.words),
            executable=facts.executable,
            env={**session.environ, **target},
            cwd=session.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, ValueError):
        return None
    return canonical.decode_object(done.stdout)


def words(typed: tuple[str, ...]) -> list[str]:
    """The command with ``--dry-run --json``, placed before ``--``, which ends the options."""
    end = typed.index("--") if "--" in typed else len(typed)
    return [*typed[:end], "--dry-run", "--json", *typed[end:]]


def _may_pass(document: dict[str, Any]) -> bool:
    name = str(document.get("exception_name") or "").lower()
    return any(word in name for word in _PASSING)


def _packages_dirs(facts: Facts, session: Session) -> list[str]:
    known = place.installation_of(facts.command, facts.executable, session).replace(
        root_prefix=facts.root_prefix, target=Target(prefix=facts.environment.prefix)
    )
    return known.unpacked_dirs()
