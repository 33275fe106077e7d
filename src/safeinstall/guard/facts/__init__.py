"""The facts about one command, looked up on the disk when a rule first asks for them.

A fact that no rule asks for is never looked up and costs nothing. The facts are sealed before the
tool starts, so that nothing is read for the first time after the tool has changed it.
"""

from __future__ import annotations

import itertools
import os

from safeinstall import site_packages
from safeinstall.errors import JournalError
from safeinstall.files import names_in
from safeinstall.guard.facts import request  # noqa: F401 - it registers its look-ups
from safeinstall.guard.facts.looked_up import (
    Current,
    LookedUp,
    fact,
    fact_about,
    in_force,
    read_channels,
    read_installation,
)
from safeinstall.journal import locate, schema, snapshot
from safeinstall.model import (
    PIP_LIKE,
    Asked,
    Change,
    Command,
    CondaDistribution,
    Elsewhere,
    Environment,
    Facts,
    Forced,
    Inventory,
    Process,
    Target,
    Turn,
)
from safeinstall.output.quoting import paste
from safeinstall.probe import inventory as inventories
from safeinstall.probe import place as places
from safeinstall.probe import unreadable
from safeinstall.probe.environment import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Json

__all__ = ("LookedUp", "in_force")

_MOST_RECORDS = 500  # in which it is looked up what was said before


def _python_prefix(facts: LookedUp) -> str:
    return places.python_prefix(facts.shell.environ, facts.shell.cwd)


def _asked(facts: LookedUp) -> Asked:
    from safeinstall.probe import asked

    def read() -> Asked:
        return asked.read(facts.environment.prefix, facts.inventory, read_channels(facts))

    return facts.attempt("what the environment was asked for", read, Asked())


def _taken_names(facts: LookedUp) -> frozenset[str]:
    beside = os.path.dirname(facts.environment.prefix)
    places = dict.fromkeys((*read_installation(facts).envs_dirs(), beside))
    return frozenset(name for place in places for name in names_in(place))


def _astray(facts: LookedUp) -> tuple[str, ...]:
    environ, home = facts.shell.environ, facts.session.settings.home
    if not (environ.get("PYTHONUSERBASE") or environ.get("PYTHONPATH")):
        return ()
    from safeinstall.probe import pip_destination, shadows

    user = shadows.user_directory(facts.environment, environ, home)
    named = {
        "PYTHONUSERBASE": [user] if environ.get("PYTHONUSERBASE") and user else [],
        "PYTHONPATH": [p for p in environ.get("PYTHONPATH", "").split(os.pathsep) if p],
    }
    found = [n for n, each in named.items() if any(map(pip_destination.prefix_of, each))]
    # Without the one, this would lead into the user's home
    return (*found, *(["PIP_USER"] if "PYTHONUSERBASE" in found and "PIP_USER" in environ else []))


def _of_others(facts: LookedUp) -> tuple[CondaDistribution, ...]:
    """None for a virtual environment: its pip uninstalls nothing that is not in it."""
    pip = facts.command.tool == "pip" and (facts.command.asks_pip or facts.command.removes_by_pip)
    if not pip or facts.environment.kind == "venv" or not (facts.is_led and facts.shadows):
        return ()
    from safeinstall.probe import shadows

    cache_dir = facts.session.settings.cache_dir
    what = "what pip finds before the environment"
    return facts.attempt(what, lambda: shadows.of_others(facts.shadows, cache_dir), ())


# Advice asks for these, and there is advice after the tool has run, too
setattr(LookedUp, "python_prefix", Current(_python_prefix))  # noqa: B010 - as in fact
setattr(LookedUp, "asked", Current(_asked))  # noqa: B010
setattr(LookedUp, "taken_names", Current(_taken_names))  # noqa: B010
setattr(LookedUp, "astray", Current(_astray))  # noqa: B010
setattr(LookedUp, "unreadable", Current(lambda _: unreadable.noted()))  # noqa: B010
# Part of what the inventory is made of, so it is known as soon as that is
setattr(LookedUp, "outside", Current(lambda facts: frozenset(facts.shadows)))  # noqa: B010
setattr(LookedUp, "of_others", Current(_of_others))  # noqa: B010


# ---- the environment and what is in it -----------------------------------------------------


@fact
def environment(facts: LookedUp) -> Environment:
    found = describe(facts.place.prefix, facts.root_prefix)
    return places.with_name(found, lambda: read_installation(facts))


@fact
def command(facts: LookedUp) -> Command:
    """The command, with the paths in pip's ``--target``, ``--prefix`` and ``--root`` absolute. A
    user install whose user site is the environment's own site-packages is none.
    """
    command = facts.place.command
    if command.target.user and facts.is_own_user_site:
        command = command.replace(target=command.target.replace(user=False))
    if not command.target.directed:
        return command
    from safeinstall.probe import pip_destination

    target = pip_destination.resolved(command.target, facts.environment, facts.place.cwd)
    return command.replace(target=target)


@fact
def foreign_prefix(facts: LookedUp) -> str:
    command, environment = facts.command, facts.environment
    falls_back = facts.user_site == "fallback" and "--no-user" not in command.flags
    if not (command.target.directed or command.target.user or falls_back):
        return ""
    from safeinstall.probe import pip_destination, shadows

    if command.target.directed:
        return pip_destination.foreign_prefix(command.target, environment)
    if facts.user_site == "off":
        return ""
    environ, home = facts.session.environ, facts.session.settings.home
    base = shadows.user_base(environ, home)
    place = shadows.user_place(environment, environ, home)
    return pip_destination.foreign_among((base, place), environment)


@fact
def inventory(facts: LookedUp) -> Inventory:
    """The installed packages. Each distribution in a conda package also has the directory in
    which this pip finds another one before it (``shadow``).
    """
    found = facts.scanned
    if found.leftovers and facts.command.asks_pip:
        _note_leftovers(found.leftovers, facts.command)
    if not facts.shadows:
        return found
    from safeinstall.probe.shadows import as_seen

    seen = as_seen(found.conda_distributions, facts.shadows)
    return found.replace(conda_distributions=seen)


def _note_leftovers(paths: Iterable[str], command: Command) -> None:
    """Note what pip will take for the installed distribution, if the command asks for it."""
    asked = {spec.name for spec in command.specs}
    for path in paths:
        if inventories.name_of(path) in asked:
            unreadable.note("leftover", path)


@fact_about("what else is on sys.path")
def elsewhere(facts: LookedUp) -> tuple[Elsewhere, ...]:
    from safeinstall.probe import import_path

    command, environ, home = facts.command, facts.session.environ, facts.session.settings.home
    options = command.words[1 : command.launcher]
    return import_path.elsewhere(facts.environment, facts.scanned, environ, home, options)


# ---- the active environment ----------------------------------------------------------------


@fact
def active(facts: LookedUp) -> str | None:
    return places.active_prefix(facts.session.environ)


@fact
def around(facts: LookedUp) -> Environment:
    return describe(facts.active, facts.root_prefix) if facts.active else Facts.around


@fact
def active_has_pip(facts: LookedUp) -> bool:
    pip = os.path.join(facts.around.prefix, "bin", "pip")
    return bool(facts.active) and os.path.exists(pip)


@fact
def named_by_path(facts: LookedUp) -> bool:
    return "/" in facts.command.words[0] and not facts.is_condas


# ---- what happened before ------------------------------------------------------------------


@fact
def drift(facts: LookedUp) -> tuple[Change, ...]:
    """Raises JournalError where the journal cannot be read and the policy blocks on that."""
    if not facts.is_kept:
        return ()
    journal = facts.journal
    try:
        return unreadable.attempt(
            "journal", journal.places[0].path, lambda: snapshot.drift(journal, facts.inventory), ()
        )
    except JournalError as error:
        locate.tolerate(error, facts.policy, "what others have changed since is not known")
        return ()


@fact_about("what was said before")
def told(facts: LookedUp) -> frozenset[str]:
    return frozenset(str(finding.get("rule")) for finding in _findings(facts))


@fact_about("what was said before")
def advised(facts: LookedUp) -> frozenset[str]:
    if not facts.drift:
        return frozenset()
    commands = [str(fix) for finding in _findings(facts) for fix in finding.get("fixes") or ()]
    return frozenset(name for command in commands for name in _names_in(command))


@fact_about("what was done before")
def unfinished(facts: LookedUp) -> str:
    last = facts.journal.last() if facts.is_kept else None
    known = last is not None and last.get("kind") == "intent" and not schema.fault(last)
    return paste(last["argv"]) if last and known else ""


def _names_in(command: str) -> Iterator[str]:
    """The names of the packages in a command that was offered: what follows the verb."""
    from safeinstall.specs.requirement import parse

    verbs = ("install", "uninstall", "update", "remove")
    words = itertools.dropwhile(lambda word: word not in verbs, command.split())
    yield from (parse(word.strip("'\"")).name for word in words if word[0] != "-")


def _findings(facts: LookedUp) -> Iterator[Json]:
    """The findings in the newest records of the environment's journal."""
    records = facts.journal.backwards() if facts.is_kept else iter(())
    for record in itertools.islice(records, _MOST_RECORDS):
        if not schema.fault(record):
            yield from record.get("findings") or ()


@fact_about("what conda and pip did before")
def turns(facts: LookedUp) -> tuple[Turn, ...]:
    """Only where conda may have run after pip without the guard: this reads many files."""
    if facts.environment.kind != "conda" or not facts.residents:
        return ()
    unseen = facts.drift_by_conda if facts.drift else snapshot.is_first(facts.journal)
    if not unseen:
        return ()
    from safeinstall.probe import past_changes

    return past_changes.turns(past_changes.episodes(facts.environment, facts.inventory))


# ---- marks, the user site, running processes -----------------------------------------------


@fact_about("the marks of the environment")
def forced(facts: LookedUp) -> Forced | None:
    if not (facts.environment.frozen or facts.environment.externally_managed):
        return None
    from safeinstall.probe.protection import forced

    return forced(facts, facts.installation, facts.session.environ)


@fact_about("the environment that is to be replaced")
def replaced_environment(facts: LookedUp) -> Facts | None:
    """The facts about the environment at the destination of ``conda rename``."""
    where = facts.command.destination
    if not where:
        return None
    target = Target(prefix=where) if os.sep in where else Target(name=where)
    place = facts.place.replace(prefix=facts.installation.target_prefix(target))
    there = LookedUp(place, facts.session, facts.policy)
    if there.environment.kind not in ("conda", "venv"):
        return None
    return there.replace(command=facts.command, replaced_environment=None, drift=(), turns=())


@fact_about("the user's own packages")
def user_site(facts: LookedUp) -> str:
    if not facts.command.asks_pip or facts.command.tool not in PIP_LIKE[:1]:
        return "on"
    from safeinstall.probe.user_site import user_site

    found = user_site(facts.environment, facts.session.environ)
    return "on" if found == "fallback" and facts.is_own_user_site else found


@fact_about("the running processes")
def running(facts: LookedUp) -> tuple[Process, ...]:
    site_packages.enable()
    from safeinstall.probe import processes

    return processes.running(facts.environment.prefix)
