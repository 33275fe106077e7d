"""The facts about one command, looked up on the disk when a rule first asks for them.

A fact that no rule asks for is never looked up and costs nothing. The facts are sealed before the
tool starts, so that nothing is read for the first time after the tool has changed it.
"""

from __future__ import annotations

import itertools
import os

from safeinstall import site_packages
from safeinstall.errors import JournalError, NotAskedError
from safeinstall.files import names_in
from safeinstall.journal import actor, locate, schema, snapshot
from safeinstall.model import (
    CONDA_OWNERS,
    PIP_LIKE,
    AgeLimit,
    Asked,
    Change,
    Channels,
    Command,
    Elsewhere,
    Environment,
    Facts,
    Forced,
    Inventory,
    Need,
    Offer,
    Process,
    Resident,
    Shared,
    Spec,
    Target,
    Turn,
    Unreadable,
)
from safeinstall.output.quoting import paste
from safeinstall.policy import judge
from safeinstall.policy.merge import Circumstances
from safeinstall.policy.tighten import minutes
from safeinstall.probe import inventory as inventories
from safeinstall.probe import place as places
from safeinstall.probe import unreadable
from safeinstall.probe.environment import describe
from safeinstall.specs import markers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, ClassVar, Self, TypeVar

    from safeinstall.journal import Journal
    from safeinstall.model import Json, Package, Plan
    from safeinstall.policy.merge import Policy
    from safeinstall.probe.conda import Installation
    from safeinstall.probe.place import Place
    from safeinstall.settings import Session

    T = TypeVar("T")
    Other = TypeVar("Other")
    looked_up = property
else:

    class looked_up:  # noqa: N801 - used like ``property``, and remembers the answer
        """A fact: the function is called when the fact is first asked for, and only then."""

        def __init__(self, look: Callable[[Any], Any]) -> None:
            self.look = look
            self.name = look.__name__

        def __get__(self, facts: LookedUp | None, _: object = None) -> Any:
            if facts is None:
                return self
            if facts.__dict__["sealed"]:
                raise NotAskedError(self.name)
            answer = facts.__dict__[self.name] = self.look(facts)
            return answer


_MOST_RECORDS = 500  # in which it is looked up what was said before


class _Current:
    """A fact that is computed anew each time it is asked for."""

    def __init__(self, look: Callable[[Any], Any]) -> None:
        self.look = look

    def __get__(self, facts: LookedUp | None, _: object = None) -> Any:
        return self if facts is None else self.look(facts)


class LookedUp(Facts):
    """Facts about a command in an environment, under a policy.

    With ``dry_run``, conda's plan comes from a dry run where the command has one, not from the
    plugin while conda runs.
    """

    if TYPE_CHECKING:  # instance attributes; ClassVar keeps them out of the fields of the value
        place: ClassVar[Place]
        session: ClassVar[Session]  # as the command gets it
        shell: ClassVar[Session]  # where the user typed the command
        policy: ClassVar[Policy]
        dry_run: ClassVar[bool]
        sealed: ClassVar[bool]

    def __init__(
        self, place: Place, session: Session, policy: Policy, *, dry_run: bool = False
    ) -> None:
        self.__dict__.update(
            executable=place.executable,
            root_prefix=place.root_prefix,
            sources=policy.sources,
            place=place,
            session=session.replace(environ=place.environ, cwd=place.cwd),
            policy=policy,
            dry_run=dry_run,
            only_asked=dry_run,
            sealed=False,
            shell=session,
        )
        if policy.is_conditional:
            here = in_force(policy, self.environment, session)
            self.__dict__.update(policy=here, sources=here.sources)

    def seal(self) -> None:
        """From now on, a fact that was not looked up yet raises :class:`NotAskedError`."""
        self.__dict__["sealed"] = True

    def with_unreadable(self, item: Unreadable) -> Self:
        """Note an item that cannot be read, as one of ``unreadable``; returns these facts."""
        unreadable.note(*item.values())
        return self

    def attempt(self, what: str, look: Callable[[], T], otherwise: Other) -> T | Other:
        """``look()``; where that fails, ``otherwise``, and SI404 reports ``what``."""
        return unreadable.attempt(what, self.place.prefix, look, otherwise)

    def replace(self, **changes: Any) -> Self:
        """A copy with some facts changed. Facts that were not looked up yet still can be."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(changes)
        return copy

    @looked_up
    def scanned(self) -> Inventory:
        """The installed packages, without those that pip finds in directories before
        site-packages (see :meth:`shadows`).
        """
        return inventories.scan(self.environment, self.session.settings.cache_dir)

    @looked_up
    def shadows(self) -> Mapping[str, Package]:
        """Packages, by name, that this pip finds in directories before the environment's
        site-packages.
        """
        if self.command.tool != "pip" or not self.scanned.conda_distributions:
            return {}
        from safeinstall.probe import shadows

        session = self.session
        return self.attempt(
            "what pip finds before the environment",
            lambda: shadows.before(
                self.command, self.environment, session.environ, session.settings.home
            ),
            {},
        )

    @property
    def is_kept(self) -> bool:
        """Is there a journal of the environment, or will there be one?"""
        return self.environment.kind in ("conda", "venv")

    @property
    def journal(self) -> Journal:
        """The environment's journal."""
        return locate.journal(self.environment.prefix, self.session.settings)

    @looked_up
    def effective_channels(self) -> Channels:
        """The channels that conda would take packages from here."""
        return _effective_channels(self)

    @looked_up
    def installation(self) -> Installation:
        """The conda installation of this session: its root prefix and condarc files."""
        return _installation(self)

    def is_there(self, file: str) -> bool:
        """Can the tool read this requirements file?"""
        path = os.path.join(self.session.cwd, file)
        is_stdin = file == "-" and self.command.tool == "uv"
        return is_stdin or (os.access(path, os.R_OK) and not os.path.isdir(path))

    @looked_up
    def way_to_plan(self) -> str:
        """How conda's plan can be seen: "plugin", "dry-run", or "" where it cannot or need not."""
        variants = self.variants  # in any case: it is asked for again when the tool has ended
        at_stake = self.conda_may_touch or has_gpu_build(variants)
        if not (at_stake or variants or self.may_bring_denied):
            return ""
        from safeinstall.rails import conda

        way = conda.way(self, self.session, dry_run=self.dry_run)
        # Denied packages are also found after the command has run, and to lose MPI or to get a GPU
        # build is told then. For these alone a dry run, which takes as long as the command itself,
        # is not worth its time.
        worth_while = at_stake or self.dry_run or way == conda.PLUGIN
        return way if worth_while else ""

    @looked_up
    def plan(self) -> Plan | None:
        """conda's plan from a dry run; ``None`` where the plugin shows it or the tool told none."""
        return self.attempt("conda's plan", self._planned, None)

    def _planned(self) -> Plan | None:
        if self.way_to_plan != "dry-run":
            return None
        from safeinstall.rails import conda_dry_run

        plan = conda_dry_run.plan(self, self.session)
        return with_residents(plan, self) if plan is not None else None


def in_force(policy: Policy, environment: Environment, session: Session) -> Policy:
    """The policy for an environment, and for whoever has started the session."""
    actors = actor.kinds(session.environ)
    return policy.within(Circumstances(environment.name, environment.prefix, actors))


def _fact(look: Callable[[LookedUp], Any]) -> Callable[[LookedUp], Any]:
    """Register the function as the look-up of the field of :class:`Facts` with its name."""
    setattr(LookedUp, look.__name__, looked_up(look))
    return look


def _fact_about(what: str) -> Callable[[Callable[[LookedUp], Any]], Callable[[LookedUp], Any]]:
    """As :func:`_fact`, for a function that may fail: then the field has its default, and SI404
    reports ``what``.
    """

    def register(look: Callable[[LookedUp], Any]) -> Callable[[LookedUp], Any]:
        default = getattr(Facts, look.__name__)

        def tolerant(facts: LookedUp) -> Any:
            return facts.attempt(what, lambda: look(facts), default)

        tolerant.__name__ = look.__name__
        return _fact(tolerant)

    return register


def _python_prefix(facts: LookedUp) -> str:
    return places.python_prefix(facts.shell.environ, facts.shell.cwd)


def _installation(facts: LookedUp) -> Installation:
    if facts.is_condas:
        known = places.installation_of(facts.place.command, facts.executable, facts.session)
    else:
        known = places.conda_installation(facts.session)
    return known.replace(root_prefix=facts.root_prefix or known.root_prefix)


def _effective_channels(facts: LookedUp) -> Channels:
    from safeinstall.probe.channels import effective

    return effective(facts.command, _installation(facts), facts.environment.prefix)


def _asked(facts: LookedUp) -> Asked:
    from safeinstall.probe import asked

    def read() -> Asked:
        return asked.read(facts.environment.prefix, facts.inventory, _effective_channels(facts))

    return facts.attempt("what the environment was asked for", read, Asked())


def _taken_names(facts: LookedUp) -> frozenset[str]:
    beside = os.path.dirname(facts.environment.prefix)
    places = dict.fromkeys((*_installation(facts).envs_dirs(), beside))
    return frozenset(name for place in places for name in names_in(place))


# Advice asks for these, and there is advice after the tool has run, too
setattr(LookedUp, "python_prefix", _Current(_python_prefix))  # noqa: B010 - as in _fact
setattr(LookedUp, "asked", _Current(_asked))  # noqa: B010
setattr(LookedUp, "taken_names", _Current(_taken_names))  # noqa: B010
setattr(LookedUp, "unreadable", _Current(lambda _: unreadable.noted()))  # noqa: B010
# Part of what the inventory is made of, so it is known as soon as that is
setattr(LookedUp, "outside", _Current(lambda facts: frozenset(facts.shadows)))  # noqa: B010


# ---- the environment and what is in it -----------------------------------------------------


@_fact
def environment(facts: LookedUp) -> Environment:
    found = describe(facts.place.prefix, facts.root_prefix)
    return places.with_name(found, lambda: _installation(facts))


@_fact
def command(facts: LookedUp) -> Command:
    """The command, with the paths in pip's ``--target``, ``--prefix`` and ``--root`` absolute."""
    command = facts.place.command
    if not command.target.directed:
        return command
    from safeinstall.probe import pip_destination

    target = pip_destination.resolved(command.target, facts.environment, facts.place.cwd)
    return command.replace(target=target)


@_fact
def foreign_prefix(facts: LookedUp) -> str:
    if not facts.command.target.directed:
        return ""
    from safeinstall.probe import pip_destination

    return pip_destination.foreign_prefix(facts.command.target, facts.environment)


@_fact
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


@_fact_about("what else is on sys.path")
def elsewhere(facts: LookedUp) -> tuple[Elsewhere, ...]:
    from safeinstall.probe import import_path

    command, environ, home = facts.command, facts.session.environ, facts.session.settings.home
    options = command.words[1 : command.launcher]
    return import_path.elsewhere(facts.environment, facts.scanned, environ, home, options)


# ---- the active environment ----------------------------------------------------------------


@_fact
def active(facts: LookedUp) -> str | None:
    return places.active_prefix(facts.session.environ)


@_fact
def around(facts: LookedUp) -> Environment:
    return describe(facts.active, facts.root_prefix) if facts.active else Facts.around


@_fact
def active_has_pip(facts: LookedUp) -> bool:
    pip = os.path.join(facts.around.prefix, "bin", "pip")
    return bool(facts.active) and os.path.exists(pip)


@_fact
def named_by_path(facts: LookedUp) -> bool:
    return "/" in facts.command.words[0] and not facts.is_condas


# ---- what happened before ------------------------------------------------------------------


@_fact
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


@_fact_about("what was said before")
def told(facts: LookedUp) -> frozenset[str]:
    return frozenset(str(finding.get("rule")) for finding in _findings(facts))


@_fact_about("what was said before")
def advised(facts: LookedUp) -> frozenset[str]:
    if not facts.drift:
        return frozenset()
    commands = [str(fix) for finding in _findings(facts) for fix in finding.get("fixes") or ()]
    return frozenset(name for command in commands for name in _names_in(command))


@_fact_about("what was done before")
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


@_fact_about("what conda and pip did before")
def turns(facts: LookedUp) -> tuple[Turn, ...]:
    """Only where conda may have run after pip without the guard: this reads many files."""
    if facts.environment.kind != "conda" or not facts.residents:
        return ()
    unseen = facts.drift_by_conda if facts.drift else snapshot.is_first(facts.journal)
    if not unseen:
        return ()
    from safeinstall.probe import past_changes

    return past_changes.turns(past_changes.episodes(facts.environment, facts.inventory))


# ---- channels, and what they have ----------------------------------------------------------


@_fact_about("conda's channels")
def channels(facts: LookedUp) -> Channels | None:
    return facts.effective_channels if facts.command.asks_conda else None


@_fact_about("what the channels have")
def offers(facts: LookedUp) -> tuple[Offer, ...]:
    """Empty where the cache has no channel's package list."""
    cache = facts.session.settings.cache_dir
    wanted = facts.wanted_by_name
    if not wanted or not os.path.exists(os.path.join(cache, "repodata", "places")):
        return ()
    from safeinstall.probe import repodata
    from safeinstall.specs.conda_names import conda_names

    names = {spec.name: conda_names(spec.name) for spec in wanted}
    return repodata.offers(names, facts.effective_channels, cache)


@_fact_about("what conda's packages contain")
def known_contents(facts: LookedUp) -> Mapping[str, frozenset[str]]:
    """Only of packages that an environment file with a part for pip asks conda for."""
    if not facts.command.pip_specs or not facts.command.conda_specs:
        return {}
    from safeinstall.probe import package_contents

    known = facts.installation.replace(target=Target(prefix=facts.environment.prefix))
    places = known.unpacked_dirs()
    asked = {spec.name: spec.version for spec in facts.command.conda_specs}
    return package_contents.of_requested(asked, facts.inventory, places)


@_fact_about("the links into the package cache")
def links_into_cache(facts: LookedUp) -> Mapping[str, tuple[str, ...]]:
    if not facts.is_condas or facts.command.verb != "clean":
        return {}
    from safeinstall.probe import soft_links

    return soft_links.at_stake(facts.command, facts.executable, facts.installation)


# ---- marks, the user site, running processes -----------------------------------------------


@_fact_about("the marks of the environment")
def forced(facts: LookedUp) -> Forced | None:
    if not (facts.environment.frozen or facts.environment.externally_managed):
        return None
    from safeinstall.probe.protection import forced

    return forced(facts, facts.installation, facts.session.environ)


@_fact_about("pip's settings")
def set_by(facts: LookedUp) -> Mapping[str, str]:
    """For those options about the destination that are not on the command line."""
    command = facts.command
    started = facts.typed is not None  # then nobody has chosen its interpreter by a setting
    if command.tool != "pip" or not (facts.leaves_environment or started):
        return {}
    from safeinstall import argv
    from safeinstall.probe import pip_config

    bare = argv.parse(command.words, argv.Context({}, facts.session.cwd, lambda _: None, {}))
    unset = [name for field, name in _DESTINATIONS.items() if not getattr(bare.target, field)]
    place, settings = facts.place, facts.session.settings
    prefixes = dict.fromkeys(unset, place.prefix)
    if started and facts.active:
        prefixes["python"] = facts.active  # the pip of that environment starts the other one
    found = {
        f"--{name}": pip_config.set_by(
            name, prefix, place.environ, settings.home, settings.cache_dir
        )
        for name, prefix in prefixes.items()
    }
    return {option: where for option, where in found.items() if where}


_DESTINATIONS = {  # fields of a Target, and the options of pip
    "user": "user",
    "directory": "target",
    "scheme_prefix": "prefix",
    "root": "root",
}


@_fact_about("the environment that is to be replaced")
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


@_fact_about("the user's own packages")
def user_site(facts: LookedUp) -> str:
    if not facts.command.asks_pip or facts.command.tool not in PIP_LIKE[:1]:
        return "on"
    from safeinstall.probe.user_site import user_site

    return user_site(facts.environment, facts.session.environ)


@_fact_about("the running processes")
def running(facts: LookedUp) -> tuple[Process, ...]:
    site_packages.enable()
    from safeinstall.probe import processes

    return processes.running(facts.environment.prefix)


# ---- constraints for pip -------------------------------------------------------------------


@_fact
def exempt(facts: LookedUp) -> Mapping[str, frozenset[str]]:
    return judge.exempt(facts.policy, facts.environment)


@_fact
def age_limit(facts: LookedUp) -> AgeLimit | None:
    if not minutes(facts.sources.min_age) or not (
        facts.command.asks_pip or facts.command.asks_conda
    ):
        return None
    from safeinstall.probe import release_age

    return release_age.limit(facts.command, facts.place, minutes(facts.sources.min_age) or 0)


@_fact
def satisfied(facts: LookedUp) -> frozenset[str] | None:
    from safeinstall.probe.satisfied import reached

    return reached(facts, facts.session)


@_fact
def needed(facts: LookedUp) -> tuple[Need, ...]:
    from safeinstall.probe import conda_requirements

    return conda_requirements.required(facts, facts.session.settings.cache_dir)


@_fact_about("what conda-owned packages require")
def still_needed(facts: LookedUp) -> tuple[Need, ...]:
    if not facts.command.removes_by_pip or facts.environment.kind != "conda":
        return ()
    names = {spec.name for spec in facts.command.specs}
    return tuple(need for need in facts.needed if need.name in names)


@_fact_about("what was put into base by hand")
def by_hand(facts: LookedUp) -> frozenset[str]:
    command = facts.command
    if not facts.environment.base or command.verb not in ("remove", "uninstall"):
        return frozenset()
    from safeinstall.probe import by_hand

    found = by_hand.read(facts.environment, facts.inventory)
    by_pip = command.removes_by_pip
    return frozenset((p.name for p in found.pip) if by_pip else found.conda)


@_fact_about("which files conda-owned packages have")
def shared(facts: LookedUp) -> tuple[Shared, ...]:
    if not facts.command.removes_by_pip or facts.environment.kind != "conda":
        return ()
    from safeinstall.probe import shared_files

    names = {spec.name for spec in facts.command.specs}
    return shared_files.shared(facts.inventory, facts.environment.prefix, names)


@_fact_about("the files that the command names")
def unseen(facts: LookedUp) -> tuple[str, ...]:
    """Requirements files that are pipes or URLs. A file that the tool cannot read is not among
    them: the tool itself reports that.
    """
    if not facts.command.removes_by_pip or facts.environment.kind != "conda":
        return ()
    files = [spec.raw for spec in facts.command.specs if spec.kind == "file"]
    return tuple(file for file in files if "://" in file or facts.is_there(file))


# ---- what pip is asked for -----------------------------------------------------------------


def _new_to_pip(facts: LookedUp) -> list[Spec]:
    """The pip specs that apply here, of distributions that the environment does not have."""
    python = facts.environment.python
    there = {found.name for found in facts.inventory.conda_distributions}
    there |= {package.name for package in facts.residents}
    return [
        spec
        for spec in facts.command.pip_specs
        if spec.name not in there and markers.may_hold(spec.raw.partition(";")[2], python)
    ]


@_fact
def impostors(facts: LookedUp) -> tuple[Spec, ...]:
    if not facts.command.pip_specs:
        return ()
    from safeinstall.specs import impostors

    python = facts.environment.python
    met = [(spec, impostors.of(spec.name, python)) for spec in _new_to_pip(facts)]
    # conda's own repository has the true conda; a backport is one wherever it comes from
    return tuple(s for s, found in met if found and (s.kind == "name" or any(found.since)))


@_fact
def twins(facts: LookedUp) -> tuple[Spec, ...]:
    command = facts.command
    if facts.environment.kind != "conda" or not command.pip_specs:
        return ()
    if "--no-binary" in command.flags or command.target.directed or command.target.user:
        return ()
    if not command.keeps_installed:  # what of conda's stays is known when that pip starts
        return ()
    from safeinstall.specs import native_twins

    owned = {package.name: package.version for package in facts.inventory.owned_by(*CONDA_OWNERS)}
    if native_twins.CONDA.isdisjoint(owned):
        return ()
    return tuple(
        spec
        for spec in _new_to_pip(facts)
        if spec.kind == "name" or spec.raw.endswith(".whl")
        if native_twins.is_twin(native_twins.names(spec.name, spec.extras), owned)
    )


# ---- conda's plan --------------------------------------------------------------------------


@_fact
def variants(facts: LookedUp) -> tuple[Package, ...]:
    if not facts.conda_changes_some:
        return ()
    from safeinstall.specs import variants

    # conda goes by its records, also of what pip has uninstalled
    records = (*facts.inventory.owned_by(*CONDA_OWNERS), *facts.inventory.gone)
    return tuple(filter(variants.matters, records))


def has_gpu_build(packages: tuple[Package, ...]) -> bool:
    """Is one of the packages built for a GPU, or part of CUDA?"""
    if not packages:
        return False
    from safeinstall.specs import variants

    return any(variants.is_for_gpu(package) for package in packages)


@_fact_about("conda's plan")
def plan_is_seen(facts: LookedUp) -> bool:
    return facts.way_to_plan == "plugin" or facts.plan is not None


def with_residents(plan: Plan, facts: Facts) -> Plan:
    """The plan with the installed distributions that conda does not own. Imports ``packaging``."""
    if not facts.conda_may_touch:
        return plan
    site_packages.enable()
    prefix = facts.environment.prefix
    written = {path for package in plan.link for path in package.files or ()}
    taken = {path for package in plan.unlink for path in package.files or ()}
    return plan.replace(
        residents=tuple(_described(p, prefix, written, written | taken) for p in facts.residents)
    )


def _described(package: Package, prefix: str, written: set[str], touched: set[str]) -> Resident:
    """The distribution with its files: which of those that the plan would write over have other
    content by now, and which of those that it would touch nobody would miss. If its RECORD is
    incomplete, it gets the unlisted files that the plan would write over, too.
    """
    from safeinstall.probe import distribution

    def described() -> Resident:
        found = distribution.describe(package, prefix)
        if found.partly:
            found = distribution.with_unlisted(found, prefix, written)
        found = distribution.with_spare(found, prefix, touched)
        return distribution.with_lost(found, prefix, written)

    unknown = Resident(
        package.name,
        package.version,
        package.owner,
        requires=None,
        unread=package.location,
        partly=True,
    )
    return unreadable.attempt("installed files", package.location, described, unknown)
