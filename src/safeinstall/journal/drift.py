"""The record of what was changed without the guard."""

from __future__ import annotations

from safeinstall.journal import actor, record, switched_off

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeinstall.journal import Journal
    from safeinstall.model import Change, Environment, Json


def entry(
    journal: Journal,
    environment: Environment,
    changes: Iterable[Change],
    environ: Mapping[str, str],
    base: str,
) -> Json:
    """The record of these changes, with what a door has seen since the last one while the guard was
    switched off, here or in ``base``, the prefix that conda runs in.
    """
    last = journal.last()
    since = str(last.get("time", "")) if last else ""
    return record.observed(
        "drift",
        actor=actor.current(environ),
        environment=environment,
        changes=changes,
        warnings=switched_off.told((environment.prefix, base), since),
    )
