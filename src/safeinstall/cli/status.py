"""``safeinstall status``: one environment at a glance."""

from __future__ import annotations

import datetime
import itertools
import os
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.errors import PolicyError
from safeinstall.files import is_below, names_in
from safeinstall.guard import advice, pasting
from safeinstall.journal import locate, operations, read, snapshot
from safeinstall.model import Target
from safeinstall.policy import load as policies
from safeinstall.probe import by_hand, import_path, inventory, past_changes, soundness, stranded
from safeinstall.probe import place as places
from safeinstall.probe.duplicate_metadata import doubled
from safeinstall.probe.environment import describe
from safeinstall.probe.shared_files import written_over
from safeinstall.protection import lay as protection
from safeinstall.render import pasted
from safeinstall.render import status as render
from safeinstall.render.look import look
from safeinstall.report import health
from safeinstall.report.health import Condition
from safeinstall.report.problems import Problem, Seen, problems
from safeinstall.settings import Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

    from safeinstall.model import Json
    from safeinstall.policy.merge import Policy
    from safeinstall.settings import Settings

_NEWEST = 50  # operations that are searched for problems
CONTENT = "what is in the files (doctor looks)"
NOT_LOOKED_AT = (CONTENT, "whether they can be imported")
_MOST_RECORDS = 500  # records of the user's mirror that are read


def status(
    prefix: str,
    settings: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    selector: Sequence[str] = (),
    as_json: bool = False,
) -> int:
    """Print the condition of the environment. ``selector`` are the options by which it was named.

    Returns 0, also if there are problems. Raises UsageError where there is no environment.
    """
    environments.require(prefix, settings, environ, selector)
    found = examine(prefix, settings, environ, selector)
    if as_json:
        render.as_json(found, out)
    else:
        now = datetime.datetime.now().astimezone()
        render.as_text(found, look(environ, out), now, out)
    return 0


def examine(
    prefix: str, settings: Settings, environ: Mapping[str, str], selector: Sequence[str] = ()
) -> Condition:
    """The condition of the environment, from its files and the newest records of its journal."""
    session = Session(settings, environ, os.getcwd())
    environment = places.with_name(describe(prefix), lambda: places.conda_installation(session))
    there = inventory.scan(environment, settings.cache_dir)
    sound = soundness.look(environment, there, settings.cache_dir)
    damages: list[read.Damage] = []
    files = read.of_prefix(prefix, settings.state_dir)
    found = operations.operations(read.records(files, damages), damages=damages)
    newest = list(itertools.islice(found, _NEWEST))
    episodes = past_changes.episodes(environment, there)
    handed_over = past_changes.handed_over(episodes)
    rails = tuple(protection.look(environment, there, session))
    moved = by_hand.read(environment, there).removable if environment.base else ()
    seen = Seen(
        environment=environment,
        inventory=there,
        python=places.python_prefix(environ, "/"),
        doubled=doubled(environment),
        written_over=tuple(written_over(environment, there, settings.cache_dir)),
        newest=newest,
        damages=damages,
        selector=selector,
        deny=_denied(session),
        elsewhere=import_path.elsewhere(environment, there, environ, settings.home),
        soundness=sound,
        strange=_strange(newest, [f for f in files if is_below(f, settings.state_dir)]),
        by_hand=moved,
        taken=_taken(session) if environment.base else (),
        rails=rails,
        stranded=stranded.look(environment, there),
    )
    return Condition(
        environment=environment,
        inventory=there,
        handed_over=handed_over,
        returned=health.returns(episodes, handed_over),
        last=next(iter(newest), None),
        drift=snapshot.drift(locate.journal(prefix, settings), there),
        problems=for_here(problems(seen), session),
        unseen=(*sound.unseen, *NOT_LOOKED_AT),
        rails=rails,
        begun=bool(newest) or not snapshot.is_first(locate.journal(prefix, settings)),
        here=seen.here,
    )


def for_here(found: Iterable[Problem], session: Session) -> tuple[Problem, ...]:
    """The problems, with commands for the conda, mamba or micromamba that is here."""
    every, where = tuple(found), pasting.words(session)
    policy = _policy(session) if any(p.otherwise is not None for p in every) else None
    opened = ((p, _open(p, session, policy)) for p in every)
    return tuple(p.replace(commands=pasted.lines(commands, where)) for p, commands in opened)


def _open(problem: Problem, session: Session, policy: Policy | None) -> tuple[str, ...]:
    """The commands; others where what comes after an uninstallation would be blocked."""
    if problem.otherwise is None or policy is None:
        return problem.commands
    blocked = any(advice.is_blocked(line, session, policy) for line in problem.commands)
    return problem.otherwise if blocked else problem.commands


def _taken(session: Session) -> set[str]:
    """The names in conda's directories of environments."""
    installation = places.conda_installation(session).replace(target=Target())
    return {name for place in installation.envs_dirs() for name in names_in(place)}


def _policy(session: Session) -> Policy | None:
    """The policy for the working directory; None if it is invalid, which every guarded command
    reports.
    """
    try:
        return policies.load(session.settings, session.cwd)
    except (PolicyError, FileNotFoundError):
        return None


def _denied(session: Session) -> tuple[str, ...]:
    policy = _policy(session)
    return policy.sources.deny if policy else ()


def _strange(newest: Sequence[Json], mirrors: Sequence[str]) -> set[str]:
    """The IDs of the operations that are not in the user's mirror: their records may have come with
    a copied environment.
    """
    records = itertools.islice(read.records(mirrors, []), _MOST_RECORDS)
    return _ids(newest) - _ids(records)


def _ids(records: Iterable[Json]) -> set[str]:
    """The IDs of the operations of these records; an ID that is no text is left out."""
    return {op for record in records if isinstance(op := record.get("op"), str)}
