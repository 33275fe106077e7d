"""``safeinstall adopt``: record the packages of an environment as the beginning of its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.journal import actor, baseline, locate, snapshot
from safeinstall.output import stderr
from safeinstall.output.shown import one_line
from safeinstall.probe import inventory, place
from safeinstall.probe.environment import describe
from safeinstall.probe.past_changes import Episode, handed_over
from safeinstall.rebuild.chronicle import drift
from safeinstall.render.words import counted
from safeinstall.settings import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from safeinstall.journal import Journal
    from safeinstall.model import Environment, Inventory, Json


def adopt(prefix: str, session: Session, out: TextIO, *, quiet: bool = False) -> int:
    """Record a baseline, or, if there is one already, the changes since the last record. With
    ``quiet`` nothing is said where nothing is new.

    Returns 0. Raises UsageError if there is no environment, JournalError if the journal cannot be
    written, EnvironmentBusy if an operation is running in the environment.
    """
    root = place.conda_installation(session).root_prefix
    environment = describe(prefix, root)
    if not environments.is_one(environment):
        raise environments.not_there(prefix, session.settings, session.environ)
    with locate.lock(prefix, session.settings):
        journal = locate.journal(prefix, session.settings)
        said = list(_bring_up(journal, environment, session))
    name = environment.name or environment.prefix
    for text in said or ([] if quiet else ["adopted already; nothing has changed"]):
        out.write(one_line(f"{name}: {text}") + "\n")
    if journal.problem:
        stderr.note(f"the journal has one copy only: {journal.problem}")
    return 0


def _bring_up(journal: Journal, environment: Environment, session: Session) -> Iterator[str]:
    """Write the records that the journal lacks; yields a line about each."""
    found = inventory.scan(environment)
    before, last = journal.last(), journal.extend(())
    if last.get("kind") == "origin" and last != before:
        yield f"its journal came along from {last['origin']['prefix'] or 'elsewhere'}"
    for entry in drift(journal, environment, found, session):
        last = journal.append(entry)
        yield f"{counted(len(entry['changes']), 'change')} by others recorded"
    if not any(item.get("kind") == "baseline" for item in journal.backwards()):
        past = baseline.told(environment, found)
        who = actor.current(session.environ)
        last = journal.extend(baseline.entries(who, environment, found, past))
        yield from _summary(found, past)
    snapshot.keep(journal, last["seq"], found)


def _summary(found: Inventory, past: list[Json]) -> Iterator[str]:
    owners = sorted({package.owner for package in found.packages})
    counts = ", ".join(f"{len(found.owned_by(owner))} {owner}" for owner in owners)
    yield f"{counted(len(found.packages), 'package')} recorded" + f" ({counts})" * bool(counts)
    if past:
        count = counted(len(past), "earlier operation")
        yield f"{count} told by conda's history and the files, from {past[0]['time']}"
    episodes = [Episode(item["time"], item["owner"], tuple(item["names"])) for item in past]
    moment = handed_over(episodes)
    if moment:
        yield f"handed over to pip on {moment}"
