"""``safeinstall adopt``: keep what is in an environment now, as the beginning of its journal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from safeinstall import records
from safeinstall.errors import UsageError
from safeinstall.journal import actor, baseline, record, snapshot
from safeinstall.probe import inventory, situation
from safeinstall.probe.environment import describe
from safeinstall.probe.past import Episode, handed_over
from safeinstall.render.look import printable
from safeinstall.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from safeinstall.journal import Journal
    from safeinstall.model import Environment, Inventory, Json
    from safeinstall.settings import Settings


def adopt(
    prefix: str, configuration: Settings, environ: Mapping[str, str], cwd: str, out: TextIO
) -> int:
    """Write a baseline, or what changed since the last record where there is one already.

    Answers 0. Raises UsageError where there is no environment, JournalError where nothing can be
    written, EnvironmentBusy where an operation is going on in it.
    """
    root = situation.conda_installation(configuration, environ, cwd).root_prefix
    environment = describe(prefix, root)
    if environment.kind == "missing":
        raise UsageError(f"there is no environment at {prefix}")
    with records.lock(prefix, configuration):
        found = inventory.scan(environment)
        journal = records.journal(prefix, configuration)
        who = actor.current(environ)
        drift = snapshot.drift(journal, found)
        last: Json | None = None
        if drift:
            entry = record.observed("drift", actor=who, environment=environment, changes=drift)
            last = journal.append(entry)
            out.write(
                f"{_name(environment)}: {counted(len(drift), 'change')} by others, recorded\n"
            )
        if not any(item.get("kind") == "baseline" for item in journal.backwards()):
            past = baseline.told(environment, found)
            last = journal.extend(baseline.entries(who, environment, found, past))
            out.writelines(f"{line}\n" for line in _summary(environment, found, past))
        if last:
            snapshot.keep(journal, last["seq"], found)
            _say_problem(journal)
        else:
            out.write(f"{_name(environment)}: adopted already; nothing has changed since\n")
    return 0


def _summary(environment: Environment, found: Inventory, past: list[Json]) -> list[str]:
    owners = sorted({package.owner for package in found.packages})
    counts = [f"{len(found.owned_by(owner))} {owner}" for owner in owners]
    told = f" ({', '.join(counts)})" if counts else ""
    lines = [f"{_name(environment)}: {counted(len(found.packages), 'package')}{told} recorded"]
    if past:
        earlier = counted(len(past), "earlier operation")
        lines.append(f"  {earlier} told by conda's history and the files, from {past[0]['time']}")
    episodes = [Episode(item["time"], item["owner"], tuple(item["names"])) for item in past]
    moment = handed_over(episodes)
    if moment:
        lines.append(f"  handed over to pip on {moment}")
    return lines


def _name(environment: Environment) -> str:
    return printable(environment.name or environment.prefix)


def _say_problem(journal: Journal) -> None:
    if journal.problem:
        sys.stderr.write(f"safeinstall: the journal has one copy only: {journal.problem}\n")
