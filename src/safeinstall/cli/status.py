"""``safeinstall status``: one environment at a glance."""

from __future__ import annotations

import datetime
import itertools
import os
from typing import TYPE_CHECKING

from safeinstall.errors import PolicyError, UsageError
from safeinstall.files import is_below
from safeinstall.journal import locate, operations, read, snapshot
from safeinstall.output.quoting import paste
from safeinstall.output.shown import is_command
from safeinstall.policy import load as policies
from safeinstall.probe import inventory, past_changes
from safeinstall.probe.duplicate_metadata import doubled
from safeinstall.probe.environment import describe
from safeinstall.render import status as render
from safeinstall.render.look import look
from safeinstall.report import health
from safeinstall.report.health import Condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

    from safeinstall.model import Json
    from safeinstall.settings import Settings

_NEWEST = 50  # operations that are looked at for what went wrong
_MOST_RECORDS = 500  # of the user's own copy


def status(
    prefix: str,
    settings: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    selector: Sequence[str] = (),
    as_json: bool = False,
) -> int:
    """Print how the environment stands. ``selector`` is what the user named it by.

    Answers 0, also where something is wrong. Raises UsageError where there is no environment.
    """
    found = examine(prefix, settings, selector)
    if as_json:
        render.as_json(found, out)
    else:
        now = datetime.datetime.now().astimezone()
        render.as_text(found, look(environ, out), now, out)
    return 0


def examine(prefix: str, settings: Settings, selector: Sequence[str] = ()) -> Condition:
    """Look at the environment and at the newest records of its journal."""
    environment = describe(prefix)
    if environment.kind == "missing":
        command = paste(["safeinstall", "history", "-p", prefix])
        more = f"; what is known of it: {command}" if is_command(command) else ""
        raise UsageError(f"there is no environment at {prefix}{more}")
    there = inventory.scan(environment)
    damages: list[read.Damage] = []
    files = read.of_prefix(prefix, settings.state_dir)
    found = operations.operations(read.records(files, damages), damages=damages)
    newest = list(itertools.islice(found, _NEWEST))
    episodes = past_changes.episodes(environment, there)
    handed_over = past_changes.handed_over(episodes)
    return Condition(
        environment=environment,
        inventory=there,
        handed_over=handed_over,
        returned=health.returns(episodes, handed_over),
        last=next(iter(newest), None),
        drift=snapshot.drift(locate.journal(prefix, settings), there),
        problems=health.problems(
            environment,
            there,
            doubled(environment),
            newest,
            damages,
            selector,
            _denied(settings),
            _strange(newest, [file for file in files if is_below(file, settings.state_dir)]),
        ),
    )


def _denied(settings: Settings) -> tuple[str, ...]:
    """What the policy in force here denies; of an invalid one every guarded command tells."""
    try:
        return policies.load(settings, os.getcwd()).sources.deny
    except (PolicyError, FileNotFoundError):
        return ()


def _strange(newest: Sequence[Json], mirrors: Sequence[str]) -> set[str]:
    """The IDs of the operations that the user's own copy does not know: the journal may have come
    with the environment.
    """
    records = itertools.islice(read.records(mirrors, []), _MOST_RECORDS)
    return _ids(newest) - _ids(records)


def _ids(records: Iterable[Json]) -> set[str]:
    """The operations that records name; what is no text names none."""
    return {op for record in records if isinstance(op := record.get("op"), str)}
